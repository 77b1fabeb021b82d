"""The words the whole house shares: what comes in, what goes out, what is remembered, what has happened."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from bot.effects import Effect, Json

Asked = Literal["", "phone"]
Decision = Literal["", "answered", "clarified", "unanswered"]
Attachment = Literal["voice", "image", "sticker", "file", "location", "contact", "link", "unsupported"]
LEAD_STATES = ("new", "contacted", "confirmed", "enrolled", "completed", "employed", "withdrawn", "not_eligible")
LEAD_OVER = ("withdrawn", "not_eligible")  # a registration that leads to no class any more
COURSE_JOINABLE = ("planned", "open")  # a class that still takes registrations


class BotError(Exception):
    """Root of every error of ours; the message says what, where, why and what to do next."""


@dataclass(frozen=True, slots=True)
class Contact:
    """A channel identity: not a person (one contact may speak for many people)."""

    channel: str
    account: str
    id: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message or tap of a contact, as a channel's `parse` made it.

    `update_id` is unique within (channel, account): the same id again is the same message delivered twice.
    `choice` is the value of a tapped choice; then `text` may be empty. `shared`: contact details given by a platform's
    own form or button: any of "phone", "full_name", "birth_date" (as it was written there).
    """

    update_id: str
    contact: Contact
    at: datetime
    text: str = ""
    choice: str | None = None
    attachment: Attachment | None = None
    shared: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to tap: `value` comes back, `label` is read. Every channel can also show it as `1. label`."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Reply:
    """One message to a contact, with what can be tapped under it and a picture's address if there is one.

    `asks`: what is asked for, where a channel has its own way of giving it ("phone": a button that shares the number).
    """

    text: str
    choices: tuple[Choice, ...] = ()
    image: str | None = None
    asks: Asked = ""


@dataclass(frozen=True, slots=True)
class FormState:
    """Where somebody is in a form. All values are JSON."""

    name: str
    asking: str = ""
    values: Mapping[str, Json] = field(default_factory=dict)
    misses: int = 0
    correcting: bool = False
    updated: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """What is remembered of a talk between two messages; written to JSON each time (`bot.dialogue.memory`).

    `offered`: the choices shown last, so that "1" is understood on any channel. `parked`: a form that was left and can
    be taken up again. `facts`: what was said anywhere and may prefill a form (trade, age, household_type, …).
    `counted`: what of this talk the figures hold already (`bot.dialogue.counting`).
    """

    language: str = "vi"
    offered: tuple[Choice, ...] = ()
    form: FormState | None = None
    parked: FormState | None = None
    facts: Mapping[str, Json] = field(default_factory=dict)
    topic: str = ""
    misses: int = 0
    greeted: bool = False
    last_at: str = ""
    owns_from: str = ""
    counted: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Course:
    """A class people can join, as the commune entered it. `state`: planned, open, full, running, done, cancelled."""

    id: str
    commune: str
    trade: str
    title: str
    provider: str
    place: str
    starts_on: date | None
    ends_on: date | None
    schedule: str
    seats: int
    deadline: date | None
    target_groups: tuple[str, ...]
    state: str
    demonstration: bool = False
    map_url: str = ""


@dataclass(frozen=True, slots=True)
class LeadView:
    """A registration as the contact who made it may see it.

    `again`: what a second registration of the same person need not ask; empty where a helper or guardian spoke.
    """

    receipt: str
    trade: str
    trade_text: str
    commune: str
    state: str
    registered_on: date
    full_name: str
    verification: str
    at: str = ""
    birth_year: int = 0
    course: str = ""
    again: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Turn:
    """What one message led to: what to say, what to remember, what has happened.

    `decision`: what became of a question, "" when none was asked; `about` is its topic. `tally`: what the figures count
    of this turn (`bot.dialogue.counting`).
    """

    replies: tuple[Reply, ...]
    session: Session
    effects: tuple[Effect, ...] = ()
    decision: Decision = ""
    about: str = ""
    tally: str = ""
