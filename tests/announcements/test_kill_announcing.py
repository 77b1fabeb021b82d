"""kill -9 in the middle of an announcement: nobody is lost, nobody gets it twice, what cannot be known is counted."""

import os

import pytest
from announcements.killing import assert_all_is_well, killed_over_and_over
from store.factories import KEY, engine_at

from bot.announcements.rates import capped
from bot.bench.announce import emptied, opened
from bot.bench.bulk_worker import WIDTH
from bot.bench.servers import started

IN_FLIGHT = capped(None, WIDTH).marked  # requests that are about to leave or open, of one worker
POSTGRESQL = os.environ.get("HOCNGHE_TEST_DATABASE_URL", "")  # an empty database of the tests' own


@pytest.mark.process
def test_killed_twice_nobody_is_lost_and_nobody_gets_it_twice(tmp_path):
    url = engine_at(tmp_path / "k.sqlite3").url.render_as_string(hide_password=False)
    store = opened(url, KEY)
    with started("bot.bench.bulk_stub", "{port}", ready="/count") as stub:
        told = killed_over_and_over(store, url, stub, 400, 2)
    store.close()
    assert_all_is_well(told, 400, IN_FLIGHT)
    assert told.kills == 2


@pytest.mark.soak
@pytest.mark.process
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_killed_a_dozen_times_among_twenty_thousand(tmp_path, database):
    if database == "postgresql" and not POSTGRESQL:
        pytest.skip("HOCNGHE_TEST_DATABASE_URL names no PostgreSQL")
    url = POSTGRESQL if database == "postgresql" else f"sqlite:///{tmp_path / 'k.sqlite3'}"
    store = opened(url, KEY)
    with started("bot.bench.bulk_stub", "{port}", ready="/count") as stub:
        told = killed_over_and_over(store, url, stub, 20_000, 12)
    if database == "postgresql":
        emptied(store)
    store.close()
    print(f"{database}: {told}")
    assert_all_is_well(told, 20_000, IN_FLIGHT)
    assert told.states.get("unknown", 0) > 0, "no kill came in the middle: the test shows nothing"
