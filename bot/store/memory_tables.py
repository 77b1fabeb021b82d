"""The rows of the store in memory; deleting one takes along what hangs on it, as the foreign keys of `tables` do."""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import datetime

from bot.effects import Applicant
from bot.model import Contact, Course, Reply
from bot.store.port import RETENTION_DAYS

KEPT_IN_SQL_ALONE = (
    "tokens", "leases", "recipients", "deliveries", "delivery_leads", "notices", "data_requests", "template_sends",
    "follow_ups", "identity_numbers", "commune_choices",
    "saved_replies", "feedback",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A contact; its number is its key in `Tables.contacts`."""

    contact: Contact
    created_at: datetime
    seen_at: datetime
    stopped_at: datetime | None = None
    stopped_kinds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session as JSON: what cannot be stored cannot be remembered here either."""

    body: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message of either side: `reply` for what goes out, `text` for what came in."""

    contact: int
    update_id: str
    at: datetime
    reply: Reply | None = None
    text: str = ""
    sent_at: datetime | None = None
    answered: bool = False


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody on a list, as they were told last."""

    applicant: Applicant
    created_at: datetime


@dataclass(frozen=True, slots=True)
class LeadRow:
    """A registration; `details` is a JSON object."""

    receipt: str
    person: int
    commune: str
    trade: str
    trade_text: str
    course: str
    served: bool
    state: str
    verification: str
    created_at: datetime
    changed_at: datetime
    details: str = "{}"


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """What happened to a lead."""

    lead: int
    at: datetime
    who: str
    what: str


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """An answer to a purpose, with the lead it was given for if there was one."""

    contact: int | None
    lead: int | None
    purpose: str
    given: bool
    text_version: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TicketRow:
    """A question for an officer."""

    contact: int
    commune: str
    reason: str
    text: str
    phone: str
    at: datetime
    state: str = "open"


@dataclass(frozen=True, slots=True)
class SurveyRow:
    """What somebody said to a survey."""

    works: bool
    job: str
    place: str


@dataclass(frozen=True, slots=True)
class UnansweredRow:
    """A question nobody could answer, of nobody in particular."""

    text: str
    decision: str
    commune: str
    at: datetime


@dataclass(slots=True)
class Tables:
    """All rows. Rows are frozen, so that a copy of the dictionaries is a copy of everything."""

    contacts: dict[int, ContactRow] = field(default_factory=dict)
    sessions: dict[int, SessionRow] = field(default_factory=dict)
    seen_updates: dict[tuple[int, str], datetime] = field(default_factory=dict)
    messages: dict[int, MessageRow] = field(default_factory=dict)
    people: dict[int, PersonRow] = field(default_factory=dict)
    contact_people: dict[tuple[int, int], str] = field(default_factory=dict)
    leads: dict[int, LeadRow] = field(default_factory=dict)
    lead_history: dict[int, HistoryRow] = field(default_factory=dict)
    consents: dict[int, ConsentRow] = field(default_factory=dict)
    tickets: dict[int, TicketRow] = field(default_factory=dict)
    unanswered: dict[int, UnansweredRow] = field(default_factory=dict)
    surveys: dict[tuple[int, int], SurveyRow] = field(default_factory=dict)
    served_places: dict[str, datetime] = field(default_factory=dict)
    courses: dict[str, Course] = field(default_factory=dict)
    retention: dict[str, int] = field(default_factory=lambda: dict(RETENTION_DAYS))
    erasures: dict[tuple[str, str], datetime] = field(default_factory=dict)
    last_numbers: dict[str, int] = field(default_factory=dict)

    def copy(self) -> "Tables":
        """The same rows in dictionaries of their own."""
        return Tables(**{f.name: dict(getattr(self, f.name)) for f in fields(self)})

    def number(self, table: str) -> int:
        """The next number of a table: never one that was given before, not even to a row that is gone."""
        self.last_numbers[table] = self.last_numbers.get(table, 0) + 1
        return self.last_numbers[table]

    def counts(self) -> dict[str, int]:
        """Rows per table; those of the channels that send and of the desk are never filled here."""
        kept = {f.name: len(getattr(self, f.name)) for f in fields(self) if f.name != "last_numbers"}
        return {**kept, **dict.fromkeys(KEPT_IN_SQL_ALONE, 0)}

    def people_of(self, contact: int) -> frozenset[int]:
        """Everybody who was registered from a contact."""
        return frozenset(p for c, p in self.contact_people if c == contact)

    def delete_contacts(self, gone: Iterable[int]) -> int:
        """Contacts with their sessions, marks, messages, tickets and ties to people; consents stay, without them."""
        gone = frozenset(gone)
        self.contacts = {n: r for n, r in self.contacts.items() if n not in gone}
        self.sessions = {n: r for n, r in self.sessions.items() if n not in gone}
        self.seen_updates = {k: at for k, at in self.seen_updates.items() if k[0] not in gone}
        self.messages = {n: r for n, r in self.messages.items() if r.contact not in gone}
        self.contact_people = {k: r for k, r in self.contact_people.items() if k[0] not in gone}
        self.tickets = {n: r for n, r in self.tickets.items() if r.contact not in gone}
        self.consents = {n: replace(r, contact=None) if r.contact in gone else r for n, r in self.consents.items()}
        return len(gone)

    def delete_people(self, gone: Iterable[int]) -> int:
        """People with their leads."""
        gone = frozenset(gone)
        self.people = {n: r for n, r in self.people.items() if n not in gone}
        self.contact_people = {k: r for k, r in self.contact_people.items() if k[1] not in gone}
        self.delete_leads(n for n, r in self.leads.items() if r.person in gone)
        return len(gone)

    def delete_leads(self, gone: Iterable[int]) -> int:
        """Leads with their history and consents."""
        gone = frozenset(gone)
        self.leads = {n: r for n, r in self.leads.items() if n not in gone}
        self.lead_history = {n: r for n, r in self.lead_history.items() if r.lead not in gone}
        self.consents = {n: r for n, r in self.consents.items() if r.lead not in gone}
        self.surveys = {k: r for k, r in self.surveys.items() if k[0] not in gone}
        return len(gone)
