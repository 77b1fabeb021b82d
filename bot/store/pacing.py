"""The pace of a channel account, shared by all processes: one row holds the next free moment (a virtual clock).

A batch of moments is reserved at a time. The row is moved in the transaction that claims, so that two workers never
share a moment. A clock that jumps back is noticed: a moment further ahead than anybody reserves is not believed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from bot.store.announcement_port import Pace
from bot.store.announcement_tables import pacing

# A worker that was late (a slow disk, a busy machine) makes up for so much: with bulk at 80 % of a rate, a second then
# holds no more than the rate.
CATCH_UP = timedelta(seconds=0.25)
AHEAD = timedelta(seconds=30)  # further ahead than this nobody reserves: the clock was put back
_c = pacing.c


@dataclass(frozen=True, slots=True)
class Slots:
    """`start`: the first of the moments reserved; `held`: until when nothing may be sent, None when it may."""

    start: datetime
    held: datetime | None = None


def reserve(db: Connection, pace: Pace, count: int, now: datetime) -> Slots:
    """The next `count` moments of this account; none while it is held."""
    row = db.execute(select(pacing).where(_c.account == pace.account).with_for_update()).first()
    if row is None:
        db.execute(pacing.insert().values(account=pace.account, free_at=now, why=""))
        free, held = now, None
    else:
        free, held = row.free_at, _held(row.held_at, row.held_until, now)
        if held is not None and now < row.held_at:  # written down, or every look would begin the wait anew
            values = {"held_at": now, "held_until": held}
            db.execute(update(pacing).where(_c.account == pace.account).values(**values))
    if held is not None or count == 0:
        return Slots(now, held)
    start = now if free - now > AHEAD else max(free, now - CATCH_UP)
    if pace.per_s:
        after = start + timedelta(seconds=count / pace.per_s)
        db.execute(update(pacing).where(_c.account == pace.account).values(free_at=after))
    return Slots(start)


def _held(since: datetime | None, until: datetime | None, now: datetime) -> datetime | None:
    if since is None or until is None:
        return None
    if now < since:  # the clock was put back: as long as was said, from now
        until = now + (until - since)
    return until if until > now else None


def hold(db: Connection, pace: Pace, until: datetime, why: str, now: datetime) -> None:
    """Nothing before then, for all workers; a longer hold is not shortened."""
    row = db.execute(select(pacing).where(_c.account == pace.account).with_for_update()).first()
    if row is None:
        db.execute(pacing.insert().values(account=pace.account, free_at=now, held_at=now, held_until=until, why=why))
        return
    before = _held(row.held_at, row.held_until, now)
    if before is None or before < until:
        values = {"held_at": now, "held_until": until, "why": why}
        db.execute(update(pacing).where(_c.account == pace.account).values(**values))


def held_accounts(db: Connection, now: datetime) -> dict[str, str]:
    """Account -> why nothing goes to it now."""
    rows = db.execute(select(pacing).where(_c.held_until > now))
    return {r.account: r.why for r in rows if _held(r.held_at, r.held_until, now) is not None}
