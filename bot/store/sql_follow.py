"""What is due and for whom, and the marks that keep it from being done twice; for the job, over one connection."""

from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, String, cast, exists, select

from bot.dialogue.memory import SessionUnreadable, dump, load
from bot.model import Contact, Course, Session
from bot.store import follow_tables as f
from bot.store import lead_records
from bot.store import tables as t
from bot.store.channel_port import Quota, Reach
from bot.store.crypto import Cipher
from bot.store.follow_port import REMINDERS, Chat, Followed, Kind, Way, Windows
from bot.store.sql_surveys import DONE, ended_between, finished_at

ABOUT_CLASS = ":"  # between a class and the day it starts: a class put off is reminded of anew


class SqlFollow:
    """The job's view: leads that something is due for, their chats, marks."""

    def __init__(self, connection: Connection, cipher: Cipher, zone: tzinfo) -> None:
        self._db = connection
        self._cipher = cipher
        self._zone = zone

    def candidates(self, windows: Windows, most: int, after: int) -> tuple[int, ...]:
        """Leads without a mark for a kind whose window they are in, by number, beyond `after`; the planner decides."""
        found: set[int] = set()
        for kind, (first, last) in windows.items():
            there = self._within(kind, first, last).where(t.leads.c.id > after)
            found.update(self._db.execute(there.limit(most)).scalars())
        return tuple(sorted(found)[:most])

    def _within(self, kind: Kind, first: date, last: date) -> Any:
        lead, c, u = t.leads.c, t.courses.c, f.follow_ups.c
        marked = exists().where(u.lead_id == lead.id, u.kind == kind)
        query = select(lead.id).order_by(lead.id)
        if kind in REMINDERS:
            about = c.id + ABOUT_CLASS + cast(c.starts_on, String)
            query = query.join(t.courses, c.id == lead.course)
            query = query.where(lead.state == "enrolled", c.starts_on >= first, c.starts_on <= last)
            return query.where(c.state.not_in(("done", "cancelled")), ~marked.where(u.about == about))
        query = query.outerjoin(t.courses, c.id == lead.course)
        return query.where(lead.state.in_(DONE), ended_between(first, last, self._zone), ~marked)

    def one(self, lead: int) -> Followed | None:
        """A lead, held until the end of the transaction; None when it is gone."""
        c = t.leads.c
        self._db.execute(select(c.id).where(c.id == lead).with_for_update())
        more = (
            lead_records.joined().add_columns(c.waiting_since, finished_at().label("finished_at")).where(c.id == lead)
        )
        row = self._db.execute(more).mappings().first()
        if row is None:
            return None
        record = lead_records.record(self._cipher, row, self._zone, frozenset())
        course = course_of(self._db, record.course)
        marks = select(f.follow_ups.c.kind, f.follow_ups.c.about).where(f.follow_ups.c.lead_id == lead)
        months = select(f.surveys.c.month).where(f.surveys.c.lead_id == lead)
        return Followed(
            lead=lead,
            person=record.person,
            receipt=record.receipt,
            name=record.applicant.full_name,
            commune=record.applicant.commune,
            trade=record.trade,
            trade_text=record.trade_text,
            state=record.state,
            seated=row["waiting_since"] is None,
            birth_year=record.applicant.birth_year,
            birth_date=record.applicant.birth_date,
            course=course,
            ended_on=self._ended(record.state, course, row["finished_at"]),
            consents=self._consents(lead),
            answered=frozenset(self._db.execute(months).scalars()),
            done=frozenset((r.kind, r.about) for r in self._db.execute(marks)),
        )

    def _ended(self, state: str, course: Course | None, finished: datetime) -> date | None:
        if state not in DONE:
            return None
        if course is not None and course.ends_on is not None:
            return course.ends_on
        return finished.astimezone(self._zone).date()

    def _consents(self, lead: int) -> Mapping[str, bool]:
        c = t.consents.c
        rows = self._db.execute(select(c.purpose, c.given).where(c.lead_id == lead).order_by(c.id))
        return {r.purpose: r.given for r in rows}

    def chats(self, person: int) -> tuple[Chat, ...]:
        """Their own first, then helpers'; of each the one used last."""
        c, tie = t.contacts.c, t.contact_people.c
        query = select(t.contacts, tie.relation).join(t.contact_people, tie.contact_id == c.id)
        rows = self._db.execute(query.where(tie.person_id == person).with_for_update(of=t.contacts)).all()
        found = [self._chat(r) for r in rows]
        return tuple(sorted(found, key=lambda chat: (not chat.own, -chat.reach.seen_at.timestamp())))

    def _chat(self, r: Any) -> Chat:
        contact = Contact(r.channel, r.account, self._cipher.open(r.external, "contact.external"))
        zoned = {n: v and v.astimezone(self._zone) for n, v in r._mapping.items() if isinstance(v, datetime)}
        read_at = zoned.get("quota_read_at")
        quota = Quota(r.replies_left, r.replies_total, read_at) if read_at else None
        reach = Reach(
            zoned["seen_at"],
            zoned.get("stopped_at"),
            zoned.get("unreachable_at"),
            r.unreachable_why,
            zoned.get("paused_until"),
            quota,
        )
        stopped = frozenset(filter(None, r.stopped_kinds.split(",")))
        return Chat(r.id, contact, r.relation == lead_records.SELF, reach, stopped)

    def session(self, contact: int) -> Session:
        """What is remembered of the talk; a new one when it was retired."""
        s = t.sessions.c
        found = self._db.execute(select(s.body).where(s.contact_id == contact)).first()
        try:
            return load(self._cipher.open(found.body, "session.body")) if found else Session(greeted=True)
        except SessionUnreadable:
            return Session(greeted=True)

    def save_session(self, contact: int, session: Session, now: datetime) -> None:
        """Written back in the transaction that queues the message."""
        s, values = t.sessions.c, {"body": self._cipher.seal(dump(session), "session.body"), "updated_at": now}
        if self._db.execute(t.sessions.update().where(s.contact_id == contact).values(**values)).rowcount == 0:
            self._db.execute(t.sessions.insert().values(contact_id=contact, **values))

    def mark(self, lead: int, key: tuple[str, str], way: Way, now: datetime, message: int | None = None) -> None:
        """This was done, or is on the officer's list from now on. Raises IntegrityError when it is marked already."""
        values = {"lead_id": lead, "kind": key[0], "about": key[1], "way": way, "made_at": now}
        done = now if way == "none" else None
        self._db.execute(f.follow_ups.insert().values(message_id=message, done_at=done, **values))


def course_of(db: Connection, course: str) -> Course | None:
    """A class by its id, those that are over too."""
    row = db.execute(select(t.courses).where(t.courses.c.id == course)).mappings().first() if course else None
    if row is None:
        return None
    groups = tuple(filter(None, row["target_groups"].split(",")))
    return Course(**{name: row[name] for name in Course.__slots__} | {"target_groups": groups})
