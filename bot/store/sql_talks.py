"""Whose talk it is: the owner stands in the contact's row (a turn reads it there), what waits in the tickets.

A contact has one owner at most, because one column holds one number; who comes first gets it by the condition of one
UPDATE. The assistant is silent while `paused_until` lies ahead.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, or_, select

from bot.effects import TalkReturned, WroteToOfficer
from bot.store import tables as t
from bot.store.crypto import Cipher
from bot.store.deadlines import TICKETS

LIVE = ("open", "taken")
BY_LAW = tuple(TICKETS)  # reasons whose days the law counts: done on the page of requests alone, by no talk's end


def wrote(db: Connection, _cipher: Cipher, contact: int, _effect: WroteToOfficer, now: datetime) -> None:
    """The person waits since their first message that is not answered."""
    c = t.tickets.c
    waits = (c.contact_id == contact) & (c.state == "taken") & c.waiting_since.is_(None)
    db.execute(t.tickets.update().where(waits).values(waiting_since=now))


def returned(db: Connection, _cipher: Cipher, contact: int, effect: TalkReturned, now: datetime) -> None:
    """The assistant has it again."""
    release(db, contact, now, effect.why)


def take(db: Connection, contact: int, officer: int, until: datetime, now: datetime, tickets: Iterable[int]) -> bool:
    """Make the officer the owner and these tickets theirs; False when another one is.

    One statement decides, whoever asks at the same time.
    """
    c = t.contacts.c
    free = or_(c.owner_id.is_(None), c.owner_id == officer, c.paused_until <= now)
    mine = t.contacts.update().where(c.id == contact, free).values(owner_id=officer, paused_until=until)
    if db.execute(mine).rowcount != 1:
        return False
    k, ids = t.tickets.c, list(tickets)
    # What an officer before had taken and let go by silence, and this one may not see, waits again for others.
    left = (k.contact_id == contact) & (k.state == "taken") & (k.officer_id != officer) & k.id.not_in(ids)
    db.execute(t.tickets.update().where(left).values(state="open", officer_id=None, taken_at=None))
    live = k.id.in_(ids) & (k.contact_id == contact) & k.state.in_(LIVE)
    db.execute(t.tickets.update().where(live).values(state="taken", officer_id=officer))
    db.execute(t.tickets.update().where(live, k.taken_at.is_(None)).values(taken_at=now))
    return True


def extend(db: Connection, contact: int, officer: int, until: datetime, now: datetime) -> bool:
    """The owner wrote: the talk stays theirs until then, nothing of the person's waits. False: it is not theirs."""
    c, k = t.contacts.c, t.tickets.c
    mine = t.contacts.update().where(c.id == contact, c.owner_id == officer).values(paused_until=until)
    if db.execute(mine).rowcount != 1:
        return False
    live = (k.contact_id == contact) & (k.state == "taken")
    db.execute(t.tickets.update().where(live, k.answered_at.is_(None)).values(answered_at=now))
    db.execute(t.tickets.update().where(live).values(waiting_since=None, escalated_at=None))
    return True


def release(db: Connection, contact: int, now: datetime, why: str, *, closing: bool = False) -> None:
    """Nobody owns it any more. What was answered is closed; what still waits is open again, unless the officer closes.

    Tickets that nobody had taken stay as they are; what the law gives days for is open until it is done.
    """
    c, k = t.contacts.c, t.tickets.c
    db.execute(t.contacts.update().where(c.id == contact).values(owner_id=None, paused_until=None))
    taken = (k.contact_id == contact) & (k.state == "taken")
    lasts = taken & k.reason.in_(BY_LAW)
    waits = lasts if closing else lasts | (taken & k.waiting_since.is_not(None))
    db.execute(t.tickets.update().where(waits).values(state="open", officer_id=None, taken_at=None))
    db.execute(t.tickets.update().where(taken).values(state="closed", closed_at=now, closed_why=why))


def close(db: Connection, officer: int, now: datetime, tickets: Iterable[int]) -> None:
    """These were answered (by telephone, say); who has the talk is another matter. See `BY_LAW` for what stays."""
    k = t.tickets.c
    live = k.id.in_(list(tickets)) & k.state.in_(LIVE)
    db.execute(t.tickets.update().where(live, k.reason.in_(BY_LAW)).values(waiting_since=None, escalated_at=None))
    _closed(db, live, k.reason.not_in(BY_LAW), officer, now)


def settle(db: Connection, officer: int, now: datetime, ticket: int) -> None:
    """One was done, whatever it asked for."""
    k = t.tickets.c
    _closed(db, k.id == ticket, k.state.in_(LIVE), officer, now)


def _closed(db: Connection, which: Any, of_these: Any, officer: int, now: datetime) -> None:
    k, these = t.tickets.c, which & of_these
    db.execute(t.tickets.update().where(which, k.answered_at.is_(None)).values(answered_at=now))
    done = {"state": "closed", "closed_at": now, "closed_why": "officer", "officer_id": officer}
    db.execute(t.tickets.update().where(these).values(**done))


def owner(db: Connection, contact: int, now: datetime) -> int | None:
    """Who has it now."""
    c = t.contacts.c
    found = db.execute(select(c.owner_id).where(c.id == contact, c.paused_until > now)).scalar()
    return int(found) if found is not None else None


def lapsed(db: Connection, now: datetime, *, most: int = 100) -> list[int]:
    """Contacts whose officer was silent for too long."""
    c = t.contacts.c
    over = or_(c.paused_until <= now, c.paused_until.is_(None))
    query = select(c.id).where(c.owner_id.is_not(None), over).order_by(c.id).limit(most)
    return [int(number) for number in db.execute(query).scalars()]
