"""`hocnghe announce` in two shells at the same moment: people are told once."""

import threading
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest
from announcements.ledger_stage import HERE
from store.factories import KEY

from bot.bench.announce import composed
from bot.bench.bulk_worker import LINE
from bot.commands import announcing
from bot.model import BotError
from bot.store.crypto import Cipher
from bot.store.sql_announcements import SqlAnnouncements
from bot.store.sql_desk_store import SqlDeskStore


@pytest.mark.parametrize("again", [False, True])
def test_two_shells_at_the_same_moment_tell_people_once(house, monkeypatch, again):
    house.registers(1)
    one = replace(composed(house.now[0]), communes=(HERE,))
    look = SqlAnnouncements.same

    def slow(*asked):
        found = look(*asked)
        time.sleep(0.15)  # long enough for the other one to look, too
        return found

    monkeypatch.setattr(SqlAnnouncements, "same", slow)
    start, told = threading.Barrier(2), []

    def shell():
        store = SqlDeskStore(house.store.engine, Cipher(KEY))
        settings = SimpleNamespace(lines=lambda: frozenset({(LINE.channel, LINE.account)}))
        book = SimpleNamespace(communes={HERE: ("Xã Nà Pàn", "12")})
        here = SimpleNamespace(store=store, clock=house.clock, settings=settings,
                               understanding=SimpleNamespace(book=book))  # fmt: skip
        start.wait()
        try:
            told.append(announcing._run(here, one, again=again, dry_run=False)["state"])
        except BotError as refused:
            told.append(str(refused))

    shells = [threading.Thread(target=shell) for _ in range(2)]
    for thread in shells:
        thread.start()
    for thread in shells:
        thread.join()
    refused = [said for said in told if "said the same" in said]
    assert sorted(t for t in told if t not in refused) == ["scheduled"] * (2 if again else 1)
    assert len(refused) == (0 if again else 1)
