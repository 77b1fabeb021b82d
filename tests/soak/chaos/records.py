"""What the crowd itself remembers: every message, every answer, every form. The recount starts from this."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

ALL, TWO, ONE = ("announce", "forward", "list"), ("announce", "list"), ("list",)


@dataclass
class Told:
    """One genuine message of a person. `taken`: the program answered 200 for it."""

    update: str
    text: str
    taken: bool = False
    tap: bool = False


@dataclass(frozen=True)
class Seen:
    """One thing a person got to see; `choices`: label -> value (a payload, or "" where the label is typed)."""

    text: str
    at: datetime
    choices: tuple[tuple[str, str], ...] = ()
    number: str = ""  # of the web chat's reply


@dataclass
class Form:
    """A registration as the person meant it; `receipt` once they saw one."""

    name: str
    year: int
    phone: str
    hamlet: str
    trade: str
    agreed: tuple[str, ...]
    receipt: str = ""
    sent: bool = False  # they said "đúng" to the summary
    cancelled: bool = False
    fixed: bool = False  # sent again with other words


@dataclass
class Person:
    """One human on one channel. `key` is the contact's external id, once it is known."""

    number: int
    channel: str
    account: str
    key: str
    plan: str
    told: list[Told] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    names: list[str] = field(default_factory=list)  # marks that stand nowhere in the clear
    stopped: datetime | None = None  # when they read that nothing is sent any more
    erased: datetime | None = None  # when they read that all is erased
    erasing: bool = False  # they asked for it, whatever came back
    stopping: bool = False
    refused: bool = False
    asked_officer: bool = False
    away: bool = False  # they shut the chat: nothing can be sent
    ever_away: bool = False
    away_unsure: bool = False  # the program's clock ran ahead: the news looked older than their last message
    page: bool = False  # a page stays open beside what they say
    shown: dict[int, str] = field(default_factory=dict)  # what its stream brought: number -> text
    shown_twice: int = 0
    trouble: str = ""


@dataclass
class Run:
    """What happened beside the people: killed processes, outages, officers' acts."""

    kills: int = 0
    hangs: int = 0  # processes that hung for longer than a lease
    harms: list[datetime] = field(default_factory=list)  # when a process was killed, or hung for longer than a request
    logins: int = 0  # how often an administrator had to log in to Zalo anew
    cuts: int = 0  # answers that a peer swallowed or broke off
    events: list[str] = field(default_factory=list)
    officers: list[dict[str, Any]] = field(default_factory=list)
    announced: dict[str, int] = field(default_factory=dict)  # the mark in an announcement's text -> its number
    taught: int = 0
    imported: int = 0
    exported: int = 0
