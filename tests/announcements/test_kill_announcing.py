"""kill -9 in the middle of an announcement: nobody is lost, nobody gets it twice, what cannot be known is counted."""

import pytest
from announcements.killing import assert_all_is_well, killed_over_and_over
from store.factories import KEY, engine_at

from bot.bench.announce import opened
from bot.bench.bulk_worker import WIDTH
from bot.bench.servers import started


@pytest.mark.process
def test_killed_twice_nobody_is_lost_and_nobody_gets_it_twice(tmp_path):
    url = engine_at(tmp_path / "k.sqlite3").url.render_as_string(hide_password=False)
    store = opened(url, KEY)
    with started("bot.bench.bulk_stub", "{port}", ready="/count") as stub:
        told = killed_over_and_over(store, url, stub, 400, 2)
    store.close()
    assert_all_is_well(told, 400, WIDTH)
    assert told.kills == 2
