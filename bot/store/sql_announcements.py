"""Announcements as officers make and steer them: composed, planned, running, ended."""

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, func, insert, or_, select, update

from bot.store import announcement_tables as a
from bot.store import seats
from bot.store import tables as t
from bot.store.announcement_port import Announcement, Planned, Reachable, RowState, State
from bot.store.channel_port import Quota
from bot.store.crypto import Cipher
from bot.store.desk_port import Scope
from bot.store.sql_leads import made_id

_A, _R = a.announcements, a.announcement_recipients
_P = a.announcement_pictures
_a, _r = _A.c, _R.c
LISTS = ("communes", "trades", "groups")
CLOSED = {"full": "full", "running": "begun", "done": "begun", "cancelled": "class_cancelled"}
_REVIVED: tuple[State, ...] = ("done", "running", "paused")
CHUNK = 500  # rows of one insert
_ALONE = 7_207_101  # a lock on PostgreSQL; any number that nothing else takes (migrations/env.py has the one before)


class SqlAnnouncements:
    """Announcements over one connection; days are reckoned in `zone`."""

    def __init__(self, connection: Connection, cipher: Cipher, zone: tzinfo) -> None:
        self._db = connection
        self._cipher = cipher
        self._zone = zone

    def draft(self, one: Announcement) -> int:
        """Keep what was composed (its own number is not looked at); the number given."""
        return made_id(self._db.execute(insert(_A).values(**self._values(one))))

    def recompose(self, one: Announcement) -> bool:
        """Replace a draft; False when it is none any more."""
        done = self._db.execute(update(_A).where(_a.id == one.id, _a.state == "draft").values(**self._values(one)))
        return bool(done.rowcount)

    def drop_draft(self, number: int) -> bool:
        """Forget a draft; False when it is none any more."""
        return bool(self._db.execute(_A.delete().where(_a.id == number, _a.state == "draft")).rowcount)

    def one(self, number: int, scope: Scope | None = None, *, lock: bool = False) -> Announcement | None:
        """By number; None when it is not there or reaches into a commune that this officer does not see."""
        query = select(_A).where(_a.id == number)
        row = self._db.execute(query.with_for_update() if lock else query).first()
        found = self._announcement(row) if row else None
        if found is None or (scope is not None and not all(scope.covers(c) for c in found.communes)):
            return None
        return found

    def all(self, scope: Scope, *, most: int = 100) -> tuple[Announcement, ...]:
        """The newest first, those wholly within the officer's communes."""
        rows = self._db.execute(select(_A).order_by(_a.id.desc()).limit(10 * most))
        found = (self._announcement(r) for r in rows)
        return tuple([one for one in found if all(scope.covers(c) for c in one.communes)][:most])

    def running(self) -> tuple[Announcement, ...]:
        """Those on their way, the oldest first."""
        return tuple(self._announcement(r) for r in self._db.execute(_in("running")))

    def due(self, now: datetime) -> tuple[Announcement, ...]:
        """Scheduled ones whose time has come."""
        query = _in("scheduled").where(or_(_a.start_at.is_(None), _a.start_at <= now))
        return tuple(self._announcement(r) for r in self._db.execute(query.with_for_update(skip_locked=True)))

    # ---- pictures of their own

    def keep_picture(self, name: str, body: bytes, now: datetime) -> None:
        """By what it holds: the same picture again is the same row."""
        c = _P.c
        if not self._db.execute(update(_P).where(c.name == name).values(made_at=now)).rowcount:
            self._db.execute(insert(_P).values(name=name, body=body, made_at=now))

    def picture(self, name: str) -> tuple[str, bytes] | None:
        """(kind, bytes)."""
        body = self._db.execute(select(_P.c.body).where(_P.c.name == name)).scalar()
        return (name.rpartition(".")[2], body) if body else None

    # ---- steering

    def plan(self, number: int, rows: Sequence[Planned], state: State, now: datetime) -> bool:
        """Freeze who gets it; False when somebody planned it already."""
        done = self._db.execute(
            update(_A).where(_a.id == number, _a.state == "draft").values(state=state, planned_at=now, wave=0)
        )
        if not done.rowcount:
            return False
        values = [self._row(number, row, now) for row in rows]
        for at in range(0, len(values), CHUNK):
            self._db.execute(insert(_R), values[at : at + CHUNK])
        return True

    @staticmethod
    def _row(number: int, row: Planned, now: datetime) -> dict[str, Any]:
        state: RowState = "excluded" if row.why else "waiting"
        values: dict[str, Any] = {
            "announcement_id": number, "person_id": row.person, "contact_id": row.contact,
        }  # fmt: skip
        values |= {"channel": row.channel, "account": row.account, "language": row.language, "wave": row.wave}
        return values | {"state": state, "why": row.why, "tries": 0, "due_at": now, "claimed_by": ""}

    def move(self, number: int, before: Iterable[State], state: State, why: str = "", **more: Any) -> bool:
        """Into another state, out of one of these; False when it was in none of them (somebody was quicker)."""
        mine = (_a.id == number) & _a.state.in_(tuple(before))
        return bool(self._db.execute(update(_A).where(mine).values(state=state, why=why, **more)).rowcount)

    def end(self, number: int, state: State, why: str, now: datetime) -> bool:
        """Over: those who have not got it do not get it any more; what is on the wire comes to its end."""
        before: tuple[State, ...] = ("approval", "scheduled", "running", "paused")
        if not self.move(number, before, state, why, ended_at=now):
            return False
        waiting = (_r.announcement_id == number) & (_r.state == "waiting")
        self._db.execute(update(_R).where(waiting).values(state="dropped", why=why))
        return True

    def tidy(self) -> None:
        """Rows that went back to waiting after the end: they were claimed when it came and had not begun."""
        over = select(_a.id).where(_a.state.in_(("stopped", "cancelled")))
        left = (_r.state == "waiting") & _r.announcement_id.in_(over)
        self._db.execute(update(_R).where(left).values(state="dropped", why="ended"))

    def advance(self, number: int, wave: int, next_at: datetime | None) -> None:
        """The next wave may go."""
        values = {"wave": wave, "next_wave_at": next_at}
        self._db.execute(update(_A).where(_a.id == number, _a.wave < wave).values(**values))

    def again(self, number: int, state: RowState, now: datetime) -> int:
        """Failed rows (or, when the officer says so, those of unknown fate) wait once more; how many.

        An announcement that was over runs again.
        """
        mine = (_r.announcement_id == number) & (_r.state == state) & _r.contact_id.is_not(None)
        if self._db.execute(select(_a.id).where(_a.id == number, _a.state.in_(_REVIVED))).first() is None:
            return 0  # it stopped by itself or was cancelled: nobody is written to any more
        values = {"state": "waiting", "why": "", "tries": 0, "due_at": now}
        count = int(self._db.execute(update(_R).where(mine).values(**values)).rowcount)
        if count:
            self.move(number, _REVIVED, "running", ended_at=None)
        return count

    def goes_on(self, one: Announcement, now: datetime) -> bool:
        """Whether its class still takes people; when not, it stops by itself."""
        why = self.closed(one.course, now)
        if why:
            self.end(one.id, "stopped", why, now)
        return not why

    def closed(self, course: str, now: datetime) -> str:
        """Why a class takes nobody any more: full, deadline, begun, class_cancelled, gone; "" while it does."""
        if not course:
            return ""
        c = t.courses.c
        row = self._db.execute(select(c.state, c.seats, c.deadline, c.starts_on).where(c.id == course)).first()
        if row is None:
            return "gone"
        if row.state in CLOSED:
            return CLOSED[row.state]
        today = now.astimezone(self._zone).date()
        if row.deadline is not None and row.deadline < today:
            return "deadline"
        if row.starts_on is not None and row.starts_on < today:
            return "begun"
        return "full" if row.seats and seats.taken(self._db, course) >= row.seats else ""

    def unfinished(self, number: int, wave: int | None = None) -> bool:
        """Whether rows (of waves up to this one) still wait or are on their way."""
        mine = (_r.announcement_id == number) & _r.state.in_(("waiting", "sending"))
        mine = mine & (_r.wave <= wave) if wave is not None else mine
        return self._db.execute(select(_r.id).where(mine).limit(1)).first() is not None

    def lately(self, course: str, since: datetime) -> Announcement | None:
        """The newest announcement of this class that goes on, or was planned since then; cancelled ones apart."""
        going = _a.state.in_(("approval", "scheduled", "running", "paused"))
        late = _a.state.in_(("done", "stopped")) & (_a.planned_at >= since)
        query = select(_A).where(_a.course == course, _a.follows.is_(None), or_(going, late))
        if not course:
            return None
        row = self._db.execute(query.order_by(_a.id.desc()).limit(1)).first()
        return self._announcement(row) if row else None

    def alone(self) -> None:
        """Until the end of this transaction nobody else gets beyond here: what is looked up and kept is one decision.

        On SQLite a transaction that writes has begun alone already (BEGIN IMMEDIATE).
        """
        if self._db.dialect.name == "postgresql":
            self._db.execute(select(func.pg_advisory_xact_lock(_ALONE)))

    def same(self, one: Announcement, since: datetime) -> Announcement | None:
        """The newest one planned since then that tells some of the same people the same: its class, else its words."""
        told = _a.state.not_in(("draft", "cancelled")) & (_a.planned_at >= since) & (_a.course == one.course)
        rows = self._db.execute(select(_A).where(told, _a.id != one.id, _a.follows.is_(None)).order_by(_a.id.desc()))
        for before in map(self._announcement, rows):
            there = not set(before.communes).isdisjoint(one.communes)
            if there and (one.course or " ".join(before.text.split()) == " ".join(one.text.split())):
                return before
        return None

    def waiting_for(self, officer: int, scope: Scope) -> int:
        """How many wait for this officer's word: composed by somebody else."""
        rows = self._db.execute(_in("approval").where(or_(_a.made_by.is_(None), _a.made_by != officer)))
        return sum(all(scope.covers(c) for c in self._announcement(row).communes) for row in rows)

    def followed(self, number: int) -> bool:
        """Whether a reminder of the last seats was made."""
        return self._db.execute(select(_a.id).where(_a.follows == number).limit(1)).first() is not None

    def with_last_seats(self) -> tuple[Announcement, ...]:
        """Announcements that a reminder of the last seats may follow."""
        query = select(_A).where(_a.last_seats, _a.state.in_(("running", "done")), _a.course != "")
        return tuple(self._announcement(r) for r in self._db.execute(query.order_by(_a.id)))

    def tapped(self, number: int, contact: int, now: datetime) -> None:
        """This contact tapped "Đăng ký" under it; the first time counts."""
        mine = (_r.announcement_id == number) & (_r.contact_id == contact) & _r.tapped_at.is_(None)
        self._db.execute(update(_R).where(mine).values(tapped_at=now))

    # ---- rows

    def _values(self, one: Announcement) -> dict[str, Any]:
        values = {name: getattr(one, name) for name in Announcement.__slots__ if name != "id"}
        values |= {name: ",".join(values[name]) for name in LISTS}
        return values | {"text": self._cipher.seal(one.text, "announcement.text")}

    def _announcement(self, row: Any) -> Announcement:
        values = {name: getattr(row, name) for name in Announcement.__slots__}
        values |= {name: tuple(filter(None, values[name].split(","))) for name in LISTS}
        return Announcement(**values | {"text": self._cipher.open(row.text, "announcement.text")})


def _in(state: State) -> Any:
    return select(_A).where(_a.state == state).order_by(_a.id)


def reachable(row: Any, contact: int, language: str = "vi", sent_lately: int = 0) -> Reachable:
    """A contact's row as the audience looks at it."""
    quota = Quota(row.replies_left, row.replies_total, row.quota_read_at) if row.quota_read_at else None
    return Reachable(
        id=contact,
        channel=row.channel,
        account=row.account,
        seen_at=row.seen_at,
        language=language,
        stopped=row.stopped_at is not None,
        stopped_kinds=frozenset(filter(None, row.stopped_kinds.split(","))),
        unreachable_at=row.unreachable_at,
        unreachable_why=row.unreachable_why,
        paused_until=row.paused_until,
        quota=quota,
        sent_lately=sent_lately,
    )
