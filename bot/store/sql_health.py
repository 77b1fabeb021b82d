"""What the rows say about how the program is: a few cheap statements, none of which waits for a writer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, func, select, text

from bot.store import announcement_tables as a
from bot.store import tables as t
from bot.store.migrate import HEAD
from bot.store.people_tables import deliveries, recipients

COUNTED = 10_000
LATELY = timedelta(days=7)
BEHIND_A_PAGE = ("web", "terminal")  # replies that wait for a page to be opened are late for nobody
MAIL = "email"


@dataclass(frozen=True, slots=True)
class TokenAge:
    """Of one token; `broken` says why its chain ended, "" while it holds."""

    name: str
    changed_at: datetime
    expires_at: datetime
    broken: str


@dataclass(frozen=True, slots=True)
class Stored:
    """`waiting`: channel -> (messages, the oldest one's moment). `rows`: state -> rows of running announcements.

    `unknown`: messages and rows of unknown fate of the last seven days; counts end at `COUNTED`. `server`: its clock,
    None where the database has none of its own. `locked`: statements that wait for another one's lock (PostgreSQL).
    """

    size: int = 0
    schema: str = HEAD
    served: int = 0
    server: datetime | None = None
    waiting: Mapping[str, tuple[int, datetime]] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)
    oldest_due: datetime | None = None
    unknown: int = 0
    unanswered: int = 0
    tokens: tuple[TokenAge, ...] = ()
    leader_until: datetime | None = None
    mail_failing_since: datetime | None = None
    locked: int = 0


def look(engine: Engine, leader: str, now: datetime, before: Stored | None = None) -> Stored:
    """In one transaction of its own that only reads. Raises what the database raises.

    What takes long where there is much (rows by state, fates, questions) is taken from `before` when that is given.
    """
    with engine.connect().execution_options(reading=True) as db, db.begin():
        rows, oldest_due, unknown, unanswered = _deep(db, now) if before is None else _known(before)
        tokens = db.execute(select(*(t.tokens.c[n] for n in ("name", "changed_at", "expires_at", "broken"))))
        return Stored(
            size=_size(db),
            schema=str(db.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""),
            served=int(db.execute(select(func.count()).select_from(t.served_places)).scalar_one()),
            server=_server(db),
            waiting=_waiting(db),
            rows=rows,
            oldest_due=oldest_due,
            unknown=unknown,
            unanswered=unanswered,
            tokens=tuple(TokenAge(*row) for row in tokens),
            leader_until=db.execute(select(t.leases.c.until).where(t.leases.c.name == leader)).scalar(),
            mail_failing_since=_mail(db),
            locked=_locked(db),
        )


_Deep = tuple[Mapping[str, int], datetime | None, int, int]


def _known(before: Stored) -> _Deep:
    return before.rows, before.oldest_due, before.unknown, before.unanswered


def _deep(db: Connection, now: datetime) -> _Deep:
    running = select(a.announcements.c.id).where(a.announcements.c.state == "running")
    r, u = a.announcement_recipients.c, t.unanswered.c
    mine = r.announcement_id.in_(running)
    rows = db.execute(select(r.state, func.count()).where(mine).group_by(r.state))
    due = select(func.min(r.due_at, type_=r.due_at.type)).where(mine, r.state == "waiting", r.due_at <= now)
    oldest = db.execute(due).scalar()
    unanswered = _count(db, select(u.id).where(u.settled == ""))
    return {row[0]: int(row[1]) for row in rows}, oldest, _unknown(db, now), unanswered


def server_time(engine: Engine) -> datetime | None:
    """The database server's clock, None for SQLite."""
    with engine.connect().execution_options(reading=True) as db, db.begin():
        return _server(db)


def _server(db: Connection) -> datetime | None:
    if db.dialect.name != "postgresql":
        return None
    found: datetime = db.execute(text("SELECT clock_timestamp()")).scalar_one()
    return found


def _size(db: Connection) -> int:
    if db.dialect.name == "postgresql":
        return int(db.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
    pages, bytes_ = (int(db.execute(text(f"PRAGMA {name}")).scalar_one()) for name in ("page_count", "page_size"))
    return pages * bytes_


def _locked(db: Connection) -> int:
    if db.dialect.name != "postgresql":
        return 0
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    return int(db.execute(text(waiting)).scalar_one())


def _count(db: Connection, query: Any) -> int:
    return int(db.execute(select(func.count()).select_from(query.limit(COUNTED).subquery())).scalar_one())


def _waiting(db: Connection) -> Mapping[str, tuple[int, datetime]]:
    """By the partial index of unsent messages."""
    m, c = t.messages.c, t.contacts.c
    oldest = func.min(m.at, type_=m.at.type)
    query = select(c.channel, func.count(), oldest).join(t.contacts, c.id == m.contact_id)
    query = query.where(m.outgoing, m.sent_at.is_(None), c.channel.not_in(BEHIND_A_PAGE)).group_by(c.channel)
    return {row[0]: (int(row[1]), row[2]) for row in db.execute(query)}


def _unknown(db: Connection, now: datetime) -> int:
    m, r, since = t.messages.c, a.announcement_recipients.c, now - LATELY
    lately = select(a.announcements.c.id).where(a.announcements.c.planned_at >= since)
    rows = select(r.id).where(r.announcement_id.in_(lately), r.state == "unknown", r.sent_at >= since)
    return _count(db, select(m.id).where(m.at >= since, m.outgoing, m.fate == "unknown")) + _count(db, rows)


def _mail(db: Connection) -> datetime | None:
    """Since when nothing goes by e-mail: the first parcel that failed or waits for another try, after the last that
    went.
    """
    d = deliveries.c
    by_mail = d.recipient_id.in_(select(recipients.c.id).where(recipients.c.way == MAIL))
    went = select(func.max(d.settled_at, type_=d.settled_at.type)).where(by_mail, d.state == "sent")
    last = db.execute(went).scalar()
    stuck = by_mail & ((d.state == "failed") | ((d.state == "waiting") & (d.tries > 0)))
    query = select(func.min(d.made_at, type_=d.made_at.type)).where(stuck)
    found: datetime | None = db.execute(query.where(d.made_at > last) if last else query).scalar()
    return found
