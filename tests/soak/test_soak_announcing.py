"""20,000 recipients, workers killed over and over: on both databases, as fast as it goes and under a cap."""

import os

import pytest
from announcements.killing import assert_all_is_well, killed_over_and_over
from store.factories import KEY, own_database

from bot.bench.announce import opened
from bot.bench.bulk_worker import WIDTH
from bot.bench.servers import started

KILLS = 12


@pytest.mark.soak
@pytest.mark.process
@pytest.mark.parametrize("per_s", [None, 500.0, 60.0])
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_killed_a_dozen_times(tmp_path, database, per_s):
    url = f"sqlite:///{tmp_path / 'k.sqlite3'}"
    if database == "postgresql":
        if "HOCNGHE_TEST_DATABASE" not in os.environ:
            pytest.skip("HOCNGHE_TEST_DATABASE names no PostgreSQL: make soak brings one")
        url = own_database(f"killed at {per_s}")
    recipients = {None: 20_000, 500.0: 10_000}.get(per_s, 1_500)
    store = opened(url, KEY)
    with started("bot.bench.bulk_stub", "{port}", ready="/count") as stub:
        told = killed_over_and_over(store, url, stub, recipients, KILLS, per_s)
    store.close()
    print(f"{database}, {per_s or 'no cap'}: {told}")
    assert_all_is_well(told, recipients, WIDTH)
    if per_s != 60.0:  # so slowly a kill may find nothing on the wire
        assert told.states.get("unknown", 0) > 0, "no kill came in the middle: the test shows nothing"
