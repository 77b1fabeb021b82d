"""Which time it is, and whether that may be believed.

On PostgreSQL all machines go by the database server's clock (`SharedClock`), carried on between two looks by the
machine's own steady clock, which nobody can set. On SQLite there is one machine, and its clock may jump (a dead
battery, a wrong setting, the network's time at the start): what cannot be undone then waits (`Trust`).
"""

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime
from pathlib import Path

from bot.meters import Outside

FILE = "clock.json"
DAY = 86_400.0
SLIP = 60.0  # seconds: a clock that is corrected little by little moves less between two looks
SUDDEN = 600.0  # seconds a clock may be off until it is not gone by
AGREES = 120.0  # seconds between ours and an outside service's, the way there and back included


def steady() -> float:
    """Seconds that nobody can set, sleep of the machine included where the system counts it."""
    boottime = getattr(time, "CLOCK_BOOTTIME", None)
    return time.clock_gettime(boottime) if boottime is not None else time.monotonic()


class SharedClock:
    """The database server's time in one zone; `anchor` is told it now and then."""

    def __init__(self, zone: tzinfo, server: datetime, at: float | None = None) -> None:
        self._zone = zone
        self._server, self._at = server, steady() if at is None else at

    def __call__(self) -> datetime:
        """Now."""
        return (self._server + timedelta(seconds=steady() - self._at)).astimezone(self._zone)

    def anchor(self, server: datetime, at: float) -> None:
        """It was this time at the server at this steady moment."""
        self._server, self._at = server, at


def outside_by(outside: Outside, wall: datetime, now: float) -> float | None:
    """Seconds that an outside service's clock is ahead of ours; None when none has answered. `now`: perf_counter."""
    if not outside.date:
        return None
    try:
        told = parsedate_to_datetime(outside.date)
    except ValueError:
        return None
    told = told if told.tzinfo else told.replace(tzinfo=UTC)
    return (told - wall).total_seconds() + (now - outside.at)


@dataclass(slots=True)
class Trust:
    """Fed at every look: the wall clock, the steady one, and the newest outside opinion (seconds, and when it came).

    `sends`: announcements and reminders may go; `erases`: what is old may be erased. A jump of ten minutes or more
    ends both until an outside clock agrees, it jumps back, or it has held for a day. A program that begins again after
    more than a day of silence erases nothing until the same has happened: a clock that was set wrong meanwhile looks
    just like it.
    """

    wall: datetime
    steady: float
    away: bool = False
    jumped_at: datetime | None = None
    jumped_by: float = 0.0
    wrong_by: float = 0.0
    _off: float = 0.0
    _since: float = 0.0

    @classmethod
    def begun(cls, last: datetime | None, wall: datetime, now: float) -> "Trust":
        """`last`: when a program here last believed its clock; None when none has run yet."""
        gone = (wall - last).total_seconds() if last else 0.0
        made = cls(wall, now, away=gone > DAY, _since=now)
        if gone < -SUDDEN:
            made.jumped_at, made.jumped_by, made._off = wall, gone, gone
        return made

    def look(self, wall: datetime, now: float, outside: float | None = None, outside_age: float = 0.0) -> None:
        """`outside`: seconds that it is ahead of us; `outside_age`: seconds since it was told."""
        jump = (wall - self.wall).total_seconds() - (now - self.steady)
        self.wall, self.steady = wall, now
        if abs(jump) >= SLIP:
            self.jumped_at, self.jumped_by = wall, jump
            self._off += jump
            self._since = now
        if outside is not None:
            self._heard(outside, now, outside_age)
        if now - self._since >= DAY:
            self._off, self.away = 0.0, False

    def _heard(self, outside: float, now: float, age: float) -> None:
        if abs(outside) > SUDDEN:
            self.wrong_by = outside
        elif abs(outside) <= AGREES:
            self.wrong_by = 0.0
        if abs(outside) <= AGREES and now - age >= self._since:
            self._off, self.away = 0.0, False

    @property
    def sends(self) -> bool:
        """Whether what nobody waits for may be sent by this clock."""
        return not self.wrong_by and abs(self._off) < SUDDEN

    @property
    def erases(self) -> bool:
        """Whether what is too old by this clock may be erased."""
        return self.sends and not self.away


def kept(folder: Path) -> datetime | None:
    """When a program in this folder last believed its clock."""
    try:
        return datetime.fromisoformat(json.loads((folder / FILE).read_text())["believed"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep(folder: Path, wall: datetime) -> None:
    """Whole or not at all; raises OSError."""
    made = folder / f"{FILE}.new"
    made.write_text(json.dumps({"believed": wall.isoformat()}))
    made.replace(folder / FILE)
