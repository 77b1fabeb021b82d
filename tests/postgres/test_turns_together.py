"""Whole turns from several threads, each with connections of its own as a process has: in order, once, no deadlock."""

import itertools
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from store.factories import KEY, own_database

from bot import demo
from bot.app import App, Asked
from bot.leading import LEASE, Leader
from bot.model import Contact, Incoming
from bot.store.crypto import Cipher
from bot.store.engines import connect
from bot.store.records import VIETNAM
from bot.store.sql_desk_store import SqlDeskStore

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=VIETNAM)
PEOPLE = [Contact("telegram", "bot", str(number)) for number in range(8)]
SAID = ("chào em", "học nghề có mất tiền không", "form:registration", "field:abc", "may công nghiệp", "gặp cán bộ")


@pytest.fixture
def stores(request):
    """Three stores as three processes have them."""
    url = own_database(request.node.name)
    made = [SqlDeskStore(connect(url), Cipher(KEY)) for _ in range(3)]
    with made[0].transaction() as unit:
        demo.seed(unit, NOON)
    yield made
    for store in made:
        store.close()


def test_the_same_updates_from_three_processes_are_taken_once(stores, understanding, catalogue):
    receipts = (f"HN-{''.join(drawn)}A" for drawn in itertools.product("ACDEFGH", repeat=5))
    apps = [App(s, understanding, catalogue, lambda: NOON, receipts=lambda: next(receipts)) for s in stores]

    def round_of(app, turn, words):
        """Each process has all people, in an order of its own; all must agree on one order of locks."""
        people = PEOPLE[:: -1 if app is apps[1] else 1]
        choice = words if ":" in words else None
        return app.handle_together(
            [Asked(Incoming(f"u{turn}", who, NOON, "" if choice else words, choice)) for who in people]
        )

    with ThreadPoolExecutor(len(apps)) as threads:
        for turn, words in enumerate(SAID):
            done = [f.result(60) for f in [threads.submit(round_of, app, turn, words) for app in apps]]
            flat = [handled for each in done for handled in each]
            assert not [h for h in flat if isinstance(h, Exception)]
            assert sum(not h.duplicate for h in flat) == len(PEOPLE)
    with stores[0].engine.connect() as db:
        seen = db.execute(text("SELECT contact_id, count(*) FROM seen_updates GROUP BY contact_id")).all()
    assert Counter(n for _, n in seen) == Counter({len(SAID): len(PEOPLE)})
    with stores[0].transaction() as unit:
        for who in PEOPLE:
            answers = [m.update_id for m in unit.messages(who) if m.reply is not None]
            assert list(dict.fromkeys(answers)) == [f"u{turn}" for turn in range(len(SAID))]


def test_people_met_by_three_processes_at_once_are_met_once(stores, understanding, catalogue):
    apps = [App(s, understanding, catalogue, lambda: NOON) for s in stores]
    newcomers = [Contact("telegram", "bot", f"new-{n}") for n in range(20)]
    with ThreadPoolExecutor(3) as threads:
        jobs = [
            threads.submit(app.handle, Incoming(f"{n}", who, NOON, "chào em"))
            for who in newcomers
            for n, app in enumerate(apps)
        ]
        assert not any(job.result(60).duplicate for job in jobs)
    with stores[0].engine.connect() as db:
        assert db.execute(text("SELECT count(*) FROM contacts")).scalar() == len(newcomers)


def test_a_talk_that_is_erased_while_others_go_on(stores, understanding, catalogue):
    apps = [App(s, understanding, catalogue, lambda: NOON) for s in stores]

    def talk(app, who, words):
        return [app.handle(Incoming(f"{w}{n}", who, NOON, w)) for n, w in enumerate(words)]

    with ThreadPoolExecutor(3) as threads:
        said = [("chào em", "xóa dữ liệu của tôi", "đồng ý"), ("chào em", "gặp cán bộ"), ("học phí", "chào em")]
        jobs = [threads.submit(talk, app, who, w) for who in PEOPLE for app, w in zip(apps, said, strict=True)]
        for job in jobs:
            job.result(60)
    with stores[0].transaction() as unit:
        unit.retire(NOON + timedelta(days=4000))
        assert not [who for who in PEOPLE if unit.messages(who)]


@pytest.mark.asyncio
async def test_of_three_processes_one_leads_and_a_lease_that_ran_out_is_taken(stores):
    now = [NOON]

    async def run(work, *arguments):
        return work(*arguments)

    leaders = [Leader(s, run, lambda: now[0]) for s in stores]
    for number, leader in enumerate(leaders):
        leader._holder = f"machine-{number}:1:x"  # other machines: nobody can look whether they live
        await leader._look()
    assert [leader.leads() for leader in leaders] == [True, False, False]
    now[0] += LEASE - timedelta(seconds=1)
    await leaders[1]._look()
    assert not leaders[1].leads()
    now[0] += timedelta(seconds=1)
    await leaders[2]._look()
    await leaders[0]._look()
    assert [leader.leads() for leader in leaders] == [False, False, True]
    await leaders[2].stop()
    await leaders[1]._look()
    assert leaders[1].leads()
