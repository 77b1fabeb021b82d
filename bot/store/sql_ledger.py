"""The delivery ledger: rows claimed in batches under a lease, marked before the wire, settled after, paced by account.

A claim and the settling of what went before are one transaction. On SQLite it holds the write lock (BEGIN IMMEDIATE);
on PostgreSQL rows that another worker looks at are skipped. A claimed row waits under a lease and is anybody's once it
ran out; a marked one ("sending") whose lease ran out was cut off between the wire and its settling: its fate is
unknown, it is counted and not sent again unless an officer says so.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, exists, func, or_, select, update

from bot.model import Contact
from bot.store import announcement_tables as a
from bot.store import tables as t
from bot.store.announcement_port import Announcement, OnItsWay, Outcome, Pace, Taken
from bot.store.crypto import Cipher
from bot.store.pacing import hold, reserve
from bot.store.prepared import Prepared
from bot.store.sql_announcements import SqlAnnouncements, reachable
from bot.store.tables import Moment

MOST_TRIES = 8
_WHY = 80
# What lasts longer was reckoned by a clock that ran ahead, and is over: a lease; a wait that no officer's talk makes.
_NO_LEASE, _NO_WAIT = timedelta(minutes=10), timedelta(minutes=15)
_R = a.announcement_recipients
_r, _c = _R.c, t.contacts.c

_MINE = (_r.id == bindparam("row")) & (_r.claimed_by == bindparam("worker"))
_HELD = (_r.state == "waiting") & _r.lease_until.is_not(None)  # claimed and not marked
_SETTLED = Prepared(
    update(_R)
    .where(_MINE, or_(_r.state == "sending", _r.state == "unknown", _HELD))
    .values(
        state=bindparam("becomes"), why=bindparam("because"), sent_at=bindparam("at"), lease_until=None,
        due_at=func.coalesce(bindparam("due", type_=Moment), _r.due_at), tries=_r.tries + bindparam("more"),
    )
)  # fmt: skip
_one = a.announcements.c
# Still so in the moment before it leaves: the announcement runs, and its reader has not said stop.
_WANTED = exists().where(
    (_one.id == _r.announcement_id) & (_one.state == "running"),
    (_c.id == _r.contact_id) & _c.stopped_at.is_(None) & ~_c.stopped_kinds.contains(_one.kind),
)
_MARKED = Prepared(
    update(_R)
    .where(_MINE, or_(_r.state == "sending", _HELD), _WANTED)
    .values(state="sending", lease_until=bindparam("until"))
)
_OFFERED = Prepared(update(t.contacts).where(_c.id == bindparam("number")).values(announced=bindparam("offer")))
_GONE = (
    update(t.contacts)
    .where(_c.id == bindparam("number"))
    .values(unreachable_at=bindparam("at"), unreachable_why=bindparam("because"))
)
_QUOTA = (
    update(t.contacts)
    .where(_c.id == bindparam("number"))
    .values(replies_left=bindparam("left"), replies_total=bindparam("total"), quota_read_at=bindparam("at"))
)


def _over(now: datetime) -> ColumnElement[bool]:
    return or_(_r.lease_until < now, _r.lease_until > now + _NO_LEASE)


def _due(now: datetime) -> ColumnElement[bool]:
    talk = _c.paused_until.is_not(None) & (_c.paused_until >= _r.due_at)
    return or_(_r.due_at <= now, (_r.due_at > now + _NO_WAIT) & ~talk)


class SqlLedger:
    """Claims and settlements over one connection."""

    def __init__(self, connection: Connection, cipher: Cipher, announcements: SqlAnnouncements) -> None:
        self._db = connection
        self._cipher = cipher
        self._announcements = announcements

    def claim(self, pace: Pace, channel: str, account: str, worker: str, now: datetime) -> Taken:
        """Up to a batch of rows of this account that are due; nothing while the account is held."""
        running = self._announcements.running()
        if not running:
            return Taken()
        held = reserve(self._db, pace, 0, now).held
        if held is not None:
            return Taken(wait=(held - now).total_seconds())
        found: list[Any] = []
        for one in running:
            if len(found) < pace.batch and self._announcements.goes_on(one, now):
                found += self._due(one, (channel, account), pace.batch - len(found), now)
        rows = self._wanted(found, {one.id: one for one in running}, now)
        if not rows:
            return Taken(wait=None if found else self._next_due(running, channel, account, now))
        ids = [row.id for row in rows]
        lease = {"claimed_by": worker, "lease_until": now + timedelta(seconds=pace.lease_s)}
        self._db.execute(update(_R).where(_r.id.in_(ids)).values(**lease))
        slots = reserve(self._db, pace, len(rows), now)
        step = 1 / pace.per_s if pace.per_s else 0.0
        taken = tuple(
            self._on_its_way(row, slots.start + timedelta(seconds=number * step)) for number, row in enumerate(rows)
        )
        return Taken(taken, announcements={one.id: one for one in running})

    def _due(self, one: Announcement, line: tuple[str, str], most: int, now: datetime) -> Sequence[Any]:
        mine = (_r.channel == line[0]) & (_r.account == line[1])
        query = (
            select(
                _r.id, _r.announcement_id, _r.contact_id, _r.language, _r.tries, _c.channel, _c.account, _c.external,
                _c.stopped_at, _c.stopped_kinds, _c.paused_until, _c.unreachable_at, _c.unreachable_why, _c.seen_at,
                _c.replies_left, _c.replies_total, _c.quota_read_at,
            )
            .join(t.contacts, _c.id == _r.contact_id)
            .where(_r.announcement_id == one.id, _r.state == "waiting", mine)
            .where(_r.wave <= one.wave, _due(now), or_(_r.lease_until.is_(None), _over(now)))
        )  # fmt: skip
        return self._db.execute(query.order_by(_r.id).limit(most).with_for_update(of=_R, skip_locked=True)).all()

    def _wanted(self, rows: Iterable[Any], running: dict[int, Announcement], now: datetime) -> list[Any]:
        """Those who still want it; whoever said stop since it was planned is dropped in the same breath."""
        wanted: list[Any] = []
        for row in rows:
            kinds = row.stopped_kinds.split(",")
            if row.stopped_at is not None or running[row.announcement_id].kind in kinds:
                self._db.execute(update(_R).where(_r.id == row.id).values(state="dropped", why="opted_out"))
            elif row.unreachable_at is not None:
                self._db.execute(update(_R).where(_r.id == row.id).values(state="failed", why="unreachable"))
            elif row.paused_until is not None and row.paused_until > now:
                self._db.execute(update(_R).where(_r.id == row.id).values(due_at=row.paused_until))
            else:
                wanted.append(row)
        return wanted

    def _next_due(self, running: Iterable[Announcement], channel: str, account: str, now: datetime) -> float | None:
        """Seconds until the first row that only waits for its moment; None when there is none."""
        soonest: float | None = None
        for one in running:
            mine = (_r.announcement_id == one.id) & (_r.state == "waiting") & (_r.wave <= one.wave)
            mine &= (_r.channel == channel) & (_r.account == account) & (_r.due_at > now)
            due = self._db.execute(select(_r.due_at).where(mine).order_by(_r.due_at).limit(1)).scalar()
            if due is not None:
                wait = (due - now).total_seconds()
                soonest = wait if soonest is None else min(soonest, wait)
        return soonest

    def _on_its_way(self, row: Any, at: datetime) -> OnItsWay:
        contact = Contact(row.channel, row.account, self._cipher.open(row.external, "contact.external"))
        to = reachable(row, row.contact_id)
        return OnItsWay(row.id, row.announcement_id, contact, to, row.language, row.tries, at)

    def mark(self, rows: Sequence[int], worker: str, lease_s: float, now: datetime) -> frozenset[int]:
        """Claimed rows whose requests leave now; those of them that may.

        Not those of an announcement that was paused or ended meanwhile, of a reader who said stop, nor what another
        worker took up. A row that this worker marked before and asks for again has not left (the answer to that commit
        was lost).
        """
        if not rows:
            return frozenset()
        until = now + timedelta(seconds=lease_s)
        if _MARKED.run_many(self._db, [{"row": row, "worker": worker, "until": until} for row in rows]) == len(rows):
            return frozenset(rows)
        mine = _r.id.in_(rows) & (_r.claimed_by == worker) & (_r.state == "sending")
        left = select(_r.id).where(mine, _WANTED)
        return frozenset(self._db.execute(left).scalars())

    def settle(self, outcomes: Iterable[Outcome], worker: str, now: datetime) -> None:
        """Keep what became of claimed rows. A row whose lease ran out meanwhile still gets its true outcome."""
        done = list(outcomes)
        if not done:
            return
        _SETTLED.run_many(self._db, [self._values(one, worker, now) for one in done])
        sent = [one for one in done if one.fate in ("sent", "unknown") and one.offer]
        if sent:
            _OFFERED.run_many(self._db, [{"number": one.contact_id, "offer": one.offer} for one in sent])
        gone = [one for one in done if one.fate == "unreachable"]
        if gone:
            self._db.execute(_GONE, [{"number": one.contact_id, "at": now, "because": one.why[:_WHY]} for one in gone])
        told = [(one.contact_id, one.quota) for one in done if one.quota is not None]
        if told:
            rows = [{"number": n, "left": q.left, "total": q.total, "at": q.read_at} for n, q in told]
            self._db.execute(_QUOTA, rows)

    @staticmethod
    def _values(one: Outcome, worker: str, now: datetime) -> dict[str, Any]:
        more = int(one.begun and one.fate is None and one.why != "held")
        state = "waiting"
        if one.fate is not None:
            state = {"sent": "sent", "unknown": "unknown"}.get(one.fate, "failed")
        at = now if state in ("sent", "unknown") else None
        values = {"row": one.row, "worker": worker, "becomes": state, "because": one.why[:_WHY]}
        due = min(one.again_at, now + _NO_WAIT) if one.again_at else None  # a longer one would not be believed
        return values | {"at": at, "due": due, "more": more}

    def hold(self, pace: Pace, until: datetime, why: str, now: datetime) -> None:
        """Nothing goes to this account before then (429 for all, no token): every worker waits."""
        hold(self._db, pace, until, why[:_WHY], now)

    def sweep(self, now: datetime) -> int:
        """Rows whose worker died between the wire and the settling: unknown, counted, not sent again; how many."""
        late = (_r.state == "sending") & _over(now)
        values = {"state": "unknown", "why": "interrupted", "sent_at": _r.lease_until, "lease_until": None}
        return int(self._db.execute(update(_R).where(late).values(**values)).rowcount)
