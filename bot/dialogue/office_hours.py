"""When officers work: pure reckoning of working time over a week's hours and holidays. Moments are local."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from bot.model import BotError

FILE = "office_hours.toml"
DEFAULT = Path(__file__).parent.parent / FILE
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
FURTHEST = 400  # days looked ahead: a week that has hours has them by then, whatever the holidays
Span = tuple[time, time]


class HoursFault(BotError):
    """The file of office hours cannot be used."""


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """`week`: seven days from Monday, each a list of spans; `yearly`: holidays as "MM-DD"; `days`: single ones."""

    week: tuple[tuple[Span, ...], ...]
    yearly: frozenset[str] = frozenset()
    days: frozenset[date] = frozenset()

    def open_at(self, now: datetime) -> bool:
        """Whether officers are at work."""
        return any(start <= now < end for start, end in self._spans(now.date(), now))

    def next_open(self, now: datetime) -> datetime:
        """`now` when they are at work, else when they begin."""
        return next(max(start, now) for start, end in self._ahead(now) if end > now)

    def after(self, start: datetime, work: timedelta) -> datetime:
        """When so much working time has passed since `start`."""
        left = work
        for begins, ends in self._ahead(start):
            begins = max(begins, start)
            if ends <= begins:
                continue
            if begins + left <= ends:
                return begins + left
            left -= ends - begins
        return start + work  # hours so few that a year does not hold it

    @property
    def day(self) -> timedelta:
        """One working day: the longest of the week."""
        return max(sum((_length(span) for span in spans), timedelta()) for spans in self.week)

    def _spans(self, on: date, at: datetime) -> list[tuple[datetime, datetime]]:
        if on in self.days or f"{on:%m-%d}" in self.yearly:
            return []
        zone = at.tzinfo
        return [(datetime.combine(on, a, zone), datetime.combine(on, b, zone)) for a, b in self.week[on.weekday()]]

    def _ahead(self, now: datetime) -> Iterator[tuple[datetime, datetime]]:
        for days in range(FURTHEST):
            yield from self._spans(now.date() + timedelta(days=days), now)
        far = now + timedelta(days=FURTHEST)
        yield far, far + timedelta(days=1)


def _length(span: Span) -> timedelta:
    (a, b), zero = span, date.min
    return datetime.combine(zero, b) - datetime.combine(zero, a)


def read(text: str, where: str) -> OfficeHours:
    """The hours of a file's text. Raises HoursFault, which names `where`, the fault and what to do."""
    try:
        data = tomllib.loads(text)
        week, holidays = data["week"], data.get("holidays", {})
        unknown = set(week) - set(DAYS)
        if unknown:
            raise ValueError(f"unknown days {sorted(unknown)}: write {', '.join(DAYS)}")
        spans = tuple(tuple(_span(said) for said in week.get(day, ())) for day in DAYS)
        days = frozenset(holidays.get("days", ()))
        if not any(spans):
            raise ValueError("no day has hours: give one at least")
        if not all(isinstance(d, date) for d in days):
            raise ValueError("holidays.days: write days as 2027-02-06, without quotes")
        return OfficeHours(spans, _yearly(holidays), days)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as fault:
        raise HoursFault(f"{where}: {fault}: mend it, or delete the file to have the usual hours.") from fault


def _span(said: str) -> Span:
    start, _, end = said.partition("-")
    span = time.fromisoformat(start.strip()), time.fromisoformat(end.strip())
    if span[0] >= span[1]:
        raise ValueError(f"{said!r} ends before it begins")
    return span


def _yearly(holidays: Mapping[str, Any]) -> frozenset[str]:
    for said in holidays.get("yearly", ()):
        date.fromisoformat(f"2028-{said}")  # a leap year: 29 February may be one
    return frozenset(holidays.get("yearly", ()))


def load(folder: Path | None = None) -> OfficeHours:
    """The data folder's own hours where it has a file for them, else the usual ones."""
    own = folder / FILE if folder is not None else DEFAULT
    path = own if own.is_file() else DEFAULT
    return read(path.read_text(encoding="utf-8"), str(path))


USUAL = load()
