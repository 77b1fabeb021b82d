"""What effects do to the tables, and the list read back."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, CursorResult, RowMapping, delete, func, select

from bot.model import (
    Applicant,
    ConsentGiven,
    Effect,
    Forgotten,
    LeadDetailed,
    LeadRegistered,
    LeadView,
    LeadWithdrawn,
    MessagesStopped,
    OfficerAsked,
    PersonErased,
    QuestionUnanswered,
)
from bot.store import tables as t
from bot.store.crypto import Cipher
from bot.store.port import LeadRecord
from intents.normalise import fold

HELPER, SELF = "helper", "self"


def apply(db: Connection, cipher: Cipher, contact: int, effect: Effect, now: datetime) -> None:
    """One effect made so, within the caller's transaction."""
    handlers: Mapping[type, Callable[..., None]] = {
        LeadRegistered: _register,
        LeadDetailed: _detail,
        LeadWithdrawn: _withdraw,
        ConsentGiven: _consent,
        OfficerAsked: _ticket,
        QuestionUnanswered: _unanswered,
        MessagesStopped: _stop,
        PersonErased: _erase,
        Forgotten: _forget,
    }
    handlers[type(effect)](db, cipher, contact, effect, now)


def _register(db: Connection, cipher: Cipher, contact: int, effect: LeadRegistered, now: datetime) -> None:
    lead = db.execute(select(t.leads.c.id, t.leads.c.person_id).where(t.leads.c.receipt == effect.receipt)).first()
    person = lead.person_id if lead else _same_person(db, cipher, contact, effect.applicant)
    values = _person_values(cipher, effect.applicant) | {"changed_at": now}
    if person is None:
        made = db.execute(t.people.insert().values(created_at=now, **values))
        person = made_id(made)
        relation = HELPER if effect.applicant.helper_relation else SELF
        db.execute(t.contact_people.insert().values(contact_id=contact, person_id=person, relation=relation))
    else:
        db.execute(t.people.update().where(t.people.c.id == person).values(**values))
    row = {
        "commune": effect.applicant.commune,
        "trade": effect.trade,
        "trade_text": cipher.seal(effect.trade_text, "lead.trade_text"),
        "course": effect.course,
        "served": effect.served,
        "changed_at": now,
    }
    if lead:
        db.execute(t.leads.update().where(t.leads.c.id == lead.id).values(**row))
        _history(db, lead.id, now, "contact", "updated")
        return
    row |= {"receipt": effect.receipt, "person_id": person, "state": "new", "verification": effect.verification}
    made = db.execute(t.leads.insert().values(created_at=now, details=b"", **row))
    _history(db, made_id(made), now, "contact", "new")


def _person_values(cipher: Cipher, who: Applicant) -> dict[str, Any]:
    born = who.birth_date.isoformat() if who.birth_date else ""
    guardian = json.dumps([who.guardian_name, who.guardian_phone], ensure_ascii=False) if who.guardian_name else ""
    return {
        "full_name": cipher.seal(who.full_name, "person.full_name"),
        "birth": cipher.seal(json.dumps([who.birth_year, born]), "person.birth"),
        "phone": cipher.seal(who.phone, "person.phone"),
        "phone_digest": cipher.digest(who.phone, "phone") if who.phone else "",
        "likeness_digest": cipher.digest(likeness(who), "likeness"),
        "told_by": cipher.seal(who.told_by, "person.told_by"),
        "hamlet": cipher.seal(who.hamlet, "person.hamlet"),
        "guardian": cipher.seal(guardian, "person.guardian"),
        "commune": who.commune,
    }


def likeness(who: Applicant) -> str:
    """Folded name, birth year and commune: who has the same is likely the same person (offered, never merged alone)."""
    return f"{fold(who.full_name)}|{who.birth_year}|{who.commune}"


def _same_person(db: Connection, cipher: Cipher, contact: int, who: Applicant) -> int | None:
    """A person this very contact registered before: then a second trade is a second lead of one person."""
    query = (
        select(t.people.c.id)
        .join(t.contact_people, t.contact_people.c.person_id == t.people.c.id)
        .where(t.contact_people.c.contact_id == contact)
        .where(t.people.c.likeness_digest == cipher.digest(likeness(who), "likeness"))
    )
    return db.execute(query).scalar()


def _detail(db: Connection, cipher: Cipher, contact: int, effect: LeadDetailed, now: datetime) -> None:
    row = _own_lead(db, contact, effect.receipt)
    if row is None:
        return
    kept = json.loads(cipher.open(row.details, "lead.details") or "{}") | dict(effect.details)
    sealed = cipher.seal(json.dumps(kept, ensure_ascii=False), "lead.details")
    db.execute(t.leads.update().where(t.leads.c.id == row.id).values(details=sealed, changed_at=now))


def _withdraw(db: Connection, _cipher: Cipher, contact: int, effect: LeadWithdrawn, now: datetime) -> None:
    row = _own_lead(db, contact, effect.receipt)
    if row is not None:
        db.execute(t.leads.update().where(t.leads.c.id == row.id).values(state="withdrawn", changed_at=now))
        _history(db, row.id, now, "contact", "withdrawn")


def _own_lead(db: Connection, contact: int, receipt: str) -> Any:
    mine = select(t.contact_people.c.person_id).where(t.contact_people.c.contact_id == contact)
    where = (t.leads.c.receipt == receipt) & t.leads.c.person_id.in_(mine)
    return db.execute(select(t.leads.c.id, t.leads.c.details).where(where)).first()


def _history(db: Connection, lead: int, now: datetime, who: str, what: str) -> None:
    db.execute(t.lead_history.insert().values(lead_id=lead, at=now, who=who, what=what))


def _consent(db: Connection, _cipher: Cipher, contact: int, effect: ConsentGiven, now: datetime) -> None:
    lead = db.execute(select(t.leads.c.id).where(t.leads.c.receipt == effect.receipt)).scalar()
    values = {"purpose": effect.purpose, "given": effect.given, "text_version": effect.text_version, "by": effect.by}
    db.execute(t.consents.insert().values(contact_id=contact, lead_id=lead, at=now, **values))


def _ticket(db: Connection, cipher: Cipher, contact: int, effect: OfficerAsked, now: datetime) -> None:
    sealed = {"text": cipher.seal(effect.text, "ticket.text"), "phone": cipher.seal(effect.phone, "ticket.phone")}
    values = {"contact_id": contact, "commune": effect.commune, "reason": effect.reason, "state": "open", "at": now}
    db.execute(t.tickets.insert().values(**values, **sealed))


def _unanswered(db: Connection, cipher: Cipher, _contact: int, effect: QuestionUnanswered, now: datetime) -> None:
    values = {"decision": effect.decision, "commune": effect.commune, "at": now}
    db.execute(t.unanswered.insert().values(text=cipher.seal(effect.text, "unanswered.text"), **values))


def _stop(db: Connection, _cipher: Cipher, contact: int, effect: MessagesStopped, now: datetime) -> None:
    db.execute(t.contacts.update().where(t.contacts.c.id == contact).values(stopped_at=now if effect.stopped else None))


def _erase(db: Connection, cipher: Cipher, contact: int, _effect: PersonErased, now: datetime) -> None:
    """Everybody registered from here, their leads, consents and history (by cascade), tickets and the talk."""
    mine = list(
        db.execute(select(t.contact_people.c.person_id).where(t.contact_people.c.contact_id == contact)).scalars()
    )
    if mine:
        db.execute(delete(t.people).where(t.people.c.id.in_(mine)))
    for table in (t.tickets, t.consents):
        db.execute(delete(table).where(table.c.contact_id == contact))
    _forget(db, cipher, contact, Forgotten(), now)


def _forget(db: Connection, _cipher: Cipher, contact: int, _effect: Forgotten, _now: datetime) -> None:
    """The talk; the seen marks stay, so that a message delivered again is not answered as new."""
    for table in (t.messages, t.sessions):
        db.execute(delete(table).where(table.c.contact_id == contact))


def views(db: Connection, cipher: Cipher, contact: int) -> tuple[LeadView, ...]:
    """This contact's registrations, newest first."""
    query = _joined().join(t.contact_people, t.contact_people.c.person_id == t.people.c.id)
    rows = db.execute(query.where(t.contact_people.c.contact_id == contact).order_by(t.leads.c.id.desc()))
    found = []
    for row in rows.mappings():
        record = _record(cipher, row, forward=False)
        found.append(
            LeadView(
                receipt=record.receipt,
                trade=record.trade,
                trade_text=record.trade_text,
                commune=record.applicant.commune,
                state=record.state,
                registered_on=record.registered_at.date(),
                full_name=record.applicant.full_name,
                verification=record.verification,
                at=record.registered_at.isoformat(),
                birth_year=record.applicant.birth_year,
            )
        )
    return tuple(found)


def records(db: Connection, cipher: Cipher, commune: str) -> tuple[LeadRecord, ...]:
    """The commune's list, oldest first; `forward` by the latest answer to that purpose."""
    rows = list(db.execute(_joined().where(t.leads.c.commune == commune).order_by(t.leads.c.id)).mappings())
    c = t.consents.c
    asked = select(c.lead_id, c.given).where(c.purpose == "forward", c.lead_id.in_([r["id"] for r in rows]))
    forward = {r.lead_id: r.given for r in db.execute(asked.order_by(c.id))}
    return tuple(_record(cipher, row, forward=bool(forward.get(row["id"]))) for row in rows)


def registrations_since(db: Connection, cipher: Cipher, since: datetime, *, contact: int | None, phone: str) -> int:
    """Persons made since then by a contact, or with a phone."""
    query = select(func.count()).select_from(t.people).where(t.people.c.created_at >= since)
    if contact is not None:
        mine = select(t.contact_people.c.person_id).where(t.contact_people.c.contact_id == contact)
        query = query.where(t.people.c.id.in_(mine))
    if phone:
        query = query.where(t.people.c.phone_digest == cipher.digest(phone, "phone"))
    return int(db.execute(query).scalar_one())


def made_id(result: CursorResult[Any]) -> int:
    """The number the database gave to the row just inserted."""
    key = result.inserted_primary_key
    assert key is not None  # noqa: S101 - only an insert of one row gets here
    return int(key[0])


def _joined() -> Any:
    lead, person = t.leads.c, t.people.c
    return select(
        lead.id, lead.receipt, lead.person_id, lead.commune, lead.trade, lead.trade_text, lead.course, lead.served,
        lead.state, lead.verification, lead.details, lead.created_at, lead.changed_at,
        person.full_name, person.birth, person.phone, person.told_by, person.hamlet, person.guardian,
    ).join(t.people, t.people.c.id == t.leads.c.person_id)  # fmt: skip


def _record(cipher: Cipher, row: RowMapping, *, forward: bool) -> LeadRecord:
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
    )
    record = LeadRecord(
        receipt=row["receipt"],
        person=row["person_id"],
        applicant=applicant,
        trade=row["trade"],
        trade_text=cipher.open(row["trade_text"], "lead.trade_text"),
        course=row["course"],
        state=row["state"],
        verification=row["verification"],
        served=row["served"],
        registered_at=row["created_at"],
        changed_at=row["changed_at"],
        details=json.loads(cipher.open(row["details"], "lead.details") or "{}"),
    )
    return replace(record, forward=forward)
