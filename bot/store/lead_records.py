"""Registrations read back, opened."""

import json
from collections.abc import Mapping
from datetime import date, tzinfo
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from bot.effects import Applicant
from bot.model import LeadView
from bot.store import tables as t
from bot.store.crypto import Cipher
from bot.store.port import LeadRecord
from bot.store.records import view_of

SELF = "self"  # the relation of a contact to the person it speaks for; else the helper's own word


def views(db: Connection, cipher: Cipher, contact: int, zone: tzinfo) -> tuple[LeadView, ...]:
    """This contact's registrations, newest first."""
    query = joined().join(t.contact_people, t.contact_people.c.person_id == t.people.c.id)
    rows = db.execute(query.where(t.contact_people.c.contact_id == contact).order_by(t.leads.c.id.desc()))
    return tuple(view_of(record(cipher, row, zone, frozenset())) for row in rows.mappings())


def records(db: Connection, cipher: Cipher, commune: str, zone: tzinfo) -> tuple[LeadRecord, ...]:
    """The commune's list, oldest first."""
    rows = list(db.execute(joined().where(t.leads.c.commune == commune).order_by(t.leads.c.id)).mappings())
    agreed = agreements(db, t.consents.c.lead_id.in_(select(t.leads.c.id).where(t.leads.c.commune == commune)))
    return tuple(record(cipher, row, zone, agreed.get(row["id"], frozenset())) for row in rows)


def agreements(db: Connection, of: Any) -> Mapping[int, frozenset[str]]:
    """Lead -> the purposes to which the latest answer was yes, for the consents that fulfil a condition."""
    c = t.consents.c
    agreed: dict[int, frozenset[str]] = {}
    for lead, purpose, given in db.execute(select(c.lead_id, c.purpose, c.given).where(of).order_by(c.id)):
        so_far = agreed.get(lead, frozenset())
        agreed[lead] = so_far | {purpose} if given else so_far - {purpose}
    return agreed


def joined() -> Any:
    """Leads with their people, as `record` reads them."""
    lead, person, tie = t.leads.c, t.people.c, t.contact_people.c
    ties = select(tie.relation).where(tie.person_id == person.id).order_by(tie.contact_id).limit(1)
    relation = ties.correlate(t.people).scalar_subquery()
    return select(
        lead.id, lead.receipt, lead.person_id, lead.commune, lead.trade, lead.trade_text, lead.course, lead.served,
        lead.state, lead.verification, lead.details, lead.created_at, lead.changed_at,
        person.full_name, person.birth, person.phone, person.told_by, person.hamlet, person.guardian,
        relation.label("relation"),
    ).join(t.people, t.people.c.id == t.leads.c.person_id)  # fmt: skip


def record(cipher: Cipher, row: RowMapping, zone: tzinfo, agreed: frozenset[str]) -> LeadRecord:
    """A row of `joined`, opened."""
    year, born = json.loads(cipher.open(row["birth"], "person.birth"))
    guardian = json.loads(cipher.open(row["guardian"], "person.guardian") or '["", ""]')
    applicant = Applicant(
        full_name=cipher.open(row["full_name"], "person.full_name"),
        birth_year=year,
        birth_date=date.fromisoformat(born) if born else None,
        phone=cipher.open(row["phone"], "person.phone"),
        told_by=cipher.open(row["told_by"], "person.told_by"),
        commune=row["commune"],
        hamlet=cipher.open(row["hamlet"], "person.hamlet"),
        guardian_name=guardian[0],
        guardian_phone=guardian[1],
        helper_relation="" if row["relation"] == SELF else row["relation"] or "",
    )
    return LeadRecord(
        receipt=row["receipt"],
        person=row["person_id"],
        applicant=applicant,
        trade=row["trade"],
        trade_text=cipher.open(row["trade_text"], "lead.trade_text"),
        course=row["course"],
        state=row["state"],
        verification=row["verification"],
        served=row["served"],
        registered_at=row["created_at"].astimezone(zone),
        changed_at=row["changed_at"].astimezone(zone),
        details=json.loads(cipher.open(row["details"], "lead.details") or "{}"),
        forward="forward" in agreed,
        agreed=agreed,
    )
