"""Classes as officers keep them: seats counted, posters, all states. The rows are those the assistant answers from."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, and_, case, delete, func, select

from bot.model import Course
from bot.store import desk_tables as d
from bot.store import seats
from bot.store import tables as t
from bot.store.desk_port import ClassView, Scope

OVER = ("done", "cancelled")


class SqlClasses:
    """Classes of an officer's communes."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def all(self, scope: Scope, *, over: bool = False, most: int = 500) -> tuple[ClassView, ...]:
        """Those going on or ahead, the soonest first; `over`: those done or cancelled, the latest first."""
        c = t.courses.c
        query = select(t.courses).where(c.state.in_(OVER) if over else c.state.not_in(OVER))
        if scope.communes is not None:
            query = query.where(c.commune.in_(sorted(scope.communes)))
        order: tuple[Any, ...] = (c.starts_on.is_(None), c.starts_on.desc() if over else c.starts_on, c.id)
        return self._views(self._db.execute(query.order_by(*order).limit(most)).mappings())

    def one(self, scope: Scope, course: str) -> ClassView | None:
        """By id; None when it is not there or not this officer's to see."""
        found = self._views(self._db.execute(select(t.courses).where(t.courses.c.id == course)).mappings())
        return found[0] if found and scope.covers(found[0].course.commune) else None

    def _views(self, rows: Iterable[Any]) -> tuple[ClassView, ...]:
        courses = [course_of(r) for r in rows]
        ids = [c.id for c in courses]
        lead, poster = t.leads.c, d.posters.c
        taken = and_(lead.state.in_(seats.SEATED), lead.waiting_since.is_(None))
        asked = lead.state.in_(("new", "contacted"))
        sums = [func.sum(case((when, 1), else_=0)) for when in (taken, lead.waiting_since.is_not(None), asked)]
        query = select(lead.course, *sums).where(lead.course.in_(ids)).group_by(lead.course)
        counts = {r[0]: (int(r[1]), int(r[2]), int(r[3])) for r in self._db.execute(query)}
        pictures = select(poster.course_id, poster.version, poster.kind).where(poster.course_id.in_(ids))
        posters = {r.course_id: f"{r.course_id}.{r.version}.{r.kind}" for r in self._db.execute(pictures)}
        return tuple(ClassView(c, *counts.get(c.id, (0, 0, 0)), posters.get(c.id, "")) for c in courses)

    def save(self, course: Course) -> None:
        """Insert or replace; a change of seats opens or fills the class."""
        values = {f: getattr(course, f) for f in course.__slots__} | {"target_groups": ",".join(course.target_groups)}
        done = self._db.execute(t.courses.update().where(t.courses.c.id == course.id).values(**values))
        if done.rowcount == 0:
            self._db.execute(t.courses.insert().values(**values))
        seats.recount(self._db, course.id)

    def set_poster(self, course: str, kind: str, version: str, body: bytes) -> None:
        """Replace the picture."""
        self.drop_poster(course)
        self._db.execute(d.posters.insert().values(course_id=course, kind=kind, version=version, body=body))

    def drop_poster(self, course: str) -> None:
        """Take it away."""
        self._db.execute(delete(d.posters).where(d.posters.c.course_id == course))

    def poster(self, name: str) -> tuple[str, bytes] | None:
        """(kind, bytes) by the name that `ClassView.poster` gave."""
        course, _, rest = name.partition(".")
        version, _, kind = rest.partition(".")
        p = d.posters.c
        same = (p.course_id == course) & (p.version == version) & (p.kind == kind)
        row = self._db.execute(select(p.kind, p.body).where(same)).first()
        return (row.kind, row.body) if row else None


def course_of(row: Any) -> Course:
    """A row of `courses`."""
    return Course(**{**row, "target_groups": tuple(filter(None, row["target_groups"].split(",")))})
