"""Laws and dated values: what holds, since when, where it is written, and how sure we are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, get_args

Confidence = Literal["V1", "V2", "V3", "S", "M"]
"""V1 primary text read; V2 official summary or press; S public plan of the place; V3 second-hand; M unchecked."""

Unit = Literal[
    "VND",
    "VND/day",
    "VND/month",
    "VND/course",
    "km",
    "age",
    "year",
    "month",
    "week",
    "day",
    "working_day",
    "hour",
    "times",
    "percent",
    "person",
    "phone",
    "text",
    "code",
    "date",
]
Value = int | str | date
Text = Mapping[str, str]
"""A text by language code; `vi` is always there."""

CONFIDENCES: Final[tuple[str, ...]] = get_args(Confidence)
UNITS: Final[tuple[str, ...]] = get_args(Unit)
_STRENGTH: Final[Mapping[str, int]] = {"V1": 0, "V2": 1, "S": 2, "V3": 3, "M": 4}

PROVINCE_DIGITS, COMMUNE_DIGITS = 2, 5  # of GSO codes, which are text: leading zeros count


class KnowledgeError(Exception):
    """Root of the errors of this package; the message says what, where, why and what to do next."""


class UnknownParameter(KnowledgeError):
    """No parameter has this id."""


class UnknownLaw(KnowledgeError):
    """No law has this id."""


class NotInForce(KnowledgeError):
    """The parameter exists but has no value on that day."""


@dataclass(frozen=True, slots=True)
class Where:
    """A place by its GSO codes as text: province 2 digits, commune 5 digits; both empty: the nation."""

    province: str = ""
    commune: str = ""


NATION: Final = Where()


@dataclass(frozen=True, slots=True)
class Source:
    """Where something is written: id of the law, and the article in the law's own words."""

    law: str
    article: str


@dataclass(frozen=True, slots=True)
class Law:
    """A legal document. `in_force` to `until` are the first and last day it holds; None: not known, or no end."""

    id: str
    kind: str
    number: str
    title: str
    issued: date | None
    in_force: date | None
    until: date | None
    replaced_by: tuple[str, ...]
    url: str
    confidence: Confidence
    checked_on: date

    @property
    def citation(self) -> str:
        """The law as people cite it: `NĐ 338/2025/NĐ-CP`."""
        return f"{self.kind} {self.number}".strip()

    def holds(self, on: date) -> bool:
        """Whether the law is in force on that day, as far as is known."""
        first = self.in_force or self.issued
        return (first is None or first <= on) and (self.until is None or on <= self.until)


@dataclass(frozen=True, slots=True)
class Entry:
    """One value with its source; holds from `since` to `until` (last day; None: until the next entry or for good)."""

    value: Value
    since: date
    until: date | None
    source: Source
    confidence: Confidence
    checked_on: date
    note: str = ""

    def holds(self, on: date) -> bool:
        """Whether this is the value on that day, other entries aside."""
        return self.since <= on and (self.until is None or on <= self.until)

    @property
    def number(self) -> int:
        """The value of a counted or measured parameter; a text or a date is a fault of the caller."""
        if isinstance(self.value, int):
            return self.value
        msg = f"{self.value!r} is not a number. Compare and count only parameters whose unit is a quantity."
        raise KnowledgeError(msg)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A named value of the law over time; `entries` stand in order of `since`."""

    id: str
    unit: Unit
    description: str
    entries: tuple[Entry, ...]

    def entry(self, on: date) -> Entry | None:
        """The entry in force on that day, or None."""
        for entry in reversed(self.entries):
            if entry.since <= on:
                return entry if entry.holds(on) else None
        return None


def weakest(confidences: Iterable[Confidence]) -> Confidence:
    """The least sure of several; V1 when there are none."""
    return max(confidences, key=_STRENGTH.__getitem__, default="V1")


def unique(sources: Iterable[Source]) -> tuple[Source, ...]:
    """Each source once, in order."""
    return tuple(dict.fromkeys(sources))
