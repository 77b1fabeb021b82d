"""What effects do to the tables, and the list read back."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, CursorResult, delete, func, select

from bot.effects import (
    AnnouncementTapped,
    AnswerFollowed,
    AnswerJudged,
    AnswerShown,
    Applicant,
    CallBackAsked,
    ConsentGiven,
    Effect,
    Forgotten,
    LeadDetailed,
    LeadRegistered,
    LeadWithdrawn,
    MessagesStopped,
    OfficerAsked,
    PersonErased,
    QuestionUnanswered,
    SurveyAnswered,
    TalkReturned,
    WroteToOfficer,
)
from bot.store import sql_feedback as feedback
from bot.store import sql_talks as talks
from bot.store import statements as do
from bot.store import tables as t
from bot.store import unannounced
from bot.store.announcement_tables import announcement_recipients
from bot.store.crypto import Cipher
from bot.store.follow_port import Answer
from bot.store.lead_records import SELF
from bot.store.port import ReceiptTaken
from bot.store.records import likeness
from bot.store.searching import group_digest, hamlet_digest, index
from bot.store.seats import recount
from bot.store.sql_surveys import answer


def apply(db: Connection, cipher: Cipher, contact: int, effect: Effect, now: datetime) -> None:
    """One effect made so, within the caller's transaction."""
    handlers: Mapping[type, Callable[..., None]] = {
        LeadRegistered: _register,
        LeadDetailed: _detail,
        LeadWithdrawn: _withdraw,
        SurveyAnswered: _survey,
        ConsentGiven: _consent,
        OfficerAsked: _ticket,
        CallBackAsked: _call_back,
        QuestionUnanswered: _unanswered,
        MessagesStopped: _stop,
        AnnouncementTapped: _tapped,
        PersonErased: _erase,
        Forgotten: _forget,
        WroteToOfficer: talks.wrote,
        TalkReturned: talks.returned,
        AnswerShown: feedback.count,
        AnswerFollowed: feedback.count,
        AnswerJudged: feedback.count,
    }
    handlers[type(effect)](db, cipher, contact, effect, now)


def _register(db: Connection, cipher: Cipher, contact: int, effect: LeadRegistered, now: datetime) -> None:
    lead = _own_lead(db, contact, effect.receipt)
    if lead is None and _lead_of(db, effect.receipt) is not None:
        raise ReceiptTaken(effect.receipt)
    person = lead.person_id if lead else _same_person(db, cipher, contact, effect.applicant)
    values = person_values(cipher, effect.applicant) | {"changed_at": now}
    if person is None:
        made = db.execute(t.people.insert().values(created_at=now, **values))
        person = made_id(made)
        db.execute(t.contact_people.insert().values(contact_id=contact, person_id=person, relation=SELF))
    else:
        db.execute(t.people.update().where(t.people.c.id == person).values(**values))
    c, relation = t.contact_people.c, effect.applicant.helper_relation or SELF
    tie = (c.contact_id == contact) & (c.person_id == person)
    db.execute(t.contact_people.update().where(tie).values(relation=relation))
    index(db, cipher, person, effect.applicant)
    row = {
        "commune": effect.applicant.commune,
        "trade": effect.trade,
        "trade_text": cipher.seal(effect.trade_text, "lead.trade_text"),
        "course": effect.course,
        "served": effect.served,
        "changed_at": now,
    }
    if lead:
        if lead.course != effect.course and lead.state == "confirmed":  # the seat was in the other class
            row |= {"state": "contacted", "waiting_since": None}
        db.execute(t.leads.update().where(t.leads.c.id == lead.id).values(**row))
        recount(db, lead.course)
        history(db, lead.id, now, "contact", "updated")
        return
    row |= {"receipt": effect.receipt, "person_id": person, "state": "new", "verification": effect.verification}
    made = db.execute(t.leads.insert().values(created_at=now, details=b"", **row))
    history(db, made_id(made), now, "contact", "new")


def person_values(cipher: Cipher, who: Applicant) -> dict[str, Any]:
    """A person's columns: sealed, with the fingerprints they are found by."""
    born = who.birth_date.isoformat() if who.birth_date else ""
    both = [who.guardian_name, who.guardian_phone]
    guardian = json.dumps(both, ensure_ascii=False) if any(both) else ""
    return {
        "full_name": cipher.seal(who.full_name, "person.full_name"),
        "birth": cipher.seal(json.dumps([who.birth_year, born]), "person.birth"),
        "phone": cipher.seal(who.phone, "person.phone"),
        "phone_digest": cipher.digest(who.phone, "phone") if who.phone else "",
        "likeness_digest": cipher.digest(likeness(who), "likeness"),
        "told_by": cipher.seal(who.told_by, "person.told_by"),
        "hamlet": cipher.seal(who.hamlet, "person.hamlet"),
        "hamlet_digest": hamlet_digest(cipher, who.hamlet),
        "guardian": cipher.seal(guardian, "person.guardian"),
        "commune": who.commune,
    }


def _same_person(db: Connection, cipher: Cipher, contact: int, who: Applicant) -> int | None:
    """A person this very contact registered before: then a second trade is a second lead of one person."""
    query = (
        select(t.people.c.id)
        .join(t.contact_people, t.contact_people.c.person_id == t.people.c.id)
        .where(t.contact_people.c.contact_id == contact)
        .where(t.people.c.likeness_digest == cipher.digest(likeness(who), "likeness"))
    )
    return db.execute(query.order_by(t.people.c.id).limit(1)).scalar()


def _detail(db: Connection, cipher: Cipher, contact: int, effect: LeadDetailed, now: datetime) -> None:
    row = _own_lead(db, contact, effect.receipt)
    if row is None:
        return
    kept = json.loads(cipher.open(row.details, "lead.details") or "{}") | dict(effect.details)
    sealed = cipher.seal(json.dumps(kept, ensure_ascii=False), "lead.details")
    values = {"details": sealed, "group_digest": group_digest(cipher, kept), "changed_at": now}
    db.execute(t.leads.update().where(t.leads.c.id == row.id).values(**values))


def _withdraw(db: Connection, _cipher: Cipher, contact: int, effect: LeadWithdrawn, now: datetime) -> None:
    row = _own_lead(db, contact, effect.receipt)
    if row is not None:
        left = {"state": "withdrawn", "waiting_since": None, "changed_at": now}
        db.execute(t.leads.update().where(t.leads.c.id == row.id).values(**left))
        recount(db, row.course)
        history(db, row.id, now, "contact", "withdrawn")
        unannounced.withdrew(db, row.person_id)


def _survey(db: Connection, cipher: Cipher, contact: int, effect: SurveyAnswered, now: datetime) -> None:
    row = _own_lead(db, contact, effect.receipt)
    if row is not None:
        said = Answer(effect.month, effect.works, effect.job, effect.place, "contact", now)
        answer(db, cipher, row.id, said)


def _own_lead(db: Connection, contact: int, receipt: str) -> Any:
    mine = select(t.contact_people.c.person_id).where(t.contact_people.c.contact_id == contact)
    where = (t.leads.c.receipt == receipt) & t.leads.c.person_id.in_(mine)
    c = t.leads.c
    return db.execute(select(c.id, c.person_id, c.details, c.state, c.course).where(where)).first()


def _lead_of(db: Connection, receipt: str) -> int | None:
    return db.execute(select(t.leads.c.id).where(t.leads.c.receipt == receipt)).scalar()


def history(db: Connection, lead: int, now: datetime, who: str, what: str) -> None:
    """A line of a lead's history; `who` is "contact", or "officer:" and their number."""
    db.execute(t.lead_history.insert().values(lead_id=lead, at=now, who=who, what=what))


def _consent(db: Connection, _cipher: Cipher, contact: int, effect: ConsentGiven, now: datetime) -> None:
    lead = _own_lead(db, contact, effect.receipt)
    values = {"purpose": effect.purpose, "given": effect.given, "text_version": effect.text_version, "by": effect.by}
    db.execute(t.consents.insert().values(contact_id=contact, lead_id=lead.id if lead else None, at=now, **values))


def _ticket(db: Connection, cipher: Cipher, contact: int, effect: OfficerAsked, now: datetime) -> None:
    sealed = {"text": cipher.seal(effect.text, "ticket.text"), "phone": cipher.seal(effect.phone, "ticket.phone")}
    values = {"contact_id": contact, "commune": effect.commune, "reason": effect.reason, "state": "open", "at": now}
    values["waiting_since"] = now
    db.execute(t.tickets.insert().values(**values, **sealed))


def _call_back(db: Connection, cipher: Cipher, contact: int, effect: CallBackAsked, _now: datetime) -> None:
    c = t.tickets.c
    last = select(func.max(c.id)).where(c.contact_id == contact, c.state != "closed").scalar_subquery()
    db.execute(t.tickets.update().where(c.id == last).values(phone=cipher.seal(effect.phone, "ticket.phone")))


def _unanswered(db: Connection, cipher: Cipher, _contact: int, effect: QuestionUnanswered, now: datetime) -> None:
    sealed = cipher.seal(effect.text, "unanswered.text")
    do.QUESTION_KEPT.run(db, sealed=sealed, decided=effect.decision, where=effect.commune, now=now)


def _stop(db: Connection, _cipher: Cipher, contact: int, effect: MessagesStopped, now: datetime) -> None:
    """All kinds (then wanting them again means all), or one."""
    values: dict[str, Any] = {"stopped_at": now if effect.stopped else None}
    c = t.contacts.c
    if effect.kind:
        before = db.execute(select(c.stopped_kinds).where(c.id == contact)).scalar() or ""
        kinds = set(filter(None, before.split(",")))
        kinds = kinds | {effect.kind} if effect.stopped else kinds - {effect.kind}
        values = {"stopped_kinds": ",".join(sorted(kinds))} | ({} if effect.stopped else {"stopped_at": None})
    elif not effect.stopped:
        values |= {"stopped_kinds": ""}
    db.execute(t.contacts.update().where(c.id == contact).values(**values))


def _tapped(db: Connection, _cipher: Cipher, contact: int, effect: AnnouncementTapped, now: datetime) -> None:
    """The first tap of this contact counts."""
    r = announcement_recipients.c
    mine = (r.announcement_id == effect.announcement) & (r.contact_id == contact) & r.tapped_at.is_(None)
    db.execute(announcement_recipients.update().where(mine).values(tapped_at=now))


def _erase(db: Connection, cipher: Cipher, contact: int, _effect: PersonErased, now: datetime) -> None:
    """See `erasing`, which reads leads by this module."""
    from bot.store import erasing

    erasing.erase_contact(db, cipher, contact, now)


def _forget(db: Connection, _cipher: Cipher, contact: int, _effect: Forgotten, _now: datetime) -> None:
    """The talk; the seen marks stay, so that a message delivered again is not answered as new."""
    for table in (t.messages, t.sessions):
        db.execute(delete(table).where(table.c.contact_id == contact))


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
