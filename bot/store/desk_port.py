"""What the desk and its store speak of: officers, sessions, the list's filter and rows, a case, a class, today."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from bot.effects import Applicant
from bot.model import Course
from bot.store.port import LeadRecord

Role = Literal["officer", "coordinator", "admin"]
ROLES: tuple[Role, ...] = ("officer", "coordinator", "admin")
PAGE = 50  # rows of a list


@dataclass(frozen=True, slots=True)
class Officer:
    """Somebody who works at the desk. `places`: communes (5 digits), provinces (2 digits) for a coordinator."""

    id: int
    name: str
    email: str
    role: Role
    places: tuple[str, ...]
    ended: bool = False


@dataclass(frozen=True, slots=True)
class DeskSession:
    """A browser that is signed in."""

    id: int
    device: str
    own_device: bool
    made_at: datetime
    seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Linked:
    """A chat that an officer linked; `until` on shared devices."""

    contact: int
    channel: str
    linked_at: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose people an officer sees: `communes` None is all. `writes`: all of them, or those of communes not served.

    A lead that waits for the person's own word is its commune's alone: `helpers` False leaves it out.
    """

    communes: frozenset[str] | None
    helpers: bool = True
    writes: Literal["all", "unserved", "none"] = "all"

    def covers(self, commune: str) -> bool:
        """Whether this commune's classes and people may be seen."""
        return self.communes is None or commune in self.communes


@dataclass(frozen=True, slots=True)
class Filter:
    """What of the list is asked for; "" and None leave everything in. `hamlet` and `group` are their fingerprints."""

    text: str = ""
    commune: str = ""
    trade: str = ""
    course: str = ""
    state: str = ""
    group: str = ""
    hamlet: str = ""
    verification: str = ""
    since: datetime | None = None
    until: datetime | None = None
    waiting: bool = False
    due: date | None = None
    lost: datetime | None = None  # since when a message to them was lost
    page: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list, name and phone masked."""

    id: int
    name: str
    birth_year: int
    hamlet: str
    commune: str
    trade: str
    trade_text: str
    course: str
    phone: str
    told: bool
    state: str
    verification: str
    waiting: bool
    registered_at: datetime
    writable: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """One page; `more`: there are others after it. `count` is exact up to `COUNTED`, beyond that it is that."""

    rows: tuple[Row, ...]
    count: int
    page: int
    more: bool


@dataclass(frozen=True, slots=True)
class Note:
    """What an officer wrote down, or a call; `due_on`: when to call again."""

    id: int
    at: datetime
    officer: int | None
    kind: str
    text: str
    due_on: date | None


@dataclass(frozen=True, slots=True)
class Happened:
    """A line of history: `who` is "contact" or "officer:<number>"."""

    at: datetime
    who: str
    what: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The latest answer to one purpose."""

    purpose: str
    given: bool
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """One registration with all that belongs to it; `record` is masked until it was opened.

    `stopped`: kinds of messages ("all", "classes", …) that none of the person's contacts wants.
    """

    id: int
    record: LeadRecord
    opened: bool
    writable: bool
    waiting_since: datetime | None
    place_in_line: int
    consents: tuple[Answered, ...]
    history: tuple[Happened, ...]
    notes: tuple[Note, ...]
    alike: tuple[Row, ...]
    others: tuple[Row, ...]
    stopped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WalkIn:
    """A person who came to the office: what the officer typed, and what they agreed to."""

    applicant: Applicant
    trade: str
    trade_text: str
    course: str
    purposes: Mapping[str, bool]
    details: Mapping[str, str]
    text_version: str
    receipt: str


@dataclass(frozen=True, slots=True)
class ClassView:
    """A class with its seats."""

    course: Course
    taken: int
    waiting: int
    asked: int
    poster: str = ""

    @property
    def free(self) -> int | None:
        """Seats left, None when their number is not set."""
        return max(0, self.course.seats - self.taken) if self.course.seats else None


@dataclass(frozen=True, slots=True)
class Today:
    """What waits for an officer: numbers, the soonest classes, leads per week (oldest first) and per trade."""

    new: int
    to_confirm: int
    due: int
    asking: int
    not_reached: int
    weeks: tuple[tuple[date, int], ...]
    trades: tuple[tuple[str, int], ...]
    classes: tuple[ClassView, ...] = ()
    calls: int = 0


@dataclass(frozen=True, slots=True)
class Audited:
    """Who did what to which, and when."""

    at: datetime
    officer: int | None
    act: str
    subject: str
