"""The share in work equals a recount by hand from the raw rows."""

import random
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from store.factories import COMMUNE, COURSE, NOW, OTHER_COMMUNE, happen, lead, person

from bot.effects import SurveyAnswered
from bot.model import Contact
from bot.store import follow_tables as f
from bot.store import tables as t
from bot.store.desk_port import Scope
from bot.store.follow_port import Shares
from bot.store.records import VIETNAM
from bot.store.sql_desk import SqlDesk
from bot.store.sql_surveys import employment

PEOPLE = 120
SINCE, UNTIL = date(2026, 2, 1), date(2026, 8, 31)


@pytest.fixture
def village(sqlite):
    """People of two communes in classes with and without a last day, some surveyed, some silent."""
    draw = random.Random(7)
    with sqlite.transaction() as unit:
        for number in range(4):
            ends = date(2026, 1, 15) + timedelta(days=75 * number) if number else None
            unit.save_course(replace(COURSE, id=f"c{number}", ends_on=ends))
    for n in range(PEOPLE):
        receipt, commune = f"HN-{n:06}", draw.choice((COMMUNE, OTHER_COMMUNE))
        contact = Contact("telegram", "bot", str(n))
        who = replace(person(n % 10 + 1, commune=commune), birth_year=1950 + n % 50)
        course = draw.choice(("", "c0", "c1", "c2", "c3"))
        happen(sqlite, lead(receipt, who, course=course, trade=draw.choice(("may", "nau-an"))), contact=contact)
        state = draw.choice(("enrolled", "completed", "completed", "employed", "withdrawn"))
        at = datetime(2026, draw.randint(1, 12), draw.randint(1, 28), 23, 30, tzinfo=VIETNAM)
        with sqlite.engine.begin() as db:
            db.execute(t.leads.update().where(t.leads.c.receipt == receipt).values(state=state))
            db.execute(t.lead_history.insert().values(lead_id=n + 1, at=at, who="officer:1", what="completed"))
            for kind in ("survey_1m", "survey_3m"):
                way = draw.choice(("message", "call", "none", ""))
                if way:
                    row = {"lead_id": n + 1, "kind": kind, "about": "", "way": way, "made_at": NOW}
                    db.execute(f.follow_ups.insert().values(**row))
        for month in (1, 3, 6):
            if draw.random() < 0.4:
                happen(sqlite, SurveyAnswered(receipt, month, draw.random() < 0.7), contact=contact)
    return sqlite


def recount(store, communes, trade=""):
    """The definition of `employment`, row by row."""
    with store.engine.connect() as db:
        leads = db.execute(select(t.leads)).all()
        ends = {r.id: r.ends_on for r in db.execute(select(t.courses))}
        done: dict[int, date] = {}
        for r in db.execute(select(t.lead_history).where(t.lead_history.c.what == "completed")):
            done[r.lead_id] = r.at.astimezone(VIETNAM).date()
        asked = {(r.lead_id, r.kind) for r in db.execute(select(f.follow_ups)) if r.way in ("message", "call")}
        said = {(r.lead_id, r.month): r.works for r in db.execute(select(f.surveys))}
    cohort = [
        r.id
        for r in leads
        if r.state in ("completed", "employed")
        and r.commune in communes
        and (not trade or r.trade == trade)
        and SINCE <= (ends.get(r.course) or done[r.id]) <= UNTIL
    ]
    found = {}
    for month in (1, 3, 6):
        answers = [said[n, month] for n in cohort if (n, month) in said]
        sent = [n for n in cohort if (n, f"survey_{month}m") in asked or (n, month) in said]
        found[month] = (len(cohort), len(sent), len(answers), sum(answers))
    newest = {n: said[n, max(m for k, m in said if k == n)] for n in cohort if any(k == n for k, _ in said)}
    anyhow = [n for n in cohort if n in newest or any(k == n for k, _ in asked)]
    found[0] = (len(cohort), len(anyhow), len(newest), sum(newest.values()))
    return found


@pytest.mark.parametrize("communes", [{COMMUNE}, {COMMUNE, OTHER_COMMUNE}])
@pytest.mark.parametrize("trade", ["", "may"])
def test_the_share_in_work_is_what_a_recount_gives(village, communes, trade):
    with village.engine.connect() as db:
        shares = employment(db, VIETNAM, frozenset(communes), SINCE, UNTIL, trade=trade)
        seen = SqlDesk(db, village._cipher, VIETNAM).follow.employment(
            Scope(frozenset(communes)), SINCE, UNTIL, trade=trade
        )
    assert seen == shares
    counted = {0: shares.latest, **shares.months}
    expected = recount(village, communes, trade)
    assert {m: (s.completed, s.asked, s.answered, s.in_work) for m, s in counted.items()} == expected
    assert 0 < expected[0][3] < expected[0][2] < expected[0][0]


def test_before_anybody_has_completed_everything_is_nought(sqlite):
    with sqlite.engine.connect() as db:
        shares = employment(db, VIETNAM, None, SINCE, UNTIL)
    assert shares.latest == Shares()
