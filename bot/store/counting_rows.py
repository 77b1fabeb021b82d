"""Rows read for counting: registrations, and people who asked for an officer. Nothing personal is opened."""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, select, true

from bot.dialogue.details import SENSITIVE_GROUPS, TARGET_GROUPS
from bot.model import LEAD_OVER
from bot.store import lead_records
from bot.store import tables as t
from bot.store.crypto import Cipher
from bot.store.searching import group_digest
from bot.store.steps import IMPORTED, RANK, Counted, Line, reached

CONTACT = "contact"
TOLD = (*RANK, "walk_in", IMPORTED)  # lines that say how far a registration is, or how it began


def leads(db: Connection, cipher: Cipher, zone: tzinfo, where: Any) -> Iterator[Counted]:
    """The registrations that fulfil a condition on `leads`. A sensitive group without its consent is as none said."""
    lead, person, h = t.leads.c, t.people.c, t.lead_history.c
    groups = {group_digest(cipher, {"target_group": g}): g for g in TARGET_GROUPS}
    sensitive = [digest for digest, g in groups.items() if g in SENSITIVE_GROUPS]
    named = select(lead.id).where(where, lead.group_digest.in_(sensitive))
    agreed = lead_records.agreements(db, t.consents.c.lead_id.in_(named))
    lines = select(h.lead_id, h.at, h.what, h.who).join(t.leads, lead.id == h.lead_id).where(where, h.what.in_(TOLD))
    by_lead = groupby(db.execute(lines.order_by(h.lead_id, h.id)), key=lambda r: r.lead_id)
    histories = {number: [Line(r.at.astimezone(zone).date(), r.what, r.who) for r in rows] for number, rows in by_lead}
    columns = (lead.id, lead.commune, lead.trade, lead.state, lead.created_at, lead.group_digest, person.hamlet_digest)
    for r in db.execute(select(*columns).join(t.people, person.id == lead.person_id).where(where)):
        history = histories.get(r.id, [])
        group = groups.get(r.group_digest, "")
        if group in SENSITIVE_GROUPS and "sensitive" not in agreed.get(r.id, ()):
            group = ""
        office = bool(history) and history[0].who != CONTACT
        days = reached(r.created_at.astimezone(zone).date(), r.state, history)
        yield Counted(r.commune, r.trade, r.hamlet_digest, group, office, r.state not in LEAD_OVER, days)


def tickets(db: Connection, where: Any) -> Iterator[tuple[str, datetime, datetime | None, bool]]:
    """(commune, asked at, an officer's first word or the end, still waiting for one)."""
    c = t.tickets.c
    for r in db.execute(select(c.commune, c.at, c.answered_at, c.closed_at, c.state).where(where)):
        yield r.commune, r.at, r.answered_at or r.closed_at, r.state != "closed"


def among(column: Any, communes: frozenset[str] | None) -> Any:
    """A condition: one of these communes; None is everywhere."""
    return true() if communes is None else column.in_(sorted(communes))
