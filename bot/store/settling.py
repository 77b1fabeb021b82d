"""What is made of a copy before it takes the database's place: nothing goes out twice, no way in that was ended opens.

What the database that is replaced still tells is believed: which messages and reminders went out since, who stopped
messages, which officers' chats are still linked, the platforms' newest tokens, the highest numbers given. A lost disk
tells nothing: then the careful thing is done.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Table, delete, select
from sqlalchemy.exc import SQLAlchemyError

from bot.store import copying
from bot.store import desk_tables as d
from bot.store import follow_tables as f
from bot.store import people_tables as p
from bot.store import tables as t
from bot.store.announcement_tables import announcement_recipients, announcements
from bot.store.crypto import Cipher, KeyFault
from bot.store.sql_forwarding import SqlForwarding
from bot.store.sql_health import BEHIND_A_PAGE

WHY = "restored"
# Beyond the numbers that a lost database may have given since: an open page asks for messages after the last it has.
GAP, GAP_OF_MESSAGES = 100_000, 1_000_000


@dataclass(frozen=True, slots=True)
class Before:
    """What the database that is replaced tells; `known`: it could be read."""

    known: bool = False
    numbers: Mapping[str, int] = field(default_factory=dict)
    fates: Mapping[int, Any] = field(default_factory=dict)
    contacts: Sequence[Any] = ()
    chats: frozenset[tuple[int, str]] = frozenset()
    ended: Mapping[int, datetime] = field(default_factory=dict)
    marks: Sequence[Any] = ()
    tokens: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class Settled:
    """How many messages are of unknown fate, announcements wait for an officer, lists may have gone, tokens were newer,
    chats of officers were unlinked; `known`: whether the database from before told what went out since.
    """

    unknown: int
    paused: int
    lists: int
    tokens: int
    chats: int
    known: bool


def settle(engine: Engine, cipher: Cipher, before: Engine | None, now: datetime) -> Settled:
    """Make a copy, at this version's schema, ready to be gone on with. `before`: what it replaces, None: it is lost."""
    with engine.begin() as db:
        c, m = t.contacts.c, t.messages
        query = select(m.c.id, m.c.contact_id, m.c.update_id).join(t.contacts, c.id == m.c.contact_id)
        waiting = db.execute(query.where(m.c.outgoing, m.c.sent_at.is_(None), c.channel.not_in(BEHIND_A_PAGE))).all()
        told = _told_by(before, [row.id for row in waiting])
        # One that was begun anew on an empty folder tells nothing of what went out after the copy.
        known = told.known and told.numbers[m.name] >= copying.last_given(m, db) > 0
        unknown = sum(_fate(db, row, told.fates.get(row.id), now) for row in waiting)
        going = announcements.c.state.in_(("running", "scheduled"))
        paused = db.execute(announcements.update().where(going).values(state="paused", why=WHY)).rowcount
        r = announcement_recipients
        db.execute(r.update().where(r.c.state == "sending").values(state="unknown", why=WHY))
        lists, tokens = _lists(db, cipher, now), _tokens(db, cipher, told)
        _stopped(db, told)
        _reminded(db, told)
        chats = _ways_in(db, told)
        db.execute(t.leases.delete())  # their processes are gone with the old database
        for table in _numbered():
            _number_on(db, table, told.numbers.get(table.name, 0), known=known)
    return Settled(unknown, paused, lists, tokens, chats, known)


def _told_by(before: Engine | None, messages: Sequence[int]) -> Before:
    """Nothing when there is no database, or one that cannot be read."""
    if before is None:
        return Before()
    m, c, o, lead = t.messages.c, t.contacts.c, d.officers.c, t.leads.c
    marks = select(lead.receipt, f.follow_ups.c.kind, f.follow_ups.c.about, f.follow_ups.c.way)
    marks = marks.add_columns(f.follow_ups.c.made_at, f.follow_ups.c.done_at)
    try:
        with copying.reading(before) as db:
            fates: dict[int, Any] = {}
            for first in range(0, len(messages), 500):  # a statement holds so many values, not all that may wait
                some = m.id.in_(messages[first : first + 500])
                query = select(m.id, m.contact_id, m.update_id, m.sent_at, m.claimed_at, m.fate, m.why)
                fates |= {row.id: row for row in db.execute(query.where(some))}
            stops = select(c.channel, c.account, c.external_digest, c.stopped_at, c.stopped_kinds)
            chats = select(d.officer_contacts.c.officer_id, c.external_digest)
            chats = chats.join(t.contacts, c.id == d.officer_contacts.c.contact_id)
            return Before(
                known=True,
                numbers={table.name: copying.last_given(table, db) for table in _numbered()},
                fates=fates,
                contacts=db.execute(stops.where(c.stopped_at.is_not(None) | (c.stopped_kinds != ""))).all(),
                chats=frozenset((row.officer_id, row.external_digest) for row in db.execute(chats)),
                ended={row.id: row.ended_at for row in db.execute(select(o.id, o.ended_at)) if row.ended_at},
                marks=db.execute(marks.join(t.leads, lead.id == f.follow_ups.c.lead_id)).all(),
                tokens=db.execute(select(t.tokens)).all(),
            )
    except (SQLAlchemyError, sqlite3.Error):  # damaged, or of a version that keeps these things elsewhere
        return Before()


def _numbered() -> list[Table]:
    return [table for table in copying.tables() if copying.numbered(table)]


def _fate(db: Connection, message: Any, since: Any, now: datetime) -> int:
    """1 when nobody knows it: one that surely waits still is left to be sent."""
    values: dict[str, Any] = {"sent_at": now, "fate": "unknown", "why": WHY}
    if since is not None and (since.contact_id, since.update_id) == (message.contact_id, message.update_id):
        if since.sent_at is None and since.claimed_at is None:
            return 0
        if since.sent_at is not None:
            values = {"sent_at": since.sent_at, "fate": since.fate, "why": since.why}
    db.execute(t.messages.update().where(t.messages.c.id == message.id).values(**values))
    return int(values["why"] == WHY)


def _lists(db: Connection, cipher: Cipher, now: datetime) -> int:
    """Lists that became due since the copy, too: an officer asks whether they came, and sends them again by a button.

    That somebody was erased is told once more rather than never.
    """
    assert now.tzinfo is not None  # noqa: S101 - moments have their zone
    SqlForwarding(db, cipher, now.tzinfo).schedule(now)
    c = p.deliveries.c
    going = c.state.in_(("waiting", "sending")) & (c.kind != "erased")
    unknown = {"state": "unknown", "why": "interrupted", "settled_at": now}
    lists = db.execute(p.deliveries.update().where(going).values(**unknown)).rowcount
    db.execute(p.deliveries.update().where(c.state == "sending").values(state="waiting", claimed_at=None))
    return lists


def _tokens(db: Connection, cipher: Cipher, told: Before) -> int:
    """Newer ones from before: a refresh token works once, the copy's is spent."""
    done, c = 0, t.tokens.c
    for row in told.tokens:
        values = row._asdict()
        try:
            cipher.open(values["refresh"], f"token.{values['name']}")
        except KeyFault:
            continue
        older = t.tokens.update().where(c.name == values["name"], c.changed_at < values["changed_at"])
        done += db.execute(older.values(**values)).rowcount
    return done


def _stopped(db: Connection, told: Before) -> None:
    """Who has said since that they want no messages is written to no more."""
    c = t.contacts.c
    for row in told.contacts:
        same = (c.channel == row.channel) & (c.account == row.account) & (c.external_digest == row.external_digest)
        values = {"stopped_at": row.stopped_at, "stopped_kinds": row.stopped_kinds}
        db.execute(t.contacts.update().where(same, c.stopped_at.is_(None)).values(**values))


def _reminded(db: Connection, told: Before) -> None:
    """What was reminded of and asked since, is not again."""
    u = f.follow_ups.c
    numbers: dict[str, int] = {r.receipt: r.id for r in db.execute(select(t.leads.c.receipt, t.leads.c.id))}
    have = {(r.lead_id, r.kind, r.about) for r in db.execute(select(u.lead_id, u.kind, u.about))}
    for row in told.marks:
        values = row._asdict()
        lead = numbers.get(values.pop("receipt"))
        if lead is not None and (lead, row.kind, row.about) not in have:
            db.execute(f.follow_ups.insert().values(lead_id=lead, **values))


def _ways_in(db: Connection, told: Before) -> int:
    """Ways in that were ended since stay ended: officers sign in anew, a chat stays an officer's only where the
    database from before says that it is; how many do not.
    """
    for table in (d.desk_sessions, d.login_tokens):
        db.execute(table.delete())
    o, link, c = d.officers.c, d.officer_contacts.c, t.contacts.c
    for number, at in told.ended.items():
        db.execute(d.officers.update().where(o.id == number, o.ended_at.is_(None)).values(ended_at=at))
    linked = select(link.contact_id, link.officer_id, c.external_digest).join(t.contacts, c.id == link.contact_id)
    gone = [r.contact_id for r in db.execute(linked) if (r.officer_id, r.external_digest) not in told.chats]
    for chat in gone:
        db.execute(delete(p.notices).where(p.notices.c.contact_id == chat))
        db.execute(delete(d.officer_contacts).where(link.contact_id == chat))
    return len(gone)


def _number_on(db: Connection, table: Table, given: int, *, known: bool) -> None:
    """A number that was given once is never given to somebody else."""
    gap = 0 if known else GAP_OF_MESSAGES if table is t.messages else GAP
    copying.go_on_from(table, max(given, copying.last_given(table, db)) + gap, db)
