"""The figures of a period: what the desk shows, the workbook and the yearly report hold. Numbers of nobody."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bot.dialogue.details import TARGET_GROUPS
from bot.store.follow_port import Employment

FUNNEL = ("asked", "screened", "registered", "confirmed", "enrolled", "completed", "employed")
DECISIONS = ("answered", "clarified", "unanswered")
GROUPS = (*TARGET_GROUPS, "")  # "" is who said none


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `since` to before `until`, local."""

    since: date
    until: date

    def holds(self, day: date) -> bool:
        """Whether a day is in it."""
        return self.since <= day < self.until


def year_of(year: int) -> Period:
    """The days of a year."""
    return Period(date(year, 1, 1), date(year + 1, 1, 1))


@dataclass(frozen=True, slots=True)
class Demand:
    """A row of the survey of demand: how many of each target group want a trade, of a commune and a hamlet.

    `hamlet` is its name, "" when none was given or it is no longer kept.
    """

    commune: str
    trade: str
    hamlet: str
    groups: Mapping[str, int]

    @property
    def total(self) -> int:
        """All groups."""
        return sum(self.groups.values())


@dataclass(frozen=True, slots=True)
class FieldAsked:
    """A question of the form: how many forms asked it, how many rest there and were not sent."""

    field: str
    asked: int
    left: int


@dataclass(frozen=True, slots=True)
class Useful:
    """What people said of the answers about a topic."""

    topic: str
    shown: int
    useful: int
    wrong: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything of a period and some communes. Counting begins where a thing happened: see `bot.store.steps`.

    `steps`: what happened by (what, commune, trade, target group), FUNNEL's from "registered" on among them;
    `elsewhere`: talks whose commune nobody knows.
    """

    period: Period
    funnel: Mapping[str, int]
    steps: Mapping[tuple[str, str, str, str], int]
    elsewhere: int
    demand: tuple[Demand, ...]
    decisions: Mapping[str, int]
    topics: tuple[tuple[str, int], ...]
    begun: int
    sent: int
    form: tuple[FieldAsked, ...]
    waits: Mapping[str, int]
    useful: tuple[Useful, ...]
    months: tuple[tuple[date, int, int], ...]  # first day, registered, completed
    employment: Employment

    def count(self, what: str, *, commune: str = "", trade: str | None = None, group: str | None = None) -> int:
        """How often `what` happened, of one commune, trade or group where these are given."""
        return sum(
            n
            for (w, c, t, g), n in self.steps.items()
            if w == what and commune in ("", c) and trade in (None, t) and group in (None, g)
        )
