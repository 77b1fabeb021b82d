"""What the desk, the sheets, forwarding and data rights pass to the store and get back; personal texts in the clear."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from bot.effects import Applicant, Json

Way = Literal["email", "webhook"]
Every = Literal["asked", "week", "month"]
DeliveryKind = Literal["list", "figures", "erased"]
# waiting: not tried yet, or to be tried again; sending: on the wire; unknown: cut off on the wire, it may have arrived
# and is not sent again by itself; failed: given up; empty: there was nobody to send.
DeliveryState = Literal["waiting", "sending", "sent", "unknown", "failed", "empty"]
NoticeEvery = Literal["each", "day"]
RequestKind = Literal["access", "correct", "erase", "withdraw", "restrict", "object"]


@dataclass(frozen=True, slots=True)
class Key:
    """What is needed of a registration to choose and order it, without opening the person."""

    id: int
    commune: str
    trade: str
    trade_text: str
    course: str
    state: str
    verification: str
    created_at: datetime
    group: str
    agreed: frozenset[str]


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row of an old workbook, understood: `row` is its number there (from 1).

    `receipt`, `state`, `verification` are "" and `agreed`, `registered_on` None where the workbook does not say.
    """

    row: int
    applicant: Applicant
    trade: str
    trade_text: str
    receipt: str = ""
    state: str = ""
    verification: str = ""
    registered_on: date | None = None
    agreed: frozenset[str] | None = None
    details: Mapping[str, Json] = field(default_factory=dict)


Fate = Literal["new", "same", "changed", "duplicate", "elsewhere"]


@dataclass(frozen=True, slots=True)
class Planned:
    """What importing a row would do. `receipt`: of the registration that it meets; `changes`: names of fields."""

    row: SheetRow
    fate: Fate
    receipt: str = ""
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody the list is forwarded to. `kind`: "provider" is named by the consent to forwarding, other kinds are not.

    `consent`: the purpose that a person must have agreed to; "" forwards figures without people. `attach`: the
    workbook itself, else a link that expires. `secret`: the webhook's key. `next_at`: when it is due, None when asked.
    """

    commune: str
    name: str
    address: str
    way: Way = "email"
    every: Every = "asked"
    kind: str = "provider"
    purpose: str = ""
    consent: str = "forward"
    attach: bool = False
    secret: str = ""
    next_at: datetime | None = None
    ended_at: datetime | None = None
    id: int = 0


@dataclass(frozen=True, slots=True)
class Delivery:
    """One sending to one recipient: what, when, how often tried, what became of it. `note`: receipts to be erased."""

    id: int
    recipient: Recipient
    kind: DeliveryKind
    state: DeliveryState
    tries: int
    due_at: datetime
    made_at: datetime
    settled_at: datetime | None = None
    people: int = 0
    why: str = ""
    link_until: datetime | None = None
    note: tuple[str, ...] = ()
    asked_by: str = "schedule"
    opens: int = 0
    opened_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewLead:
    """What a notice may say of a registration: no name, no phone, no group."""

    id: int
    commune: str
    trade_text: str
    hamlet: str


@dataclass(frozen=True, slots=True)
class Notice:
    """An officer's contact that is told of new registrations, with those since the last notice."""

    id: int
    contact: int
    commune: str
    every: NoticeEvery
    last_lead: int
    next_at: datetime
    leads: tuple[NewLead, ...] = ()


@dataclass(frozen=True, slots=True)
class DataRequest:
    """Somebody asked about their data. `source` "ticket": asked in the chat, `id` is the ticket's.

    `answer_by`: the day by which they must have heard; `due_on`: by which it must be done (`bot.store.deadlines`).
    """

    id: int
    source: Literal["request", "ticket"]
    commune: str
    kind: RequestKind
    asked_at: datetime
    answer_by: date
    due_on: date
    person: int | None = None
    who: str = ""
    note: str = ""
    answered_at: datetime | None = None
    extended_at: datetime | None = None
    done_at: datetime | None = None
