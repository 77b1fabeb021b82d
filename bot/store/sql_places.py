"""Served places and open classes: every turn looks at them, they seldom change; kept for a second."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from bot.model import Course
from bot.store import desk_tables as d
from bot.store import tables as t
from bot.store.prepared import Prepared
from bot.store.sql_local import KeptLocal

FRESH_SECONDS = 1.0  # what another process wrote is seen that much later

_c = t.courses.c
_CODES = Prepared(select(t.served_places.c.code))
_COURSES = Prepared(
    select(*(_c[name] for name in Course.__slots__))
    .where(_c.state != "done", _c.state != "cancelled")
    .order_by(_c.starts_on.is_(None), _c.starts_on, _c.id)
)
_POSTERS = Prepared(select(d.posters.c.course_id, d.posters.c.version, d.posters.c.kind))


@dataclass(frozen=True, slots=True)
class Places:
    """Communes and provinces served, the classes that are not over (the soonest first), posters: class -> file name."""

    served: frozenset[str]
    coordinated: frozenset[str]
    courses: tuple[Course, ...]
    posters: Mapping[str, str]


def read(db: Connection) -> Places:
    """As it stands in the database now."""
    codes = [row[0] for row in _CODES.rows(db)]
    rows = (dict(zip(Course.__slots__, row, strict=True)) for row in _COURSES.rows(db))
    courses = (Course(**{**r, "target_groups": tuple(filter(None, r["target_groups"].split(",")))}) for r in rows)
    served, coordinated = (frozenset(c for c in codes if len(c) == digits) for digits in (5, 2))
    posters = {course: f"{course}.{version}.{kind}" for course, version, kind in _POSTERS.rows(db)}
    return Places(served, coordinated, tuple(courses), posters)


class Kept:
    """The places as they were read last; shared by the threads of a process."""

    def __init__(self) -> None:
        self._places: Places | None = None
        self._read_at = 0.0
        self.local = KeptLocal()

    def get(self, db: Connection) -> Places:
        """At most a second old."""
        now = time.monotonic()
        places = self._places
        if places is None or now - self._read_at > FRESH_SECONDS:
            places = self._places = read(db)
            self._read_at = now
        return places

    def forget(self) -> None:
        """They were changed: the next turn reads them again."""
        self._places = None
        self.local.forget()
