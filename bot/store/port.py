"""The store's port: what a turn, a job and the list need. Times are aware; personal texts pass in the clear."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.effects import Applicant, Effect, Json
from bot.local import LocalBook
from bot.model import BotError, Contact, Course, LeadView, Reply, Session


class ReceiptTaken(BotError):
    """The receipt number belongs to somebody else's registration: draw another and take the turn again."""

    def __init__(self, receipt: str) -> None:
        super().__init__(f"receipt {receipt}: it is another contact's: draw a new number and take the turn again.")


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """One message: `reply` for what goes out, `text` for what came in; `sent_at` None = not sent yet.

    `answered`: it went as the answer to the platform's own request, and goes so again when that comes again.
    """

    id: int
    contact: Contact
    update_id: str
    at: datetime
    reply: Reply | None = None
    text: str = ""
    sent_at: datetime | None = None
    answered: bool = False


@dataclass(frozen=True, slots=True)
class LeadRecord:
    """A row of the commune's list, in the clear: for the officer's eyes and the workbook alone."""

    receipt: str
    person: int
    applicant: Applicant
    trade: str
    trade_text: str
    course: str
    state: str
    verification: str
    served: bool
    registered_at: datetime
    changed_at: datetime
    details: Mapping[str, Json] = field(default_factory=dict)
    forward: bool = False
    agreed: frozenset[str] = frozenset()  # purposes to which the latest answer was yes


class UnitOfWork(Protocol):
    """One transaction: everything in it is kept, or nothing.

    `elsewhere`: what was queued for others than the contact of the turn (an officer, the person an officer answers).
    """

    elsewhere: list[StoredMessage]

    def lock(self, contact: Contact, now: datetime) -> int:
        """The contact's number, made on first sight; until the end nobody else takes a turn for this contact."""

    def paused(self, contact: int, now: datetime) -> bool:
        """Whether an officer is writing with this contact, so that the assistant keeps silent."""

    def owned(self, contact: int, now: datetime) -> bool:
        """Whether an officer has this talk by name: at the desk or in their own chat."""

    def lapsed(self, contact: int, now: datetime) -> bool:
        """Whether an officer had this talk and was silent for so long that the assistant has it again."""

    def announced(self, contact: int) -> str:
        """The value of the button under an announcement that came since they last wrote, "" when none did."""

    def replies_to(self, contact: int, update_id: str) -> tuple[StoredMessage, ...] | None:
        """None: this update is new. Otherwise what was answered to it."""

    def remember(
        self, contact: int, update_id: str, text: str, now: datetime, *, tally: str = "", left: str = ""
    ) -> None:
        """The seen mark, with what the figures count of the turn, and what came in: they can be reached again.

        `left`: it was the news that they cannot, and why.
        """

    def session(self, contact: int) -> Session | None:
        """The session, None for a new contact (or one whose session was retired)."""

    def save_session(self, contact: int, session: Session, now: datetime) -> None:
        """Write it back."""

    def apply(self, contact: int, effect: Effect, now: datetime) -> None:
        """Make a fact of the turn so. Raises ReceiptTaken; what names a lead not of this contact does nothing to it."""

    def queue(
        self, contact: int, update_id: str, replies: Iterable[Reply], now: datetime, *, answered: bool = False
    ) -> tuple[StoredMessage, ...]:
        """Keep outgoing messages: unsent, or as sent with the answer to the platform's request."""

    def mark_sent(self, messages: Iterable[int], now: datetime) -> None:
        """These went out."""

    def unsent(self, channel: str) -> tuple[StoredMessage, ...]:
        """What was committed on a channel and not sent, oldest first."""

    def messages(self, contact: Contact, *, after: int = 0, since: datetime | None = None) -> tuple[StoredMessage, ...]:
        """The talk, both sides, oldest first."""

    def leads_of(self, contact: int) -> tuple[LeadView, ...]:
        """Registrations made from this contact, newest first; days and moments are local."""

    def registrations_since(self, since: datetime, *, contact: int | None = None, phone: str = "") -> int:
        """How many persons were registered by a contact, or with a phone, since then."""

    def leads(self, commune: str) -> tuple[LeadRecord, ...]:
        """The commune's list, oldest first; moments are local."""

    def served(self) -> frozenset[str]:
        """Communes served here."""

    def coordinated(self) -> frozenset[str]:
        """Provinces that have a coordinator here."""

    def serve(self, code: str, now: datetime) -> None:
        """A commune (5 digits) or a province's coordinator (2 digits) is served from now on."""

    def courses(self) -> tuple[Course, ...]:
        """All classes that are not over, the soonest first."""

    def posters(self) -> Mapping[str, str]:
        """A class's id -> its poster's file name, for classes that have one."""

    def local(self) -> LocalBook:
        """What officers taught and entered for their communes."""

    def save_course(self, course: Course) -> None:
        """Insert or replace a class."""

    def counts(self) -> Mapping[str, int]:
        """Rows per table, for /healthz, tests and the operator."""

    def retire(self, now: datetime) -> Mapping[str, int]:
        """Erase what is older than the retention table allows; rows erased per kind."""

    def retention(self) -> Mapping[str, int]:
        """Days each kind is kept."""

    def set_retention(self, kind: str, days: int) -> None:
        """Change one; raises KeyError for an unknown kind."""


class Store(Protocol):
    """Where everything is kept."""

    def transaction(self) -> AbstractContextManager[UnitOfWork]:
        """One transaction; an exception inside undoes it."""

    def close(self) -> None:
        """Let go of files and connections."""


RETENTION_DAYS: Mapping[str, int] = {
    "session": 30,
    "message": 30,
    "unanswered": 180,
    "lead": 730,
    "ticket": 730,
    "export": 7,
    "log": 14,
}
