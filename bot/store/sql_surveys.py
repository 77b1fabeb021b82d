"""Survey answers, and the share of people in work after their course: the one query for it."""

from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select, update

from bot.store import follow_tables as f
from bot.store import tables as t
from bot.store.crypto import Cipher
from bot.store.follow_port import SURVEYS, Answer, Employment, Shares

DONE = ("completed", "employed")


def answer(db: Connection, cipher: Cipher, lead: int, said: Answer) -> None:
    """Keep an answer (a later one to the same month replaces it); the lead's state follows the newest month.

    A job or a place that is not said this time stays as it was said before, while the answer is the same.
    """
    from bot.store.sql_leads import history  # which applies effects by this module

    c = f.surveys.c
    mine = (c.lead_id == lead) & (c.month == said.month)
    before = db.execute(select(f.surveys).where(mine)).first()
    kept = before if before is not None and before.works == said.works else None
    values: dict[str, Any] = {"works": said.works, "by": said.by[:40], "at": said.at}
    for name in ("job", "place"):
        text = getattr(said, name)
        values[name] = cipher.seal(text, f"survey.{name}") if text or kept is None else getattr(kept, name)
    if before is None:
        db.execute(f.surveys.insert().values(lead_id=lead, month=said.month, **values))
    else:
        db.execute(update(f.surveys).where(mine).values(**values))
    newest = db.execute(select(c.works).where(c.lead_id == lead).order_by(c.month.desc()).limit(1)).scalar_one()
    state = "employed" if newest else "completed"
    was = db.execute(select(t.leads.c.state).where(t.leads.c.id == lead)).scalar_one()
    changed = {"state": state} if was in DONE and was != state else {}
    db.execute(t.leads.update().where(t.leads.c.id == lead).values(changed_at=said.at, **changed))
    if changed or before is None or before.works != said.works:
        history(db, lead, said.at, said.by, "survey_yes" if said.works else "survey_no")


def answers(db: Connection, cipher: Cipher, lead: int, zone: tzinfo) -> tuple[Answer, ...]:
    """Of one lead, by month."""
    c = f.surveys.c
    rows = db.execute(select(f.surveys).where(c.lead_id == lead).order_by(c.month))
    opened = cipher.open
    return tuple(
        Answer(r.month, r.works, opened(r.job, "survey.job"), opened(r.place, "survey.place"), r.by,
               r.at.astimezone(zone))
        for r in rows
    )  # fmt: skip


def finished_at() -> Any:
    """When an officer first said that the person completed the course (or, failing that, works): a scalar query."""
    h = t.lead_history.c

    def first(what: str) -> Any:
        query = select(func.min(h.at)).where(h.lead_id == t.leads.c.id, h.what == what)
        return query.correlate(t.leads).scalar_subquery()

    return func.coalesce(first("completed"), first("employed"), t.leads.c.created_at, type_=t.leads.c.created_at.type)


def ended_between(first: date, last: date, zone: tzinfo) -> Any:
    """A condition on leads joined (outer) with courses: the course was over for them within these days.

    That is the class's own last day; where a class has none, the day an officer wrote "completed".
    """
    since, until = (datetime.combine(day, time(), zone) for day in (first, last + timedelta(days=1)))
    ends, finished = t.courses.c.ends_on, finished_at()
    return or_(
        and_(ends.is_not(None), ends >= first, ends <= last),
        and_(ends.is_(None), finished >= since, finished < until),
    )


def employment(
    db: Connection, zone: tzinfo, communes: frozenset[str] | None, since: date, until: date, *, trade: str = ""
) -> Employment:
    """The share in work among people whose course was over between two days (both counted).

    completed: leads in the state completed or employed. asked: of these, those whom a survey was sent or called about,
    or who answered. answered: those of whom an answer is kept. in_work: those whose answer (the newest one, or that of
    the month) is yes. The plans measure in_work against answered: over 90 % (town), at least 85 % (QĐ 328/QĐ-TTg).
    """
    lead, u, s = t.leads.c, f.follow_ups.c, f.surveys.c
    cohort = select(lead.id).outerjoin(t.courses, t.courses.c.id == lead.course)
    cohort = cohort.where(lead.state.in_(DONE), ended_between(since, until, zone))
    if communes is not None:
        cohort = cohort.where(lead.commune.in_(sorted(communes)))
    if trade:
        cohort = cohort.where(lead.trade == trade)
    people = set(db.execute(cohort).scalars())
    asked: dict[int, set[int]] = {month: set() for month in SURVEYS.values()}
    marks = select(u.lead_id, u.kind).where(u.way.in_(("message", "call")), u.kind.in_(list(SURVEYS)))
    for row in db.execute(marks.where(u.lead_id.in_(cohort))):
        asked[SURVEYS[row.kind]].add(row.lead_id)
    works: dict[int, dict[int, bool]] = {month: {} for month in SURVEYS.values()}
    newest: dict[int, bool] = {}
    said = select(s.lead_id, s.month, s.works).where(s.lead_id.in_(cohort))
    for person, month, yes in db.execute(said.order_by(s.month)):
        works.setdefault(month, {})[person] = newest[person] = yes
    months = {m: _shares(len(people), asked.get(m, set()) | yes.keys(), yes) for m, yes in works.items()}
    return Employment(_shares(len(people), set[int]().union(*asked.values()) | newest.keys(), newest), months)


def _shares(completed: int, asked: set[int], said: dict[int, bool]) -> Shares:
    return Shares(completed, len(asked), len(said), sum(said.values()))
