"""What effects do to the rows in memory, and the list read back: the twin of `sql_leads`."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, tzinfo

from bot.effects import (
    AnnouncementTapped,
    AnswerFollowed,
    AnswerJudged,
    AnswerShown,
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
from bot.model import LeadView
from bot.store.memory_tables import (
    ConsentRow,
    HistoryRow,
    LeadRow,
    PersonRow,
    SurveyRow,
    Tables,
    TicketRow,
    UnansweredRow,
)
from bot.store.port import LeadRecord, ReceiptTaken
from bot.store.records import likeness, names, view_of

# What only the desk's store keeps: no officer takes a talk over this one, no answer is counted.
OFFICERS_ALONE = (WroteToOfficer, TalkReturned, AnswerShown, AnswerFollowed, AnswerJudged)


def apply(tables: Tables, contact: int, effect: Effect, now: datetime) -> None:
    """One effect made so."""
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
    }
    if isinstance(effect, OFFICERS_ALONE):
        return
    handlers[type(effect)](tables, contact, effect, now)


def _register(tables: Tables, contact: int, effect: LeadRegistered, now: datetime) -> None:
    number = _own_lead(tables, contact, effect.receipt)
    if number is None and any(r.receipt == effect.receipt for r in tables.leads.values()):
        raise ReceiptTaken(effect.receipt)
    person = _person(tables, contact, number, effect, now)
    if number is None:
        number = tables.number("leads")
        tables.leads[number] = LeadRow(
            receipt=effect.receipt,
            person=person,
            commune=effect.applicant.commune,
            trade=effect.trade,
            trade_text=effect.trade_text,
            course=effect.course,
            served=effect.served,
            state="new",
            verification=effect.verification,
            created_at=now,
            changed_at=now,
        )
        _history(tables, number, now, "new")
        return
    tables.leads[number] = replace(
        tables.leads[number],
        commune=effect.applicant.commune,
        trade=effect.trade,
        trade_text=effect.trade_text,
        course=effect.course,
        served=effect.served,
        changed_at=now,
    )
    _history(tables, number, now, "updated")


def _person(tables: Tables, contact: int, lead: int | None, effect: LeadRegistered, now: datetime) -> int:
    """The person of the lead, or the same one registered from this contact before, or a new one; as told now."""
    who = effect.applicant
    number = tables.leads[lead].person if lead is not None else None
    if number is None:
        alike = [p for p in tables.people_of(contact) if likeness(tables.people[p].applicant) == likeness(who)]
        number = min(alike, default=None)
    if number is None:
        number = tables.number("people")
        tables.people[number] = PersonRow(who, now)
    else:
        tables.people[number] = replace(tables.people[number], applicant=who)
    tables.contact_people[contact, number] = who.helper_relation
    return number


def _detail(tables: Tables, contact: int, effect: LeadDetailed, now: datetime) -> None:
    number = _own_lead(tables, contact, effect.receipt)
    if number is not None:
        kept = json.loads(tables.leads[number].details) | dict(effect.details)
        details = json.dumps(kept, ensure_ascii=False)
        tables.leads[number] = replace(tables.leads[number], details=details, changed_at=now)


def _withdraw(tables: Tables, contact: int, effect: LeadWithdrawn, now: datetime) -> None:
    number = _own_lead(tables, contact, effect.receipt)
    if number is not None:
        tables.leads[number] = replace(tables.leads[number], state="withdrawn", changed_at=now)
        _history(tables, number, now, "withdrawn")


def _survey(tables: Tables, contact: int, effect: SurveyAnswered, now: datetime) -> None:
    number = _own_lead(tables, contact, effect.receipt)
    if number is None:
        return
    before = tables.surveys.get((number, effect.month))
    same = before if before is not None and before.works == effect.works else None
    job, place = (
        said or (getattr(same, n) if same else "") for n, said in (("job", effect.job), ("place", effect.place))
    )
    tables.surveys[number, effect.month] = SurveyRow(effect.works, job, place)
    newest = tables.surveys[number, max(month for lead, month in tables.surveys if lead == number)]
    state, was = "employed" if newest.works else "completed", tables.leads[number].state
    kept = state if was in ("completed", "employed") else was
    tables.leads[number] = replace(tables.leads[number], state=kept, changed_at=now)
    if kept != was or same is None:
        _history(tables, number, now, "survey_yes" if effect.works else "survey_no")


def _own_lead(tables: Tables, contact: int, receipt: str) -> int | None:
    mine = tables.people_of(contact)
    return next((n for n, r in tables.leads.items() if r.receipt == receipt and r.person in mine), None)


def _history(tables: Tables, lead: int, now: datetime, what: str) -> None:
    tables.lead_history[tables.number("lead_history")] = HistoryRow(lead, now, "contact", what)


def _consent(tables: Tables, contact: int, effect: ConsentGiven, now: datetime) -> None:
    lead = _own_lead(tables, contact, effect.receipt)
    row = ConsentRow(contact, lead, effect.purpose, effect.given, effect.text_version, effect.by, now)
    tables.consents[tables.number("consents")] = row


def _ticket(tables: Tables, contact: int, effect: OfficerAsked, now: datetime) -> None:
    row = TicketRow(contact, effect.commune, effect.reason, effect.text, effect.phone, now)
    tables.tickets[tables.number("tickets")] = row


def _call_back(tables: Tables, contact: int, effect: CallBackAsked, _now: datetime) -> None:
    last = max((n for n, row in tables.tickets.items() if row.contact == contact), default=None)
    if last is not None:
        tables.tickets[last] = replace(tables.tickets[last], phone=effect.phone)


def _unanswered(tables: Tables, _contact: int, effect: QuestionUnanswered, now: datetime) -> None:
    row = UnansweredRow(effect.text, effect.decision, effect.commune, now)
    tables.unanswered[tables.number("unanswered")] = row


def _stop(tables: Tables, contact: int, effect: MessagesStopped, now: datetime) -> None:
    row = tables.contacts[contact]
    if effect.kind:
        one = {effect.kind}
        kinds = row.stopped_kinds | one if effect.stopped else row.stopped_kinds - one
        row = replace(row, stopped_kinds=kinds, stopped_at=row.stopped_at if effect.stopped else None)
    else:
        kinds = row.stopped_kinds if effect.stopped else frozenset()
        row = replace(row, stopped_kinds=kinds, stopped_at=now if effect.stopped else None)
    tables.contacts[contact] = row


def _tapped(_tables: Tables, _contact: int, _effect: AnnouncementTapped, _now: datetime) -> None:
    """Announcements are kept in SQL alone."""


def _erase(tables: Tables, contact: int, _effect: PersonErased, now: datetime) -> None:
    """With the journal of `erasing`, by what its fingerprints are of."""
    mine = tables.people_of(contact)
    gone = [("lead", r.receipt) for r in tables.leads.values() if r.person in mine]
    people = [tables.people[n].applicant for n in mine]
    naming = {n for n, r in tables.unanswered.items() if any(names(r.text, who) for who in people)}
    tables.unanswered = {n: r for n, r in tables.unanswered.items() if n not in naming}
    for line in (*gone, *(("sealed", str(n)) for n in naming), ("contact", str(contact))):
        tables.erasures[line] = now
    tables.delete_people(tables.people_of(contact))
    tables.tickets = {n: r for n, r in tables.tickets.items() if r.contact != contact}
    tables.consents = {n: r for n, r in tables.consents.items() if r.contact != contact}
    _forget(tables, contact, Forgotten(), now)


def _forget(tables: Tables, contact: int, _effect: Forgotten, _now: datetime) -> None:
    """The seen marks stay, so that a message delivered again is not answered as new."""
    tables.messages = {n: r for n, r in tables.messages.items() if r.contact != contact}
    tables.sessions.pop(contact, None)


def views(tables: Tables, contact: int, zone: tzinfo) -> tuple[LeadView, ...]:
    """This contact's registrations, newest first."""
    mine = tables.people_of(contact)
    found = [(n, r) for n, r in tables.leads.items() if r.person in mine]
    return tuple(view_of(_record(tables, n, r, zone)) for n, r in sorted(found, reverse=True, key=lambda item: item[0]))


def records(tables: Tables, commune: str, zone: tzinfo) -> tuple[LeadRecord, ...]:
    """The commune's list, oldest first."""
    return tuple(_record(tables, n, r, zone) for n, r in tables.leads.items() if r.commune == commune)


def registrations_since(tables: Tables, since: datetime, *, contact: int | None, phone: str) -> int:
    """Persons made since then by a contact, or with a phone."""
    made = {n: r.applicant for n, r in tables.people.items() if r.created_at >= since}
    if contact is not None:
        mine = tables.people_of(contact)
        made = {n: who for n, who in made.items() if n in mine}
    return sum(not phone or who.phone == phone for who in made.values())


def _record(tables: Tables, number: int, row: LeadRow, zone: tzinfo) -> LeadRecord:
    answers = {c.purpose: c.given for c in tables.consents.values() if c.lead == number}
    agreed = frozenset(purpose for purpose, given in answers.items() if given)
    relation = next((r for (_, person), r in tables.contact_people.items() if person == row.person), "")
    return LeadRecord(
        receipt=row.receipt,
        person=row.person,
        applicant=replace(tables.people[row.person].applicant, commune=row.commune, helper_relation=relation),
        trade=row.trade,
        trade_text=row.trade_text,
        course=row.course,
        state=row.state,
        verification=row.verification,
        served=row.served,
        registered_at=row.created_at.astimezone(zone),
        changed_at=row.changed_at.astimezone(zone),
        details=json.loads(row.details),
        forward="forward" in agreed,
        agreed=agreed,
    )
