"""What follows a registration: what falls due, how somebody may be reached, survey answers, the share in work."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from bot.model import Contact, Course
from bot.store.channel_port import Reach
from bot.store.desk_port import Row

Kind = Literal["class_3d", "class_1d", "survey_ask", "survey_1m", "survey_3m", "survey_6m"]
REMINDERS: tuple[Kind, ...] = ("class_3d", "class_1d")
SURVEYS: Mapping[Kind, int] = {"survey_1m": 1, "survey_3m": 3, "survey_6m": 6}  # months after the course
# message: queued for the chat; call: on the officer's list; none: not to be done (answered already, not wanted).
Way = Literal["message", "call", "none"]
Windows = Mapping[Kind, tuple[date, date]]  # kind -> first and last day (of the start, of the end) that make it due


@dataclass(frozen=True, slots=True)
class Followed:
    """A lead that something may be due for. `ended_on`: when the course was over for them, None before.

    `consents`: purpose -> the latest answer; `answered`: months whose survey is answered; `done`: (kind, about) of the
    marks that stand. `course` is None when the class is gone or there never was one.
    """

    lead: int
    person: int
    receipt: str
    name: str
    commune: str
    trade: str
    trade_text: str
    state: str
    seated: bool
    birth_year: int = 0
    birth_date: date | None = None
    course: Course | None = None
    ended_on: date | None = None
    consents: Mapping[str, bool] = field(default_factory=dict)
    answered: frozenset[int] = frozenset()
    done: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat that speaks for a person. `own`: it is theirs, not a helper's. `stopped`: kinds they want no more of."""

    number: int
    contact: Contact
    own: bool
    reach: Reach
    stopped: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody said to a survey; `by`: "contact", or "officer:" and their number."""

    month: int
    works: bool
    job: str
    place: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody to be called, masked; `why`: nobody could write to them, the message was lost, or not answered."""

    id: int
    kind: Kind
    why: Literal["unreachable", "lost", "silent"]
    row: Row
    course: Course | None
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Shares:
    """Counts of leads: of `completed`, those `asked`, of these those who `answered`, of these those `in_work`."""

    completed: int = 0
    asked: int = 0
    answered: int = 0
    in_work: int = 0


# What plans ask of the share in work: over 90 % (a town's plan of 2025), at least 85 % (QĐ 328/QĐ-TTg, 24/02/2026).
TARGETS: Mapping[str, float] = {"town": 0.90, "nation": 0.85}


@dataclass(frozen=True, slots=True)
class Employment:
    """`latest`: each lead by their newest answer; `months`: 1, 3, 6 -> by the answer of that survey alone."""

    latest: Shares
    months: Mapping[int, Shares]
