"""A claimed row is held, a marked one leaves: what becomes of each when its worker dies, is late or has to stop."""

from sqlalchemy import select

from bot.bench.bulk_worker import LINE
from bot.channels.outbox import Sent
from bot.store import tables as t
from bot.store.announcement_port import Outcome, Pace

FAST = Pace("telegram.x", None, 200)


def claimed(house, worker="w1", pace=FAST):
    with house.store.announcing() as unit:
        return unit.ledger.claim(pace, LINE.channel, LINE.account, worker, house.now[0])


def marked(house, rows, worker):
    with house.store.announcing() as unit:
        return unit.ledger.mark([row.id for row in rows], worker, 120.0, house.now[0])


async def test_what_a_dead_worker_marked_is_unknown_and_what_it_only_held_waits_again(house):
    number = house.announced(10)
    rows = claimed(house, "dead", Pace("telegram.x", None, 6)).rows
    assert len(rows) == 6
    assert len(marked(house, rows[:2], "dead")) == 2
    assert marked(house, rows[2:3], "another") == frozenset()
    bulk = house.bulk()
    await house.run(bulk, lambda: len(house.taken) == 4)
    house.later(seconds=200)
    with house.store.announcing() as unit:
        assert unit.ledger.sweep(house.now[0]) == 2
        assert unit.ledger.sweep(house.now[0]) == 0
    await house.run(house.bulk(), lambda: len(house.taken) == 8)
    assert house.states(number) == {"sent": 8, "unknown": 2}
    with house.store.announcing() as unit:
        assert unit.announcements.again(number, "unknown", house.now[0]) == 2
    await house.run(house.bulk(), lambda: len(house.taken) == 10)
    assert set(house.taken.values()) == {1}
    assert house.states(number) == {"sent": 10}


def test_a_row_leaves_only_while_its_announcement_runs_and_its_worker_holds_it(house):
    number = house.announced(4)
    rows = claimed(house).rows
    with house.store.announcing() as unit:
        unit.announcements.move(number, ("running",), "paused")
    assert marked(house, rows, "w1") == frozenset()
    with house.store.announcing() as unit:
        unit.announcements.move(number, ("paused",), "running")
    assert len(marked(house, rows[:1], "w1")) == 1
    assert len(marked(house, rows[:1], "w1")) == 1, "the answer to the first commit may have been lost"
    house.later(seconds=121)
    assert len(claimed(house, "w2").rows) == 3, "what was only claimed is anybody's once the lease ran out"
    assert marked(house, rows[1:], "w1") == frozenset()
    with house.store.announcing() as unit:
        unit.announcements.end(number, "cancelled", "cancelled", house.now[0])
    assert marked(house, rows[1:], "w2") == frozenset()
    assert house.states(number) == {"sending": 1, "dropped": 3}


async def test_few_rows_are_marked_at_a_time(house):
    number, seen = house.announced(300), []
    house.slow = 0.005

    def answer(_chat):
        seen.append(house.states(number).get("sending", 0))
        return Sent()

    house.answers = answer
    await house.run(house.bulk(width=4), lambda: len(house.taken) == 300)
    assert 0 < max(seen) <= 8


async def test_what_has_landed_is_settled_before_more_is_marked(house):
    """A kill now would leave nothing in doubt."""
    number, house.slow = house.announced(30), 0.2
    bulk = house.bulk(40.0, 24)
    bulk._marks = 0.3
    seen = [{}]

    def settled():
        seen.append(house.states(number))
        return "sent" in seen[-1]

    await house.run(bulk, settled)
    assert "sending" in seen[-2]
    assert "sending" not in seen[-1]
    assert seen[-1]["sent"] < 20


def test_a_late_outcome_still_tells_the_truth(house):
    number = house.announced(3)
    rows = claimed(house).rows
    marked(house, rows, "w1")
    house.later(seconds=300)
    with house.store.announcing() as unit:
        assert unit.ledger.sweep(house.now[0]) == 3
        unit.ledger.settle([Outcome(r.id, r.reach.id, "sent", offer="menu:@1") for r in rows], "w1", house.now[0])
        unit.ledger.settle([Outcome(rows[0].id, rows[0].reach.id, "refused")], "somebody else", house.now[0])
    assert house.states(number) == {"sent": 3}
    with house.store.engine.connect() as db:
        assert set(db.execute(select(t.contacts.c.announced)).scalars()) == {"menu:@1"}
