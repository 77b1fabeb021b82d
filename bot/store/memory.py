"""The store in memory: for tests; the same port and the same answers as the one in SQL."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from threading import Lock

from bot.dialogue.memory import SessionUnreadable, dump, load
from bot.effects import Effect
from bot.local import NOTHING, LocalBook
from bot.model import BotError, Contact, Course, LeadView, Reply, Session
from bot.store import memory_leads as leads
from bot.store.memory_tables import ContactRow, MessageRow, SessionRow, Tables
from bot.store.port import LeadRecord, StoredMessage
from bot.store.records import VIETNAM
from knowledge.dated import COMMUNE_DIGITS

PATIENCE = 10.0  # seconds a transaction waits for another one
COURSES_OVER = frozenset({"done", "cancelled"})


class StoreBusy(BotError):
    """Another transaction did not end in time: most likely one was begun inside another by the same thread."""


class MemoryStore:
    """The port `Store` in dictionaries; one transaction at a time, each working on a copy."""

    def __init__(self, *, zone: tzinfo = VIETNAM) -> None:
        self._zone = zone
        self._tables = Tables()
        self._lock = Lock()

    @contextmanager
    def transaction(self) -> Iterator["MemoryUnit"]:
        """The copy takes the place of what was there when the block ends well; after an exception it is dropped."""
        if not self._lock.acquire(timeout=PATIENCE):
            raise StoreBusy(f"store: no transaction could begin within {PATIENCE:g} s: end the one that is open first.")
        try:
            tables = self._tables.copy()
            yield MemoryUnit(tables, self._zone)
            self._tables = tables
        finally:
            self._lock.release()

    def close(self) -> None:
        """Nothing to let go of."""


class MemoryUnit:
    """The port `UnitOfWork` over a copy of the tables."""

    def __init__(self, tables: Tables, zone: tzinfo) -> None:
        self._tables = tables
        self._zone = zone
        self.elsewhere: list[StoredMessage] = []

    def lock(self, contact: Contact, now: datetime) -> int:
        """Find or make the contact; the store's lock keeps others out."""
        contacts = self._tables.contacts
        number = self._number_of(contact)
        if number is not None:
            return number
        number = self._tables.number("contacts")
        contacts[number] = ContactRow(contact, now, now)
        return number

    def paused(self, contact: int, now: datetime) -> bool:
        """Never: nobody can pause the assistant on a channel that this store serves."""
        del contact, now
        return False

    def owned(self, contact: int, now: datetime) -> bool:
        """Never: there is no desk over this store."""
        del contact, now
        return False

    def lapsed(self, contact: int, now: datetime) -> bool:
        """Never: there is no desk over this store."""
        del contact, now
        return False

    def announced(self, contact: int) -> str:
        """Never: announcements are kept in SQL alone."""
        del contact
        return ""

    def replies_to(self, contact: int, update_id: str) -> tuple[StoredMessage, ...] | None:
        """By the seen mark; its replies may all be retired by now."""
        if (contact, update_id) not in self._tables.seen_updates:
            return None
        return tuple(m for m in self._talk(contact) if m.reply is not None and m.update_id == update_id)

    def remember(
        self, contact: int, update_id: str, text: str, now: datetime, *, tally: str = "", left: str = ""
    ) -> None:
        """The mark makes a second delivery harmless; the text is the person's side of the talk.

        Figures are the desk's, and the desk has no store in memory; nobody can leave a channel that this store serves.
        """
        del tally, left
        if (contact, update_id) in self._tables.seen_updates:
            raise BotError(f"contact {contact}: an update was marked as seen twice: ask replies_to first.")
        self._tables.seen_updates[contact, update_id] = now
        self._tables.contacts[contact] = replace(self._tables.contacts[contact], seen_at=now)
        if text:
            self._tables.messages[self._tables.number("messages")] = MessageRow(
                contact, update_id, now, text=text, sent_at=now
            )

    def session(self, contact: int) -> Session | None:
        """One that another version wrote is as none: the talk starts afresh."""
        row = self._tables.sessions.get(contact)
        try:
            return load(row.body) if row else None
        except SessionUnreadable:
            return None

    def save_session(self, contact: int, session: Session, now: datetime) -> None:
        """As JSON, as every store keeps it."""
        self._tables.sessions[contact] = SessionRow(dump(session), now)

    def apply(self, contact: int, effect: Effect, now: datetime) -> None:
        """Each effect has its own function in `memory_leads`."""
        leads.apply(self._tables, contact, effect, now)

    def queue(
        self, contact: int, update_id: str, replies: Iterable[Reply], now: datetime, *, answered: bool = False
    ) -> tuple[StoredMessage, ...]:
        """Rows to be sent after the commit, or with it."""
        sent = now if answered else None
        numbers = []
        for reply in replies:
            numbers.append(self._tables.number("messages"))
            self._tables.messages[numbers[-1]] = MessageRow(
                contact, update_id, now, reply=reply, sent_at=sent, answered=answered
            )
        return tuple(self._message(n) for n in numbers)

    def mark_sent(self, messages: Iterable[int], now: datetime) -> None:
        """Once."""
        rows = self._tables.messages
        for number in messages:
            if number in rows and rows[number].sent_at is None:
                rows[number] = replace(rows[number], sent_at=now)

    def unsent(self, channel: str) -> tuple[StoredMessage, ...]:
        """All channels' rows are looked at: they are few here."""
        found = (self._message(n) for n, r in self._tables.messages.items() if r.sent_at is None)
        return tuple(m for m in found if m.contact.channel == channel)

    def messages(self, contact: Contact, *, after: int = 0, since: datetime | None = None) -> tuple[StoredMessage, ...]:
        """Both sides of the talk with this contact."""
        number = self._number_of(contact)
        talk = self._talk(number) if number is not None else ()
        return tuple(m for m in talk if m.id > after and (since is None or m.at >= since))

    def leads_of(self, contact: int) -> tuple[LeadView, ...]:
        """Newest first."""
        return leads.views(self._tables, contact, self._zone)

    def registrations_since(self, since: datetime, *, contact: int | None = None, phone: str = "") -> int:
        """Persons, not leads: one person may want three trades."""
        return leads.registrations_since(self._tables, since, contact=contact, phone=phone)

    def leads(self, commune: str) -> tuple[LeadRecord, ...]:
        """For the list alone."""
        return leads.records(self._tables, commune, self._zone)

    def served(self) -> frozenset[str]:
        """Five digits."""
        return frozenset(c for c in self._tables.served_places if len(c) == COMMUNE_DIGITS)

    def coordinated(self) -> frozenset[str]:
        """Two digits."""
        return frozenset(c for c in self._tables.served_places if len(c) == 2)

    def serve(self, code: str, now: datetime) -> None:
        """Once; again is harmless."""
        self._tables.served_places.setdefault(code, now)

    def courses(self) -> tuple[Course, ...]:
        """Not done, not cancelled; the soonest first."""
        going = [c for c in self._tables.courses.values() if c.state not in COURSES_OVER]
        return tuple(sorted(going, key=lambda c: (c.starts_on is None, c.starts_on, c.id)))

    def posters(self) -> Mapping[str, str]:
        """None: they are put there at the desk, which has no twin in memory."""
        return {}

    def local(self) -> LocalBook:
        """Nothing: nobody teaches at a desk over this store."""
        return NOTHING

    def save_course(self, course: Course) -> None:
        """Insert or replace by id."""
        self._tables.courses[course.id] = course

    def counts(self) -> Mapping[str, int]:
        """One count a table."""
        return self._tables.counts()

    def retention(self) -> Mapping[str, int]:
        """As at first, or as it was changed."""
        return dict(self._tables.retention)

    def set_retention(self, kind: str, days: int) -> None:
        """KeyError for a kind that is not in the table."""
        if kind not in self._tables.retention:
            raise KeyError(kind)
        self._tables.retention[kind] = days

    def retire(self, now: datetime) -> Mapping[str, int]:
        """The twin of `retiring.retire`."""
        t = self._tables
        limit = {kind: now - timedelta(days=days) for kind, days in t.retention.items()}
        before = t.counts()
        t.sessions = {n: r for n, r in t.sessions.items() if r.updated_at >= limit["session"]}
        t.messages = {n: r for n, r in t.messages.items() if r.at >= limit["message"]}
        t.seen_updates = {k: at for k, at in t.seen_updates.items() if at >= limit["message"]}
        t.unanswered = {n: r for n, r in t.unanswered.items() if r.at >= limit["unanswered"]}
        t.tickets = {n: r for n, r in t.tickets.items() if r.at >= limit["ticket"]}
        tables = {"session": "sessions", "message": "messages", "seen": "seen_updates", "unanswered": "unanswered"}
        done = {kind: before[name] - t.counts()[name] for kind, name in (tables | {"ticket": "tickets"}).items()}
        done["lead"] = t.delete_leads([n for n, r in t.leads.items() if r.changed_at < limit["lead"]])
        done["person"] = t.delete_people(t.people.keys() - {r.person for r in t.leads.values()})
        done["contact"] = t.delete_contacts(self._idle(limit["message"]))
        t.consents = {n: r for n, r in t.consents.items() if r.contact is not None or r.lead is not None}
        t.erasures = {line: at for line, at in t.erasures.items() if at >= limit["lead"]}
        return done

    def _idle(self, limit: datetime) -> list[int]:
        """Contacts unseen since then of whom nothing else is kept."""
        t = self._tables
        kept = {c for c, _ in t.contact_people} | {r.contact for r in t.tickets.values()}
        kept |= t.sessions.keys() | {r.contact for r in t.messages.values()}
        return [n for n, r in t.contacts.items() if r.seen_at < limit and n not in kept]

    def _number_of(self, contact: Contact) -> int | None:
        return next((n for n, r in self._tables.contacts.items() if r.contact == contact), None)

    def _talk(self, contact: int) -> tuple[StoredMessage, ...]:
        return tuple(self._message(n) for n, r in self._tables.messages.items() if r.contact == contact)

    def _message(self, number: int) -> StoredMessage:
        r = self._tables.messages[number]
        contact = self._tables.contacts[r.contact].contact
        sent = r.sent_at.astimezone(UTC) if r.sent_at else None
        return StoredMessage(number, contact, r.update_id, r.at.astimezone(UTC), r.reply, r.text, sent, r.answered)
