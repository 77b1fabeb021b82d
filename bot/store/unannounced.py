"""Who leaves an announcement that is under way: people erased, people who took their last registration back."""

from collections.abc import Collection

from sqlalchemy import Connection, select, update

from bot.model import LEAD_OVER
from bot.store import tables as t
from bot.store.announcement_tables import announcement_recipients


def erased(db: Connection, people: Collection[int]) -> None:
    """It no longer goes to them; their rows stay as numbers, without the contact. Before the people go themselves."""
    row = announcement_recipients.c
    mine = row.person_id.in_(people)
    waits = update(announcement_recipients).where(mine, row.state == "waiting")
    db.execute(waits.values(state="dropped", why="erased"))
    db.execute(update(announcement_recipients).where(mine).values(contact_id=None))


def withdrew(db: Connection, person: int) -> None:
    """It no longer goes to somebody who is on no list any more."""
    row, lead = announcement_recipients.c, t.leads.c
    if db.execute(select(lead.id).where(lead.person_id == person, lead.state.not_in(LEAD_OVER)).limit(1)).first():
        return
    waits = update(announcement_recipients).where(row.person_id == person, row.state == "waiting")
    db.execute(waits.values(state="dropped", why="withdrawn"))
