"""The ledger on its way: once each, paced, held, paused, stopped; what is cut off is unknown and stays so."""

import asyncio
import time
from datetime import timedelta

import pytest
from announcements.ledger_stage import NOON
from sqlalchemy.exc import OperationalError

from bot.announcements.audience import Way
from bot.bench.bulk_worker import LINE
from bot.channels.outbox import Failed, Hold, Retry, Sent
from bot.effects import MessagesStopped
from bot.model import Contact
from bot.store import announcement_tables as a
from bot.store.announcement_port import Outcome, Pace
from bot.store.pacing import hold, reserve


async def test_everybody_gets_it_once_though_two_workers_send(house):
    number = house.announced(300)
    first, second = house.bulk(), house.bulk()
    second.start()
    await house.run(first, lambda: len(house.taken) == 300)
    await second.stop()
    assert set(house.taken.values()) == {1}
    assert house.states(number) == {"sent": 300}


async def test_429_of_a_chat_delays_that_chat_alone_and_403_is_told_by_reason(house):
    number, told = house.announced(40), set()

    def answer(chat):
        if chat == "7":
            return Failed("unreachable", "403 bot was blocked by the user")
        if chat == "8" and chat not in told:
            told.add(chat)
            return Retry(5, "429")
        return Sent()

    house.answers = answer
    bulk = house.bulk()
    bulk.start()
    await house._until(lambda: len(house.taken) == 38)
    await asyncio.sleep(0.3)
    assert house.taken["8"] == 0
    house.later(seconds=6)
    bulk.nudge()
    await house._until(lambda: house.taken["8"] == 1)
    await bulk.stop()
    assert house.progress(number).reasons("failed") == (("403 bot was blocked by the user", 1),)
    with house.store.channels() as unit:
        assert unit.reach(Contact(LINE.channel, LINE.account, "7")).unreachable_at is not None


async def test_a_held_account_waits_and_loses_nothing(house):
    number, away = house.announced(30), [True]
    house.answers = lambda _chat: Hold(60, "token refused") if away[0] else Sent()
    bulk = house.bulk()
    bulk.start()
    await house._until(lambda: "again" in bulk.counts)
    await asyncio.sleep(0.4)
    tried = bulk.counts["again"]
    await asyncio.sleep(0.3)
    assert bulk.counts["again"] == tried, "nothing is tried while it is held"
    assert house.states(number) == {"waiting": 30}
    assert house.progress(number).held == "token refused"
    away[0] = False
    house.later(seconds=61)
    bulk.nudge()
    await house._until(lambda: len(house.taken) == 30)
    await bulk.stop()
    assert house.states(number) == {"sent": 30}


async def away_for_an_hour(house, answer):
    """Every minute a look, until the channel is there again."""
    house.answers = lambda _chat: answer
    bulk = house.bulk(width=4)
    bulk.start()
    await house._until(lambda: bulk._missed >= 8 and not bulk.flying)
    for _ in range(60):
        house.later(minutes=1)
        bulk.nudge()
        await asyncio.sleep(0.02)
    house.answers = lambda _chat: Sent()
    for _ in range(3):
        house.later(minutes=6)
        bulk.nudge()
        await asyncio.sleep(0.2)
    return bulk


async def test_a_channel_that_is_away_for_an_hour_is_waited_for(house):
    number = house.announced(40)
    bulk = await away_for_an_hour(house, Retry(3, "no connection"))
    await house._until(lambda: len(house.taken) == 40)
    await bulk.stop()
    assert house.states(number) == {"sent": 40}


async def test_a_channel_that_takes_and_does_not_answer_costs_few_unknown(house):
    number = house.announced(400)
    bulk = await away_for_an_hour(house, Failed("unknown", "no answer"))
    await house._until(lambda: {"waiting", "sending"}.isdisjoint(house.states(number)))
    await bulk.stop()
    states = house.states(number)
    assert 8 <= states["unknown"] <= 40
    assert states["sent"] == 400 - states["unknown"]


async def test_stop_is_honoured_within_the_running_announcement(house):
    number = house.announced(60)
    house.slow = 0.01

    def answer(_chat):
        if sum(house.taken.values()) == 5:
            for chat, kind in (("59", ""), ("60", "classes")):
                with house.store.transaction() as unit:
                    contact = unit.lock(Contact(LINE.channel, LINE.account, chat), house.now[0])
                    unit.apply(contact, MessagesStopped(stopped=True, kind=kind), house.now[0])
        return Sent()

    house.answers = answer
    bulk = house.bulk(per_s=100.0, width=4)
    bulk._clock = lambda: NOON + timedelta(seconds=time.monotonic() - began)
    began = time.monotonic()
    await house.run(bulk, lambda: sum(house.taken.values()) >= 58)
    assert house.taken["59"] + house.taken["60"] == 0
    assert house.progress(number).counts[("dropped", "opted_out")] == 2


async def test_stop_is_honoured_up_to_the_moment_before_it_leaves(house):
    number = house.announced(20)
    with house.store.announcing() as unit:
        pace = Pace(f"{LINE.channel}.{LINE.account}", None, 20)
        rows = unit.ledger.claim(pace, LINE.channel, LINE.account, "me", NOON).rows
    for row, kind in ((rows[3], ""), (rows[5], "classes"), (rows[7], "surveys")):
        with house.store.transaction() as unit:
            unit.apply(unit.lock(row.contact, NOON), MessagesStopped(stopped=True, kind=kind), NOON)
    ids = [row.id for row in rows]
    with house.store.announcing() as unit:
        assert unit.ledger.mark(ids, "me", 60.0, NOON) == {*ids} - {rows[3].id, rows[5].id}
        unit.ledger.settle([Outcome(row.id, row.reach.id, None, "stopping", begun=False) for row in rows], "me", NOON)
    await house.run(house.bulk(), lambda: sum(house.taken.values()) == 18)
    assert house.progress(number).counts[("dropped", "opted_out")] == 2


async def test_pause_resume_and_cancel(house):
    number = house.announced(600)
    house.slow = 0.01
    bulk = house.bulk(per_s=200.0, width=2)
    began = time.monotonic()
    bulk._clock = lambda: NOON + timedelta(seconds=time.monotonic() - began)
    bulk.start()
    await house._until(lambda: len(house.taken) >= 10)
    with house.store.announcing() as unit:
        assert unit.announcements.move(number, ("running",), "paused")
    await asyncio.sleep(1.0)
    paused = len(house.taken)
    await asyncio.sleep(0.3)
    assert paused == len(house.taken) < 600
    with house.store.announcing() as unit:
        unit.announcements.move(number, ("paused",), "running")
    bulk.nudge()
    await house._until(lambda: len(house.taken) >= paused + 5)
    with house.store.announcing() as unit:
        assert unit.announcements.end(number, "cancelled", "cancelled", NOON)
    await asyncio.sleep(0.5)
    await bulk.stop()
    with house.store.announcing() as unit:
        unit.announcements.tidy()
    states = house.states(number)
    assert set(states) == {"sent", "dropped"}
    assert states["sent"] == len(house.taken) < 600


async def test_a_full_class_or_its_deadline_stops_it(house):
    house.course()
    number = house.announced(5)
    with house.store.engine.begin() as db:
        db.execute(a.announcements.update().values(course="lop-1"))
    house.course(state="full")
    await house.run(house.bulk(), lambda: house.one(number).state == "stopped")
    assert (house.one(number).why, house.states(number)) == ("full", {"dropped": 5})
    house.course(state="open")
    with house.store.announcing() as unit:
        assert unit.announcements.closed("lop-1", NOON) == ""
        assert unit.announcements.closed("lop-1", NOON + timedelta(days=7)) == "deadline"
        assert unit.announcements.closed("lop-0", NOON) == "gone"


async def test_nothing_goes_out_at_night(house):
    house.now[0] = NOON.replace(hour=22)
    house.announced(3)
    await house.run(house.bulk(), lambda: True)
    await asyncio.sleep(0.2)
    assert not house.taken


async def test_a_full_or_lost_database_is_waited_for_and_nothing_is_forgotten(house, monkeypatch):
    number, broken = house.announced(30), [False]
    announcing = house.store.announcing

    def failing():
        if broken[0]:
            raise OperationalError("claim", {}, Exception("database or disk is full"))
        return announcing()

    monkeypatch.setattr(house.store, "announcing", failing)
    monkeypatch.setattr("bot.channels.bulk.TROUBLE", 0.05)
    house.slow = 0.02

    def answer(_chat):
        broken[0] = True
        return Sent()

    house.answers = answer
    bulk = house.bulk(width=4)
    bulk.start()
    await house._until(lambda: bool(bulk.trouble))
    await asyncio.sleep(0.3)
    assert bulk.trouble == "OperationalError"
    house.answers, broken[0] = (lambda _chat: Sent()), False
    await house._until(lambda: len(house.taken) == 30)
    await bulk.stop()
    assert set(house.taken.values()) == {1}
    assert house.states(number) == {"sent": 30}


async def test_a_window_that_ended_since_it_was_planned_costs_nothing(house):
    number = house.announced(2)
    await house.run(house.bulk(ways=lambda _to, _now: Way(paid=True)), lambda: "failed" in house.states(number))
    assert not house.taken
    assert house.progress(number).reasons("failed") == (("paid", 2),)


async def test_the_pace_is_kept_by_two_workers_together(house):
    house.announced(100)
    began = time.monotonic()
    bulks = [house.bulk(per_s=100.0), house.bulk(per_s=100.0)]
    for bulk in bulks:
        bulk._clock = lambda: NOON + timedelta(seconds=time.monotonic() - began)
        bulk.start()
    await house._until(lambda: len(house.taken) == 100)
    took = time.monotonic() - began
    for bulk in bulks:
        await bulk.stop()
    assert took >= 0.7, "two of them are not twice as fast; a quarter of a second may be made up for"


@pytest.mark.parametrize("jump", [timedelta(hours=1), -timedelta(hours=1), -timedelta(days=400)])
def test_the_pace_outlives_a_clock_that_jumps(house, jump):
    pace = Pace("telegram.x", 10.0, 5)
    with house.store.engine.begin() as db:
        assert reserve(db, pace, 5, NOON).start == NOON
        assert reserve(db, pace, 5, NOON).start == NOON + timedelta(seconds=0.5)
        assert reserve(db, pace, 5, NOON + jump).start - (NOON + jump) <= timedelta(seconds=2)
        hold(db, pace, NOON + jump + timedelta(seconds=60), "429", NOON + jump)
        back = NOON + jump - timedelta(hours=3)
        assert reserve(db, pace, 1, back).held == back + timedelta(seconds=60)
        assert reserve(db, pace, 1, NOON + jump + timedelta(seconds=61)).held is None
