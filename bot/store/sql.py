"""The store in SQL: SQLite in WAL mode by default, PostgreSQL by the same statements."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.pool import QueuePool

from bot.dialogue.memory import SessionUnreadable, dump, load
from bot.model import Choice, Contact, Course, Effect, Forgotten, LeadView, PersonErased, Reply, Session
from bot.store import sql_leads as leads
from bot.store import tables as t
from bot.store.crypto import Cipher
from bot.store.port import LeadRecord, StoredMessage
from bot.store.records import VIETNAM
from bot.store.retiring import retire
from bot.store.sql_channels import SqlChannels

BUSY_MS = 10_000  # a turn waits that long for another one
LOG_MS = 250  # nobody waits longer for the log to be emptied
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")


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
        with engine.begin() as connection:
            sealed = connection.execute(select(t.contacts.c.external).limit(1)).scalar()
        cipher.open(sealed or b"", "contact.external")

    @contextmanager
    def transaction(self) -> Iterator["SqlUnit"]:
        """One transaction; on SQLite it holds the write lock from its first statement."""
        with self.engine.begin() as connection:
            unit = SqlUnit(connection, self._cipher, self._zone)
            yield unit
        if unit.erased:
            self._empty_log()

    @contextmanager
    def channels(self) -> Iterator[SqlChannels]:
        """One transaction over the channels' tables."""
        with self.engine.begin() as connection:
            yield SqlChannels(connection, self._cipher, SqlUnit(connection, self._cipher, self._zone)._read)

    def close(self) -> None:
        """Let go of the connections."""
        self.engine.dispose()

    def _empty_log(self) -> None:
        """What was erased may still stand in SQLite's write-ahead log: write it back and cut it off.

        When another connection is in the way the log stays until the next erasure, or until the program ends.
        """
        if self.engine.dialect.name != "sqlite":
            return
        connection = self.engine.raw_connection()
        try:
            for pragma in (f"busy_timeout={LOG_MS}", "wal_checkpoint(TRUNCATE)", f"busy_timeout={BUSY_MS}"):
                connection.cursor().execute(f"PRAGMA {pragma}")
        finally:
            connection.close()


class SqlUnit:
    """The port `UnitOfWork` over one connection."""

    def __init__(self, connection: Connection, cipher: Cipher, zone: tzinfo) -> None:
        self._db = connection
        self._cipher = cipher
        self._zone = zone
        self.erased = False

    def lock(self, contact: Contact, now: datetime) -> int:
        """Find or make the contact; the row lock (PostgreSQL) or the write lock (SQLite) keeps others out."""
        digest = self._cipher.digest(contact.id, f"{contact.channel}.{contact.account}")
        where = (
            (t.contacts.c.channel == contact.channel)
            & (t.contacts.c.account == contact.account)
            & (t.contacts.c.external_digest == digest)
        )
        found = self._db.execute(select(t.contacts.c.id).where(where).with_for_update()).scalar()
        if found is not None:
            back = {"seen_at": now, "unreachable_at": None, "unreachable_why": ""}
            self._db.execute(t.contacts.update().where(t.contacts.c.id == found).values(**back))
            return int(found)
        made = self._db.execute(
            t.contacts.insert().values(
                channel=contact.channel,
                account=contact.account,
                external_digest=digest,
                external=self._cipher.seal(contact.id, "contact.external"),
                created_at=now,
                seen_at=now,
            )
        )
        return leads.made_id(made)

    def paused(self, contact: int, now: datetime) -> bool:
        """Set by `ChannelUnit.pause`."""
        until = self._db.execute(select(t.contacts.c.paused_until).where(t.contacts.c.id == contact)).scalar()
        return until is not None and until > now

    def replies_to(self, contact: int, update_id: str) -> tuple[StoredMessage, ...] | None:
        """By the seen mark; its replies may all be retired by now."""
        mine = (t.seen_updates.c.contact_id == contact) & (t.seen_updates.c.update_id == update_id)
        if self._db.execute(select(t.seen_updates.c.at).where(mine)).first() is None:
            return None
        m = t.messages.c
        return self._read((m.contact_id == contact) & (m.update_id == update_id) & m.outgoing)

    def remember(self, contact: int, update_id: str, text: str, now: datetime) -> None:
        """The mark makes a second delivery harmless; the text is the person's side of the talk."""
        self._db.execute(t.seen_updates.insert().values(contact_id=contact, update_id=update_id, at=now))
        if text:
            self._insert_message(contact, update_id, text, now, outgoing=False)

    def session(self, contact: int) -> Session | None:
        """One that another version wrote is as none: the talk starts afresh."""
        sealed = self._db.execute(select(t.sessions.c.body).where(t.sessions.c.contact_id == contact)).scalar()
        if sealed is None:
            return None
        try:
            return load(self._cipher.open(sealed, "session.body"))
        except SessionUnreadable:
            return None

    def save_session(self, contact: int, session: Session, now: datetime) -> None:
        """Update, or insert the first time."""
        values = {"body": self._cipher.seal(dump(session), "session.body"), "updated_at": now}
        done = self._db.execute(t.sessions.update().where(t.sessions.c.contact_id == contact).values(**values))
        if done.rowcount == 0:
            self._db.execute(t.sessions.insert().values(contact_id=contact, **values))

    def apply(self, contact: int, effect: Effect, now: datetime) -> None:
        """Each effect has its own statement in `sql_leads`."""
        leads.apply(self._db, self._cipher, contact, effect, now)
        self.erased |= isinstance(effect, (PersonErased, Forgotten))

    def queue(self, contact: int, update_id: str, replies: Iterable[Reply], now: datetime) -> tuple[StoredMessage, ...]:
        """Rows to be sent after the commit."""
        ids = [self._insert_message(contact, update_id, reply_json(r), now, outgoing=True) for r in replies]
        return self._read(t.messages.c.id.in_(ids)) if ids else ()

    def mark_sent(self, messages: Iterable[int], now: datetime) -> None:
        """Once."""
        m = t.messages.c
        self._db.execute(t.messages.update().where(m.id.in_(list(messages)), m.sent_at.is_(None)).values(sent_at=now))

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
        """Newest first."""
        return leads.views(self._db, self._cipher, contact, self._zone)

    def registrations_since(self, since: datetime, *, contact: int | None = None, phone: str = "") -> int:
        """Persons, not leads: one person may want three trades."""
        return leads.registrations_since(self._db, self._cipher, since, contact=contact, phone=phone)

    def leads(self, commune: str) -> tuple[LeadRecord, ...]:
        """Decrypted: for the list alone."""
        return leads.records(self._db, self._cipher, commune, self._zone)

    def served(self) -> frozenset[str]:
        """Five digits."""
        return frozenset(c for c in self._codes() if len(c) == 5)

    def coordinated(self) -> frozenset[str]:
        """Two digits."""
        return frozenset(c for c in self._codes() if len(c) == 2)

    def _codes(self) -> list[str]:
        return list(self._db.execute(select(t.served_places.c.code)).scalars())

    def serve(self, code: str, now: datetime) -> None:
        """Once; again is harmless."""
        if code not in self._codes():
            self._db.execute(t.served_places.insert().values(code=code, added_at=now))

    def courses(self) -> tuple[Course, ...]:
        """Not done, not cancelled; the soonest first."""
        c = t.courses.c
        going = select(t.courses).where(c.state.not_in(("done", "cancelled")))
        rows = self._db.execute(going.order_by(c.starts_on.is_(None), c.starts_on, c.id))
        return tuple(
            Course(**{**r, "target_groups": tuple(filter(None, r["target_groups"].split(",")))})
            for r in rows.mappings()
        )

    def save_course(self, course: Course) -> None:
        """Insert or replace by id."""
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

    def _insert_message(self, contact: int, update_id: str, body: str, now: datetime, *, outgoing: bool) -> int:
        values = {"contact_id": contact, "update_id": update_id, "outgoing": outgoing, "at": now}
        values |= {"body": self._cipher.seal(body, "message.body"), "sent_at": None if outgoing else now}
        return leads.made_id(self._db.execute(t.messages.insert().values(**values)))

    def _read(self, where: Any) -> tuple[StoredMessage, ...]:
        columns = (t.messages, t.contacts.c.channel, t.contacts.c.account, t.contacts.c.external)
        query = select(*columns).join(t.contacts, t.contacts.c.id == t.messages.c.contact_id).where(where)
        return tuple(self._message(r) for r in self._db.execute(query.order_by(t.messages.c.id)))

    def _message(self, row: Any) -> StoredMessage:
        body = self._cipher.open(row.body, "message.body")
        contact = Contact(row.channel, row.account, self._cipher.open(row.external, "contact.external"))
        reply, text = (reply_of(body), "") if row.outgoing else (None, body)
        return StoredMessage(row.id, contact, row.update_id, row.at, reply, text, row.sent_at)


def reply_json(reply: Reply) -> str:
    """A reply as it is kept."""
    choices = [[c.value, c.label] for c in reply.choices]
    kept = {"text": reply.text, "choices": choices, "image": reply.image, "asks": reply.asks}
    return json.dumps(kept, ensure_ascii=False)


def reply_of(body: str) -> Reply:
    """The reply of `reply_json`."""
    read = json.loads(body)
    return Reply(read["text"], tuple(Choice(*pair) for pair in read["choices"]), read["image"], read.get("asks", ""))
