"""The store in SQL: SQLite in WAL mode by default, PostgreSQL by the same statements."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.pool import QueuePool

from bot.dialogue.memory import SessionUnreadable, dump, load
from bot.model import Contact, Course, Effect, Forgotten, LeadView, PersonErased, Reply, Session
from bot.store import sql_leads as leads
from bot.store import statements as do
from bot.store import tables as t
from bot.store.crypto import Cipher
from bot.store.port import LeadRecord, StoredMessage
from bot.store.records import VIETNAM, reply_json, reply_of
from bot.store.retiring import retire
from bot.store.sql_channels import SqlChannels
from bot.store.sql_people import PeopleUnit
from bot.store.sql_places import Kept, Places
from bot.store.sql_places import read as read_places
from bot.store.wal import empty_log

ANSWERED = "answer"  # why a message counts as sent: it was the answer to the platform's own request
BUSY_MS = 10_000  # a turn waits that long for another one
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")

_UNSENT: Mapping[str, Any] = {"sent": None, "becomes": "", "because": ""}


def connect(url: str) -> Engine:
    """An engine with the pragmas of DESIGN §2 on SQLite: WAL, FULL, foreign keys, secure delete."""
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(url, poolclass=QueuePool, pool_size=4, connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN IMMEDIATE ourselves
        cursor = connection.cursor()
        for pragma in (f"busy_timeout={BUSY_MS}", *PRAGMAS):  # the first one lets the others wait for their turn
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("reading")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


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
        with engine.begin() as connection:
            sealed = connection.execute(select(t.contacts.c.external).limit(1)).scalar()
        cipher.open(sealed or b"", "contact.external")

    @contextmanager
    def transaction(self) -> Iterator["SqlUnit"]:
        """One transaction; on SQLite it holds the write lock from its first statement."""
        with self.engine.begin() as connection:
            unit = SqlUnit(connection, self._cipher, self._zone, self.kept)
            yield unit
        if unit.changed_places:
            self.kept.forget()
        if unit.erased:
            empty_log(self.engine, BUSY_MS)

    @contextmanager
    def channels(self) -> Iterator[SqlChannels]:
        """One transaction over the channels' tables."""
        with self.engine.begin() as connection:
            yield SqlChannels(connection, self._cipher, SqlUnit(connection, self._cipher, self._zone, self.kept)._read)

    @contextmanager
    def people(self) -> Iterator[PeopleUnit]:
        """One transaction over what stands behind the desk."""
        with self.engine.begin() as connection:
            queue = SqlUnit(connection, self._cipher, self._zone, self.kept).queue
            unit = PeopleUnit(connection, self._cipher, self._zone, queue)
            yield unit
        if unit.rights.erased:
            empty_log(self.engine, BUSY_MS)

    def close(self) -> None:
        """Let go of the connections."""
        self.engine.dispose()


class SqlUnit:
    """The port `UnitOfWork` over one connection."""

    def __init__(self, connection: Connection, cipher: Cipher, zone: tzinfo, kept: Kept) -> None:
        self._db = connection
        self._cipher = cipher
        self._zone = zone
        self._kept = kept
        self._contacts: dict[int, Contact] = {}
        self._paused: dict[int, datetime | None] = {}
        self._announced: dict[int, str] = {}
        self.erased = False
        self.changed_places = False

    def lock(self, contact: Contact, now: datetime) -> int:
        """Find or make the contact; the row lock (PostgreSQL) or the write lock (SQLite) keeps others out."""
        digest = self._cipher.digest(contact.id, f"{contact.channel}.{contact.account}")
        found = do.CONTACT.first(self._db, channel=contact.channel, account=contact.account, digest=digest)
        if found is not None:
            number, self._paused[number] = int(found[0]), found[1]
            self._announced[number] = found[2]
            do.CONTACT_SEEN.run(self._db, contact=number, now=now)
        else:
            sealed = self._cipher.seal(contact.id, "contact.external")
            named = {"in_channel": contact.channel, "in_account": contact.account}
            number = _made(do.CONTACT_MADE.first(self._db, **named, digest=digest, sealed=sealed, now=now))
        self._contacts[number] = contact
        return number

    def paused(self, contact: int, now: datetime) -> bool:
        """Set by `ChannelUnit.pause`; as it was when the contact was locked."""
        until = self._paused.get(contact)
        return until is not None and until > now

    def announced(self, contact: int) -> str:
        """As it was when the contact was locked; their message ends it."""
        return self._announced.get(contact, "")

    def replies_to(self, contact: int, update_id: str) -> tuple[StoredMessage, ...] | None:
        """By the seen mark; its replies may all be retired by now."""
        if do.SEEN.first(self._db, contact=contact, update=update_id) is None:
            return None
        m = t.messages.c
        return self._read((m.contact_id == contact) & (m.update_id == update_id) & m.outgoing)

    def remember(self, contact: int, update_id: str, text: str, now: datetime) -> None:
        """The mark makes a second delivery harmless; the text is the person's side of the talk."""
        do.MARK_SEEN.run(self._db, contact=contact, update=update_id, now=now)
        if text:
            self._insert_message(contact, update_id, text, now, outgoing=False, **{**_UNSENT, "sent": now})

    def session(self, contact: int) -> Session | None:
        """One that another version wrote is as none: the talk starts afresh."""
        found = do.SESSION.first(self._db, contact=contact)
        if found is None:
            return None
        try:
            return load(self._cipher.open(found[0], "session.body"))
        except SessionUnreadable:
            return None

    def save_session(self, contact: int, session: Session, now: datetime) -> None:
        """Update, or insert the first time."""
        values = {"contact": contact, "sealed": self._cipher.seal(dump(session), "session.body"), "now": now}
        if do.SESSION_CHANGED.run(self._db, **values) == 0:
            do.SESSION_MADE.run(self._db, **values)

    def apply(self, contact: int, effect: Effect, now: datetime) -> None:
        """Each effect has its own statement in `sql_leads`."""
        leads.apply(self._db, self._cipher, contact, effect, now)
        self.erased |= isinstance(effect, (PersonErased, Forgotten))

    def queue(
        self, contact: int, update_id: str, replies: Iterable[Reply], now: datetime, *, answered: bool = False
    ) -> tuple[StoredMessage, ...]:
        """Rows to be sent after the commit, or with it."""
        to, at = self._contacts.get(contact), now.astimezone(UTC)
        sent = {"sent": now, "becomes": "sent", "because": ANSWERED} if answered else _UNSENT
        made = [(self._insert_message(contact, update_id, reply_json(r), now, **sent), r) for r in replies]
        if to is None:  # not the contact of this turn
            return self._read(t.messages.c.id.in_([number for number, _ in made])) if made else ()
        gone = at if answered else None
        return tuple(StoredMessage(n, to, update_id, at, reply, "", gone, answered) for n, reply in made)

    def mark_sent(self, messages: Iterable[int], now: datetime) -> None:
        """Once."""
        for message in messages:
            do.MESSAGE_SENT.run(self._db, message=message, now=now)

    def unsent(self, channel: str) -> tuple[StoredMessage, ...]:
        """By the partial index."""
        m = t.messages.c
        return self._read(m.outgoing & m.sent_at.is_(None) & (t.contacts.c.channel == channel))

    def messages(self, contact: Contact, *, after: int = 0, since: datetime | None = None) -> tuple[StoredMessage, ...]:
        """Both sides of the talk with this contact."""
        digest = self._cipher.digest(contact.id, f"{contact.channel}.{contact.account}")
        c, m = t.contacts.c, t.messages.c
        where = (c.channel == contact.channel) & (c.account == contact.account) & (c.external_digest == digest)
        where &= m.id > after
        return self._read(where & (m.at >= since) if since else where)

    def leads_of(self, contact: int) -> tuple[LeadView, ...]:
        """Newest first; most contacts speak for nobody yet."""
        if do.SPEAKS_FOR.first(self._db, contact=contact) is None:
            return ()
        return leads.views(self._db, self._cipher, contact, self._zone)

    def registrations_since(self, since: datetime, *, contact: int | None = None, phone: str = "") -> int:
        """Persons, not leads: one person may want three trades."""
        return leads.registrations_since(self._db, self._cipher, since, contact=contact, phone=phone)

    def leads(self, commune: str) -> tuple[LeadRecord, ...]:
        """Decrypted: for the list alone."""
        return leads.records(self._db, self._cipher, commune, self._zone)

    def served(self) -> frozenset[str]:
        """Five digits."""
        return self._places().served

    def coordinated(self) -> frozenset[str]:
        """Two digits."""
        return self._places().coordinated

    def courses(self) -> tuple[Course, ...]:
        """Not done, not cancelled; the soonest first."""
        return self._places().courses

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

    def counts(self) -> Mapping[str, int]:
        """One count a table."""
        return {
            table.name: int(self._db.execute(select(func.count()).select_from(table)).scalar_one())
            for table in t.metadata.sorted_tables
        }

    def retention(self) -> Mapping[str, int]:
        """As the migration set it, or as it was changed."""
        return {r.kind: r.days for r in self._db.execute(select(t.retention.c.kind, t.retention.c.days))}

    def set_retention(self, kind: str, days: int) -> None:
        """KeyError for a kind that is not in the table."""
        done = self._db.execute(t.retention.update().where(t.retention.c.kind == kind).values(days=days))
        if done.rowcount == 0:
            raise KeyError(kind)

    def retire(self, now: datetime) -> Mapping[str, int]:
        """See `retiring`."""
        limit: Callable[[str], datetime] = lambda kind: now - timedelta(days=self.retention()[kind])  # noqa: E731
        self.erased = True
        return retire(self._db, limit)

    def _insert_message(
        self, contact: int, update_id: str, body: str, now: datetime, *, outgoing: bool = True, **fate: Any
    ) -> int:
        sealed = self._cipher.seal(body, "message.body")
        values = {"contact": contact, "update": update_id, "going_out": outgoing, "now": now, "sealed": sealed}
        return _made(do.MESSAGE_MADE.first(self._db, **values, **fate))

    def _read(self, where: Any) -> tuple[StoredMessage, ...]:
        columns = (t.messages, t.contacts.c.channel, t.contacts.c.account, t.contacts.c.external)
        query = select(*columns).join(t.contacts, t.contacts.c.id == t.messages.c.contact_id).where(where)
        return tuple(self._message(r) for r in self._db.execute(query.order_by(t.messages.c.id)))

    def _message(self, row: Any) -> StoredMessage:
        body = self._cipher.open(row.body, "message.body")
        contact = Contact(row.channel, row.account, self._cipher.open(row.external, "contact.external"))
        reply, text = (reply_of(body), "") if row.outgoing else (None, body)
        return StoredMessage(row.id, contact, row.update_id, row.at, reply, text, row.sent_at, row.why == ANSWERED)


def _made(row: tuple[Any, ...] | None) -> int:
    assert row is not None  # noqa: S101 - an insert that did not raise gives its row back
    return int(row[0])
