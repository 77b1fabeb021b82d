"""The store in SQL: SQLite in WAL mode by default, PostgreSQL by the same statements."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, Engine, select

from bot.dialogue.memory import SessionUnreadable, dump, load
from bot.effects import Effect, Forgotten, PersonErased, QuestionUnanswered
from bot.local import LocalBook
from bot.model import Contact, Course, LeadView, Reply, Session
from bot.store import lead_records
from bot.store import sql_feedback as feedback
from bot.store import sql_leads as leads
from bot.store import statements as do
from bot.store import tables as t
from bot.store.crypto import Cipher
from bot.store.engines import BUSY_MS
from bot.store.port import LeadRecord, StoredMessage
from bot.store.records import VIETNAM, reply_json, reply_of
from bot.store.sql_channels import SqlChannels
from bot.store.sql_people import PeopleUnit
from bot.store.sql_places import Kept, Places
from bot.store.sql_places import read as read_places
from bot.store.sql_retention import Retention
from bot.store.standing import NOBODYS, Standing
from bot.store.turn_rows import TurnRows
from bot.store.wal import empty_log

ANSWERED = "answer"  # why a message counts as sent: it was the answer to the platform's own request
_UNSENT: Mapping[str, Any] = {"sent": None, "becomes": "", "because": ""}


class SqlStore:
    """The port `Store` over an engine whose schema is up to date (`bot.store.migrate`).

    `zone` is where days are reckoned. Raises KeyFault at once when the data was written with another key: with it
    everybody would be taken for new.
    """

    def __init__(self, engine: Engine, cipher: Cipher, *, zone: tzinfo = VIETNAM) -> None:
        self.engine = engine
        self._cipher = cipher
        self._zone = zone
        self.kept = Kept()
        self.tally = feedback.Tally()
        with engine.begin() as connection:
            sealed = connection.execute(select(t.contacts.c.external).limit(1)).scalar()
        cipher.open(sealed or b"", "contact.external")

    @contextmanager
    def transaction(self) -> Iterator["SqlUnit"]:
        """One transaction; on SQLite it holds the write lock from its first statement."""
        with self.engine.begin() as connection:
            unit = SqlUnit(connection, self._cipher, self._zone, self.kept)
            yield unit
            unit.rows.write()
        if unit.counted:
            self.tally.add(unit.counted)
        if unit.changed_places:
            self.kept.forget()
        if unit.erased:
            empty_log(self.engine, BUSY_MS)

    @contextmanager
    def channels(self) -> Iterator[SqlChannels]:
        """One transaction over the channels' tables."""
        with self.engine.begin() as db:
            yield SqlChannels(db, self._cipher, SqlUnit(db, self._cipher, self._zone, self.kept)._read)

    @contextmanager
    def people(self) -> Iterator[PeopleUnit]:
        """One transaction over what stands behind the desk."""
        with self.engine.begin() as connection:
            queue = SqlUnit(connection, self._cipher, self._zone, self.kept).queue
            unit = PeopleUnit(connection, self._cipher, self._zone, queue)
            yield unit
        if unit.rights.erased:
            empty_log(self.engine, BUSY_MS)

    def write_counts(self) -> None:
        """What was counted since the last time."""
        feedback.flush(self.engine, self.tally)

    def close(self) -> None:
        """Write what was counted, let go of the connections."""
        self.write_counts()
        self.engine.dispose()


class SqlUnit(Retention):
    """The port `UnitOfWork` over one connection."""

    def __init__(self, connection: Connection, cipher: Cipher, zone: tzinfo, kept: Kept) -> None:
        self._db = connection
        self._cipher = cipher
        self._zone = zone
        self._kept = kept
        self._contacts: dict[int, Contact] = {}
        self._standing: dict[int, Standing] = {}
        self.rows = TurnRows(connection)
        self.elsewhere: list[StoredMessage] = []
        self.counted: list[feedback.Key] = []
        self.erased = False
        self.changed_places = False

    def lock(self, contact: Contact, now: datetime) -> int:
        """Find or make the contact; the row lock (PostgreSQL) or the write lock (SQLite) keeps others out."""
        digest = self._cipher.digest(contact.id, f"{contact.channel}.{contact.account}")
        named = {"in_channel": contact.channel, "in_account": contact.account, "digest": digest, "now": now}
        found = do.CONTACT_LOCKED.first(self._db, **named)
        if found is not None:
            number = int(found[0])
            self._standing[number] = Standing(*found[1:])
        else:
            number = self._met(contact, named)
        self._contacts[number] = contact
        return number

    def _met(self, contact: Contact, named: dict[str, Any]) -> int:
        """A new contact; another process may make it in the same moment (PostgreSQL): then this turn comes after it."""
        sealed = self._cipher.seal(contact.id, "contact.external")
        if self._db.dialect.name == "sqlite":
            return do.CONTACT_MADE.made(self._db, **named, sealed=sealed)
        try:
            with self._db.begin_nested():
                return do.CONTACT_MADE.made(self._db, **named, sealed=sealed)
        except self._db.dialect.loaded_dbapi.IntegrityError:
            return do.CONTACT_LOCKED.made(self._db, **named)

    def paused(self, contact: int, now: datetime) -> bool:
        """As it was when the contact was locked."""
        return self._standing.get(contact, NOBODYS).paused(now)

    def owned(self, contact: int, now: datetime) -> bool:
        """As it was when the contact was locked."""
        standing = self._standing.get(contact, NOBODYS)
        return standing.owner is not None and standing.paused(now)

    def lapsed(self, contact: int, now: datetime) -> bool:
        """As it was when the contact was locked."""
        return self._standing.get(contact, NOBODYS).lapsed(now)

    def officers_chat(self, contact: int) -> bool:
        """Some officer linked it, perhaps not for good: `SqlOfficers.of_chat` says whose it is now."""
        return self._standing.get(contact, NOBODYS).officer is not None

    def announced(self, contact: int) -> str:
        """As it was when the contact was locked; their message ends it."""
        return self._standing.get(contact, NOBODYS).announced

    def replies_to(self, contact: int, update_id: str) -> tuple[StoredMessage, ...] | None:
        """By the seen mark; its replies may all be retired by now."""
        if not self.rows.begin(contact, update_id):
            return None
        m = t.messages.c
        return self._read((m.contact_id == contact) & (m.update_id == update_id) & m.outgoing)

    def remember(
        self, contact: int, update_id: str, text: str, now: datetime, *, tally: str = "", left: str = ""
    ) -> None:
        """The mark makes a second delivery harmless; the text is the person's side of the talk."""
        self.rows.met(contact, now, left)
        sealed = self._cipher.seal(tally, "seen.tally") if tally else None
        self.rows.mark(contact, update_id, now, sealed)
        if text:
            self.rows.said(self._row(contact, update_id, text, now, **{**_UNSENT, "going_out": False, "sent": now}))

    def session(self, contact: int) -> Session | None:
        """One that another version wrote is as none: the talk starts afresh."""
        sealed = self.rows.before(contact).session
        if sealed is None:
            return None
        try:
            return load(self._cipher.open(sealed, "session.body"))
        except SessionUnreadable:
            return None

    def save_session(self, contact: int, session: Session, now: datetime) -> None:
        """Update, or insert the first time."""
        self.rows.save(contact, self._cipher.seal(dump(session), "session.body"), now)

    def apply(self, contact: int, effect: Effect, now: datetime) -> None:
        """Each effect has its own statement in `sql_leads`; what is counted is written later (`sql_feedback`)."""
        if isinstance(effect, feedback.COUNTED):
            self.counted.append(feedback.key_of(effect, now))
            return
        if not isinstance(effect, QuestionUnanswered):
            self.rows.settle(contact)
        leads.apply(self._db, self._cipher, contact, effect, now)
        self.erased |= isinstance(effect, (PersonErased, Forgotten))

    def queue(
        self, contact: int, update_id: str, replies: Iterable[Reply], now: datetime, *, answered: bool = False
    ) -> tuple[StoredMessage, ...]:
        """Rows to be sent after the commit, or with it."""
        answered = answered and not self._others_first(contact)
        to, at = self._contacts.get(contact), now.astimezone(UTC)
        sent = {"sent": now, "becomes": "sent", "because": ANSWERED} if answered else _UNSENT
        told = tuple(replies)
        rows = [self._row(contact, update_id, reply_json(reply), now, **sent) for reply in told]
        made = tuple(zip(self.rows.answers(contact, rows), told, strict=True))
        if to is None:  # not the contact of this turn
            others = self._read(t.messages.c.id.in_([number for number, _ in made])) if made else ()
            self.elsewhere += others
            return others
        gone = at if answered else None
        return tuple(StoredMessage(n, to, update_id, at, reply, "", gone, answered) for n, reply in made)

    def _others_first(self, contact: int) -> bool:
        """Whether something older is unsent. One process knows its own; only with several the database is asked."""
        return self._db.dialect.name == "postgresql" and do.UNSENT_TO.first(self._db, contact=contact) is not None

    def mark_sent(self, messages: Iterable[int], now: datetime) -> None:
        """Once."""
        do.MESSAGE_SENT.run_many(self._db, [{"message": message, "now": now} for message in messages])

    def unsent(self, channel: str) -> tuple[StoredMessage, ...]:
        """By the partial index."""
        self.rows.write()
        m = t.messages.c
        return self._read(m.outgoing & m.sent_at.is_(None) & (t.contacts.c.channel == channel))

    def messages(self, contact: Contact, *, after: int = 0, since: datetime | None = None) -> tuple[StoredMessage, ...]:
        """Both sides of the talk with this contact."""
        self.rows.write()
        digest = self._cipher.digest(contact.id, f"{contact.channel}.{contact.account}")
        c, m = t.contacts.c, t.messages.c
        where = (c.channel == contact.channel) & (c.account == contact.account) & (c.external_digest == digest)
        where &= m.id > after
        return self._read(where & (m.at >= since) if since else where)

    def leads_of(self, contact: int) -> tuple[LeadView, ...]:
        """Newest first; most contacts speak for nobody yet."""
        if not self.rows.before(contact).speaks:
            return ()
        return lead_records.views(self._db, self._cipher, contact, self._zone)

    def registrations_since(self, since: datetime, *, contact: int | None = None, phone: str = "") -> int:
        """Persons, not leads: one person may want three trades."""
        return leads.registrations_since(self._db, self._cipher, since, contact=contact, phone=phone)

    def leads(self, commune: str) -> tuple[LeadRecord, ...]:
        """Decrypted: for the list alone."""
        return lead_records.records(self._db, self._cipher, commune, self._zone)

    def served(self) -> frozenset[str]:
        """Five digits."""
        return self._places().served

    def coordinated(self) -> frozenset[str]:
        """Two digits."""
        return self._places().coordinated

    def courses(self) -> tuple[Course, ...]:
        """Not done, not cancelled; the soonest first."""
        return self._places().courses

    def posters(self) -> Mapping[str, str]:
        """As `SqlClasses.poster` looks them up."""
        return self._places().posters

    def local(self) -> LocalBook:
        """At most a second old."""
        return self._kept.local.get(self._db, self._cipher)

    def _places(self) -> Places:
        return read_places(self._db) if self.changed_places else self._kept.get(self._db)

    def serve(self, code: str, now: datetime) -> None:
        """Once; again is harmless."""
        self.changed_places = True
        if code not in self.served() | self.coordinated():
            self._db.execute(t.served_places.insert().values(code=code, added_at=now))

    def save_course(self, course: Course) -> None:
        """Insert or replace by id."""
        self.changed_places = True
        values = {f: getattr(course, f) for f in course.__slots__} | {"target_groups": ",".join(course.target_groups)}
        done = self._db.execute(t.courses.update().where(t.courses.c.id == course.id).values(**values))
        if done.rowcount == 0:
            self._db.execute(t.courses.insert().values(**values))

    def _row(self, contact: int, update_id: str, body: str, now: datetime, **fate: Any) -> dict[str, Any]:
        sealed = self._cipher.seal(body, "message.body")
        return {"contact": contact, "update": update_id, "now": now, "sealed": sealed, "going_out": True, **fate}

    def _read(self, where: Any) -> tuple[StoredMessage, ...]:
        columns = (t.messages, t.contacts.c.channel, t.contacts.c.account, t.contacts.c.external)
        query = select(*columns).join(t.contacts, t.contacts.c.id == t.messages.c.contact_id).where(where)
        return tuple(self._message(r) for r in self._db.execute(query.order_by(t.messages.c.id)))

    def _message(self, row: Any) -> StoredMessage:
        body = self._cipher.open(row.body, "message.body")
        contact = Contact(row.channel, row.account, self._cipher.open(row.external, "contact.external"))
        reply, text = (reply_of(body), "") if row.outgoing else (None, body)
        return StoredMessage(row.id, contact, row.update_id, row.at, reply, text, row.sent_at, row.why == ANSWERED)
