"""What officers do after a registration: calls, survey answers by phone, the request form, a commune's choice."""

from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import Connection, and_, case, delete, exists, func, or_, select, update

from bot.effects import ConsentGiven
from bot.store import desk_tables as d
from bot.store import follow_tables as f
from bot.store import lead_records
from bot.store import tables as t
from bot.store.crypto import Cipher
from bot.store.desk_port import Scope
from bot.store.follow_port import REMINDERS, SURVEYS, Answer, Call, Employment
from bot.store.port import LeadRecord
from bot.store.sql_desk_people import COUNTED, LOST, SqlPeople, within, writable
from bot.store.sql_desk_work import Doer, SqlWork
from bot.store.sql_follow import course_of
from bot.store.sql_surveys import answer, answers, employment

SILENT = timedelta(days=10)  # a survey nobody answered in the chat is asked by phone
STUCK = timedelta(hours=3)  # a message that has not left by then: the class may be tomorrow
FORGOTTEN = timedelta(days=90)  # a call that nobody made by then: the next survey is due


class SqlFollowUps:
    """Over one connection; changes raise NotYours for a lead outside the doer's scope."""

    def __init__(self, connection: Connection, cipher: Cipher, zone: tzinfo) -> None:
        self._db = connection
        self._cipher = cipher
        self._zone = zone

    # ---- calls

    def _calling(self, scope: Scope, now: datetime) -> Any:
        """Marks that wait for a call: nobody could write, the message was lost, or a survey stayed unanswered."""
        u, lead, m, s, c = f.follow_ups.c, t.leads.c, t.messages.c, f.surveys.c, t.courses.c
        stuck = and_(m.sent_at.is_(None), m.at <= now - STUCK)
        lost = exists().where(m.id == u.message_id, or_(m.fate.in_(LOST), stuck))
        said = exists().where(s.lead_id == u.lead_id, s.month == _month(u.kind))
        silent = and_(u.kind.in_(list(SURVEYS)), u.made_at <= now - SILENT)
        today = now.astimezone(self._zone).date()
        still = or_(
            and_(u.kind.in_(REMINDERS), lead.state == "enrolled", c.starts_on >= today, c.state != "cancelled"),
            and_(u.kind.in_(list(SURVEYS)), lead.state.in_(("completed", "employed")), ~said),
        )
        query = select(u.id, u.kind, u.way, u.made_at, lead.id.label("lead"), lead.course, lost.label("lost"))
        query = query.select_from(f.follow_ups).join(t.leads, lead.id == u.lead_id)
        query = query.outerjoin(t.courses, c.id == lead.course)
        waits = or_(u.way == "call", and_(u.way == "message", or_(lost, silent)))
        return query.where(u.made_at >= now - FORGOTTEN, u.done_at.is_(None), waits, still, within(scope))

    def calls(self, scope: Scope, now: datetime, *, most: int = 200) -> tuple[Call, ...]:
        """Reminders first (the class is near), then surveys, the oldest first; masked."""
        u = f.follow_ups.c
        found = self._db.execute(self._calling(scope, now).order_by(u.kind, u.made_at).limit(most)).all()
        rows = {
            row.id: row for row in SqlPeople(self._db, self._cipher, self._zone).rows(scope, {r.lead for r in found})
        }
        courses = {course: course_of(self._db, course) for course in {r.course for r in found}}
        return tuple(
            Call(
                id=r.id,
                kind=r.kind,
                why="unreachable" if r.way == "call" else "lost" if r.lost else "silent",
                row=rows[r.lead],
                course=courses[r.course],
                made_at=r.made_at.astimezone(self._zone),
            )
            for r in found
        )

    def to_call(self, scope: Scope, now: datetime) -> int:
        """How many, up to a thousand."""
        some = self._calling(scope, now).limit(COUNTED).subquery()
        return int(self._db.execute(select(func.count()).select_from(some)).scalar_one())

    def called(self, doer: Doer, mark: int) -> None:
        """Somebody called them."""
        u = f.follow_ups.c
        row = self._db.execute(select(u.lead_id, u.kind).where(u.id == mark)).first()
        self._mine(doer, row.lead_id if row else 0)
        self._db.execute(update(f.follow_ups).where(u.id == mark).values(done_at=doer.now))
        self._told(doer, row.lead_id if row else 0, "followed_up")

    # ---- surveys

    def answers(self, lead: int) -> tuple[Answer, ...]:
        """What was said, by month; the caller has looked the case up within the scope."""
        return answers(self._db, self._cipher, lead, self._zone)

    def answer(self, doer: Doer, lead: int, said: Answer) -> None:
        """What the person said on the phone."""
        self._mine(doer, lead)
        answer(self._db, self._cipher, lead, said)
        u, kinds = f.follow_ups.c, [kind for kind, month in SURVEYS.items() if month == said.month]
        settled = update(f.follow_ups).where(u.lead_id == lead, u.kind.in_(kinds), u.done_at.is_(None))
        self._db.execute(settled.values(done_at=doer.now))
        self._told(doer, lead, "surveyed")

    def consent(self, doer: Doer, lead: int, given: ConsentGiven) -> None:
        """What the person agreed to on the phone; the officer states it."""
        self._mine(doer, lead)
        values = {"purpose": given.purpose, "given": given.given, "text_version": given.text_version}
        self._db.execute(t.consents.insert().values(lead_id=lead, by="officer", at=doer.now, **values))
        self._told(doer, lead, "consent")

    def employment(self, scope: Scope, since: date, until: date, *, trade: str = "") -> Employment:
        """The share in work in an officer's communes; see `sql_surveys.employment` for what is counted."""
        return employment(self._db, self._zone, scope.communes, since, until, trade=trade)

    # ---- the request form

    def record(self, scope: Scope, lead: int) -> LeadRecord | None:
        """The whole registration, for the paper; None when it is not this officer's to change."""
        row = self._db.execute(lead_records.joined().where(t.leads.c.id == lead, within(scope))).mappings().first()
        if row is None or not writable(scope, served=row["served"]):
            return None
        return lead_records.record(self._cipher, row, self._zone, frozenset())

    def printed(self, doer: Doer, lead: int) -> None:
        """Write down that the form was made: it shows the whole name, day of birth and phone."""
        self._told(doer, lead, "form_printed")

    def keeps_identity(self, commune: str) -> bool:
        """Whether this commune has identity numbers kept; without its choice they are not."""
        c = f.commune_choices.c
        return bool(self._db.execute(select(c.keep_identity_numbers).where(c.commune == commune)).scalar())

    def choose_identity(self, doer: Doer, commune: str, *, keep: bool) -> None:
        """An admin's choice for a commune; switching it off erases what was kept there."""
        c, who = f.commune_choices.c, t.people.c
        done = self._db.execute(
            update(f.commune_choices).where(c.commune == commune).values(keep_identity_numbers=keep)
        )
        if done.rowcount == 0:
            self._db.execute(f.commune_choices.insert().values(commune=commune, keep_identity_numbers=keep))
        if not keep:
            there = select(who.id).where(who.commune == commune)
            self._db.execute(delete(f.identity_numbers).where(f.identity_numbers.c.person_id.in_(there)))
        self._audit(doer, "identity_on" if keep else "identity_off", f"commune:{commune}")

    def identity(self, person: int) -> str:
        """The number kept, "" when there is none."""
        c = f.identity_numbers.c
        sealed = self._db.execute(select(c.number).where(c.person_id == person)).scalar()
        return self._cipher.open(sealed or b"", "identity.number")

    def keep_identity(self, doer: Doer, record: LeadRecord, number: str) -> bool:
        """Keep it if the commune has switched that on; whether it was kept."""
        if not number or not self.keeps_identity(record.applicant.commune):
            return False
        c = f.identity_numbers.c
        values = {"number": self._cipher.seal(number, "identity.number"), "at": doer.now, "by": doer.who}
        if (
            self._db.execute(update(f.identity_numbers).where(c.person_id == record.person).values(**values)).rowcount
            == 0
        ):
            self._db.execute(f.identity_numbers.insert().values(person_id=record.person, **values))
        return True

    # ---- who did it

    def _mine(self, doer: Doer, lead: int) -> None:
        SqlWork(self._db, self._cipher)._lead(doer, lead)

    def _told(self, doer: Doer, lead: int, act: str) -> None:
        self._audit(doer, act, f"lead:{lead}")

    def _audit(self, doer: Doer, act: str, subject: str) -> None:
        self._db.execute(d.audit.insert().values(at=doer.now, officer_id=doer.officer, act=act, subject=subject))


def _month(kind: Any) -> Any:
    """The survey's month of a mark's kind, in SQL."""
    return case(*((kind == name, month) for name, month in SURVEYS.items()), else_=0)
