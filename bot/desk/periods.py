"""Which days a page of figures is about: a month, a quarter, a year, or from one day to another."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from bot.desk.forms import Unreadable, day_of
from bot.i18n import Language
from bot.store.figures_port import Period, year_of

FIRST_YEAR, LAST_YEAR = 2020, 2099
_NAMED = re.compile(r"(\d{4})(?:-(?:q([1-4])|(\d{2})))?")
MONTHS, QUARTERS, YEARS = 13, 5, 3  # offered


@dataclass(frozen=True, slots=True)
class Asked:
    """A period and how it was asked for: `name` as in the address ("2026-11", "2026-q4", "2026"), "" for from–to.

    `fault`: the two days were no days, or the wrong way round; then the period is the ordinary one.
    """

    period: Period
    name: str
    since: str = ""
    until: str = ""
    fault: bool = False

    def label(self, say: Language) -> str:
        """ "tháng 11/2026"."""
        if self.name:
            return label(self.name, say)
        last = self.period.until - timedelta(days=1)
        return say.say("desk.figures.from_to", since=say.short_day(self.period.since), until=say.short_day(last))

    @property
    def key(self) -> str:
        """For the audit and for file names."""
        return self.name or f"{self.period.since:%Y%m%d}-{self.period.until - timedelta(days=1):%Y%m%d}"


def asked(query: Mapping[str, str], today: date) -> Asked:
    """What an address asks for; this year when it asks for nothing that can be read."""
    since, until = query.get("from", "").strip()[:10], query.get("to", "").strip()[:10]
    wanted, year = query.get("period", "")[:7], f"{today:%Y}"
    name = wanted if named(wanted) else year
    ordinary = named(name) or Period(today, today)
    if not (since or until):
        return Asked(ordinary, name)
    try:
        first, last = day_of(since), day_of(until) if until else today
    except Unreadable:
        return Asked(ordinary, name, since, until, fault=True)
    if first > last or not FIRST_YEAR <= first.year <= last.year <= LAST_YEAR:
        return Asked(ordinary, name, since, until, fault=True)
    return Asked(Period(first, last + timedelta(days=1)), "", since, until)


def named(name: str) -> Period | None:
    """The days of "2026", "2026-q4" or "2026-11"."""
    match = _NAMED.fullmatch(name)
    year = int(match[1]) if match else 0
    if match is None or not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    if match[2]:
        first = date(year, 3 * int(match[2]) - 2, 1)
        return Period(first, _after(first, 3))
    if match[3] is None:
        return year_of(year)
    if not 1 <= int(match[3]) <= 12:
        return None
    first = date(year, int(match[3]), 1)
    return Period(first, _after(first, 1))


def _after(first: date, months: int) -> date:
    at = first.year * 12 + first.month - 1 + months
    return date(at // 12, at % 12 + 1, 1)


def label(name: str, say: Language) -> str:
    """In words."""
    year, _, part = name.partition("-")
    if part.startswith("q"):
        return say.say("desk.figures.quarter", quarter=("I", "II", "III", "IV")[int(part[1:]) - 1], year=year)
    return say.say("desk.figures.month_of", month=part, year=year) if part else say.say("desk.figures.year", year=year)


def offered(today: date) -> Mapping[str, list[str]]:
    """Kind -> names, the newest first."""
    at = today.year * 12 + today.month - 1
    quarter = today.year * 4 + (today.month - 1) // 3
    return {
        "years": [f"{today.year - n}" for n in range(YEARS)],
        "quarters": [f"{q // 4}-q{q % 4 + 1}" for q in range(quarter, quarter - QUARTERS, -1)],
        "months": [f"{m // 12}-{m % 12 + 1:02}" for m in range(at, at - MONTHS, -1)],
    }
