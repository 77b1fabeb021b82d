"""A clock that jumps: what it is believed for, until when not; a lease that was taken by one that ran ahead."""

from datetime import UTC, datetime, timedelta

import pytest
from store.factories import sqlite_store

from bot import jobs
from bot.health import clock
from bot.health.clock import SharedClock, Trust, outside_by
from bot.meters import Outside
from bot.store.engines import connect
from bot.store.migrate import upgrade

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
HOUR, DAY = 3600.0, 86_400.0


def after(trust, seconds, *, jump=0.0, outside=None, step=HOUR):
    """Let time pass; the clock jumps by so much at once."""
    wall, now = trust.wall + timedelta(seconds=jump), trust.steady
    while seconds > 0:
        part = min(step, seconds)
        seconds, now, wall = seconds - part, now + part, wall + timedelta(seconds=part)
        trust.look(wall, now, outside)
    return trust.sends, trust.erases


@pytest.mark.parametrize("jump", [3 * HOUR, -3 * HOUR, 40 * DAY, -40 * DAY, 700.0])
def test_after_a_jump_nothing_is_sent_or_erased_until_it_has_held_for_a_day(jump):
    trust = Trust.begun(NOON, NOON, 0.0)
    assert after(trust, 60) == (True, True)
    assert after(trust, 60, jump=jump) == (False, False)
    assert after(trust, 23 * HOUR) == (False, False)
    assert after(trust, 2 * HOUR) == (True, True)


def test_a_jump_that_is_taken_back_or_confirmed_from_outside_is_over_at_once():
    trust = Trust.begun(NOON, NOON, 0.0)
    assert after(trust, 60, jump=5 * DAY) == (False, False)
    assert after(trust, 60, jump=-5 * DAY) == (True, True)
    assert after(trust, 60, jump=2 * HOUR) == (False, False)
    assert after(trust, 60, outside=1.5) == (True, True)


def test_what_was_told_before_the_jump_confirms_nothing():
    trust = Trust.begun(NOON, NOON, 0.0)
    trust.look(NOON + timedelta(seconds=60), 60.0)
    trust.look(NOON + timedelta(hours=5), 120.0, 1.0, outside_age=90.0)
    assert not trust.sends
    trust.look(NOON + timedelta(hours=5, seconds=60), 180.0, 1.0, outside_age=20.0)
    assert trust.sends


def test_a_clock_that_others_contradict_is_not_believed_however_long_it_holds():
    trust = Trust.begun(NOON, NOON, 0.0)
    assert after(trust, 30 * HOUR, outside=-5000.0) == (False, False)
    assert after(trust, 60, outside=0.0) == (True, True)


def test_small_corrections_and_a_slow_clock_are_nothing():
    trust = Trust.begun(NOON, NOON, 0.0)
    for _ in range(20):
        assert after(trust, 600, jump=30.0) == (True, True)


def test_after_more_than_a_day_of_silence_nothing_is_erased_for_a_day():
    trust = Trust.begun(NOON - timedelta(days=9), NOON, 0.0)
    assert (trust.sends, trust.erases) == (True, False)
    assert after(trust, 25 * HOUR) == (True, True)
    assert Trust.begun(NOON - timedelta(hours=20), NOON, 0.0).erases
    assert Trust.begun(None, NOON, 0.0).erases
    assert not Trust.begun(NOON + timedelta(hours=9), NOON, 0.0).sends


def test_the_moment_is_kept_and_a_broken_note_is_none(tmp_path):
    assert clock.kept(tmp_path) is None
    clock.keep(tmp_path, NOON)
    assert clock.kept(tmp_path) == NOON
    (tmp_path / clock.FILE).write_text("{")
    assert clock.kept(tmp_path) is None


def test_outside_clocks_are_read_as_http_writes_them():
    told = Outside("Fri, 27 Nov 2026 12:00:00 GMT", 100.0)
    assert outside_by(told, NOON, 100.0) == 0
    assert outside_by(told, NOON + timedelta(minutes=5), 130.0) == -270.0
    assert outside_by(Outside(), NOON, 1.0) is None
    assert outside_by(Outside("yesterday", 1.0), NOON, 1.0) is None


def test_a_shared_clock_goes_on_whatever_the_machine_says(monkeypatch):
    now = [50.0]
    monkeypatch.setattr(clock, "steady", lambda: now[0])
    shared = SharedClock(UTC, NOON)
    now[0] = 60.0
    assert shared() == NOON + timedelta(seconds=10)
    shared.anchor(NOON + timedelta(hours=1), 58.0)
    assert shared() == NOON + timedelta(hours=1, seconds=2)


async def test_retention_waits_for_a_clock_that_is_believed(monkeypatch):
    done = []
    monkeypatch.setattr(jobs, "retire", lambda *_a, **_k: done.append(1))
    monkeypatch.setattr(jobs, "LOOK", 0.01)
    import asyncio
    from concurrent.futures import ThreadPoolExecutor

    believed = [False]
    with ThreadPoolExecutor(1) as pool:
        task = asyncio.create_task(jobs.daily(None, pool, None, jobs.always, lambda: believed[0]))
        await asyncio.sleep(0.1)
        assert not done
        believed[0] = True
        await asyncio.sleep(0.1)
        task.cancel()
    assert done == [1]


def test_a_lease_taken_by_a_clock_that_ran_ahead_is_not_believed(tmp_path):
    upgrade(connect(f"sqlite:///{tmp_path / 'a'}"))
    store = sqlite_store(tmp_path / "a")
    ahead, lease = NOON + timedelta(hours=9), timedelta(seconds=45)
    with store.channels() as unit:
        assert unit.lease("background", "ahead", ahead, ahead + lease)
        assert unit.lease("background", "right", NOON, NOON + lease)
        late = NOON - timedelta(seconds=90)  # clocks that differ a little
        assert not unit.lease("background", "behind", late, late + lease)
    store.close()
