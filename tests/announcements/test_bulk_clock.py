"""The ledger under a clock that runs ahead and is put right: nothing waits for what that clock said."""

import asyncio
from datetime import timedelta

import pytest
from announcements.ledger_stage import NOON

from bot.bench.bulk_worker import LINE
from bot.channels.outbox import Hold, Sent
from bot.model import Contact
from bot.store import announcement_tables as a
from bot.store import tables as t
from bot.store.announcement_port import Outcome, Pace


@pytest.mark.parametrize("before_it_is_written", [False, True])
async def test_a_clock_that_is_put_back_does_not_lengthen_a_hold(house, before_it_is_written):
    number, away = house.announced(30), [True]
    house.answers = lambda _chat: Hold(0.3, "token refused") if away[0] else Sent()
    house.later(hours=1)  # the clock is wrong when the hold begins, and right again before it ends
    bulk = house.bulk()
    run = bulk._run

    async def put_back(transact, work):
        if work.held and before_it_is_written:
            house.now[0] = NOON
        return await run(transact, work)

    bulk._run = put_back
    bulk.start()
    await house._until(lambda: bulk.counts["again"] >= 16 and not bulk.flying)  # rows that were told to wait
    house.now[0] = NOON
    away[0] = False
    async with asyncio.timeout(5):
        while len(house.taken) < 30:
            house.later(seconds=0.1)  # it goes on as it should
            bulk.nudge()
            await asyncio.sleep(0.1)
    await bulk.stop()
    assert house.states(number) == {"sent": 30}


async def test_what_a_clock_that_ran_ahead_claimed_and_left_is_taken_up(house):
    number = house.announced(20)
    house.later(hours=1)
    with house.store.announcing() as unit:  # a worker claims all and marks two, and is killed
        pace = Pace(f"{LINE.channel}.{LINE.account}", None, 20)
        rows = unit.ledger.claim(pace, LINE.channel, LINE.account, "gone", house.now[0]).rows
        unit.ledger.mark([row.id for row in rows[:2]], "gone", pace.lease_s, house.now[0])
    house.later(hours=-1)
    with house.store.announcing() as unit:
        assert unit.ledger.sweep(house.now[0]) == 2
    await house.run(house.bulk(), lambda: house.states(number) == {"sent": 18, "unknown": 2})


def test_a_wait_that_the_platform_asks_for_is_a_quarter_of_an_hour_at_most_and_kept(house):
    house.announced(1)
    pace = Pace(f"{LINE.channel}.{LINE.account}", None, 20)

    def claimed():
        with house.store.announcing() as unit:
            return unit.ledger.claim(pace, LINE.channel, LINE.account, "me", house.now[0]).rows

    (row,) = claimed()
    with house.store.announcing() as unit:
        again = Outcome(row.id, row.reach.id, None, "429", again_at=NOON + timedelta(hours=1))
        unit.ledger.settle([again], "me", NOON)
    assert claimed() == ()
    house.later(minutes=14)
    assert claimed() == ()
    house.later(minutes=1)
    assert [one.tries for one in claimed()] == [1]


async def test_what_was_planned_by_a_clock_that_ran_ahead_goes_now(house):
    house.later(hours=2)
    number = house.announced(20)
    house.later(hours=-2)
    with house.store.transaction() as unit:  # an officer has this talk for an hour
        talk = unit.lock(Contact(LINE.channel, LINE.account, "7"), house.now[0])
    until = NOON + timedelta(hours=1)
    with house.store.engine.begin() as db:
        db.execute(t.contacts.update().where(t.contacts.c.id == talk).values(paused_until=until))
        mine = a.announcement_recipients.c.contact_id == talk
        db.execute(a.announcement_recipients.update().where(mine).values(due_at=until))
    await house.run(house.bulk(), lambda: house.states(number) == {"sent": 19, "waiting": 1})
    house.later(hours=1, seconds=1)
    await house.run(house.bulk(), lambda: house.states(number) == {"sent": 20})
