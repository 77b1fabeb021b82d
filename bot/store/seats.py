"""Seats of a class: one is taken when an officer confirms; beyond that is the waiting list."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, func, select

from bot.store import tables as t

SEATED = ("confirmed", "enrolled", "completed", "employed")


def taken(db: Connection, course: str) -> int:
    """Seats taken in a class."""
    lead = t.leads.c
    has = (lead.course == course) & lead.state.in_(SEATED) & lead.waiting_since.is_(None)
    return int(db.execute(select(func.count()).select_from(t.leads).where(has)).scalar_one())


def free(db: Connection, course: str) -> int | None:
    """Seats left; None when the class has no number of seats (or there is no such class)."""
    seats = db.execute(select(t.courses.c.seats).where(t.courses.c.id == course).with_for_update()).scalar()
    return None if not seats else max(0, int(seats) - taken(db, course))


def recount(db: Connection, course: str) -> None:
    """An open class without seats left is full; a full one with seats is open again: the assistant answers by that."""
    row = db.execute(select(t.courses.c.state).where(t.courses.c.id == course)).first() if course else None
    if row is None or row.state not in ("open", "full"):
        return
    state = "full" if free(db, course) == 0 else "open"
    if state != row.state:
        db.execute(t.courses.update().where(t.courses.c.id == course).values(state=state))


def courses_of(db: Connection, people: Iterable[int]) -> list[str]:
    """Classes these people registered for."""
    lead = t.leads.c
    found = select(lead.course).where(lead.person_id.in_(list(people)), lead.course != "").distinct()
    return list(db.execute(found).scalars())


def waiting(db: Connection, course: str, limit: int) -> list[int]:
    """Leads on the waiting list, the longest waiting first."""
    lead = t.leads.c
    query = select(lead.id).where(lead.course == course, lead.waiting_since.is_not(None))
    return list(db.execute(query.order_by(lead.waiting_since, lead.id).limit(limit)).scalars())


def since(db: Connection, course: str, state: str, before: datetime | None, now: datetime) -> datetime | None:
    """When a lead that gets this state began to wait: None when it has a seat, or needs none."""
    if state not in SEATED or not course:
        return None
    return (before or now) if free(db, course) == 0 else None
