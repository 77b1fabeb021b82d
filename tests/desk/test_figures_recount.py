"""The figures equal a recount from the raw rows, of 10,000 invented people; what is erased later changes none."""

import random
from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from desk import crowd
from desk.crowd import COMMUNES, FIELDS, GROUPS
from sqlalchemy import select
from store.factories import KEY, database

from bot.store import tables as t
from bot.store.crypto import Cipher
from bot.store.engines import connect
from bot.store.figures_port import Period, year_of
from bot.store.records import VIETNAM
from bot.store.searching import group_digest, hamlet_digest
from bot.store.sql_desk_store import SqlDeskStore

PEOPLE = 10_000
LATER = datetime(2026, 11, 30, 12, tzinfo=VIETNAM)
YEAR, MONTH = year_of(2026), Period(date(2026, 3, 1), date(2026, 4, 1))
QUARTER, DAYS = Period(date(2026, 4, 1), date(2026, 7, 1)), Period(date(2026, 5, 9), date(2026, 5, 23))
ONE, TWO = frozenset(COMMUNES[:1]), frozenset(COMMUNES[1:])
LOOKS = [(None, YEAR), (ONE, MONTH), (TWO, QUARTER), (None, DAYS)]
RANK = {"new": 0, "contacted": 0, "confirmed": 1, "enrolled": 2, "completed": 3, "employed": 4}
STEPS = ("registered", "confirmed", "enrolled", "completed", "employed")
CIPHER = Cipher(KEY)


@pytest.fixture(scope="module")
def crowded(tmp_path_factory):
    """(store, ledger) with everybody in it; the tests change it in their order."""
    path = tmp_path_factory.mktemp("crowd") / "crowd.sqlite3"
    database(path).dispose()
    store, rng = SqlDeskStore(connect(f"sqlite:///{path}"), CIPHER), random.Random(2026)
    with store.engine.begin() as db:
        ledger = crowd.talks(db, CIPHER, rng, PEOPLE)
        crowd.registrations(db, CIPHER, rng, PEOPLE)
        crowd.tickets(db, rng, PEOPLE // 10)
    yield store, ledger
    store.close()


def figures(store, communes, period):
    with store.reading() as desk:
        return desk.figures.of(communes, period)


def of(counter, communes, period):
    """What of a ledger's counter lies in the period and the communes, by the thing."""
    found = Counter()
    for (day, commune, *thing), n in counter.items():
        if period.since <= day < period.until and (communes is None or commune in communes):
            found[tuple(thing)] += n
    return found


def local(at):
    return at.astimezone(VIETNAM).date()


def first_days(lead, lines):
    """Step -> day: of every step, the first line since which nothing was below it."""
    states = [(local(at), RANK[what]) for at, what in lines if what in RANK]
    states.insert(0, (local(lead.created_at), RANK.get(lead.state, 0) if lines[0][1] == "imported" else 0))
    days = {}
    for step, rank in zip(STEPS, range(5), strict=True):
        holding = [at for at in range(len(states)) if all(later >= rank for _day, later in states[at:])]
        if holding:
            days[step] = states[holding[0]][0]
    return days


def events(store):
    """(day, what, commune, trade, group, hamlet) of everything that happened, from the rows as they stand."""
    groups, found = {group_digest(CIPHER, {"target_group": g}): g for g in GROUPS}, []
    with store.engine.connect() as db:
        lines = {}
        for r in db.execute(select(t.lead_history).order_by(t.lead_history.c.id)):
            lines.setdefault(r.lead_id, []).append((r.at, r.what, r.who))
        agreed = {r.lead_id: r.given for r in db.execute(select(t.consents).where(t.consents.c.purpose == "sensitive"))}
        homes = {r.id: r.hamlet_digest for r in db.execute(select(t.people))}
        for lead in db.execute(select(t.leads)):
            group = groups[lead.group_digest]
            if group in ("ethnic", "disability") and not agreed[lead.id]:
                group = ""
            history = lines[lead.id]
            days = first_days(lead, [(at, what) for at, what, _who in history])
            things = list(days.items())
            if history[0][2] != "contact":
                things.append(("office", days["registered"]))
            if lead.state not in ("withdrawn", "not_eligible"):
                things.append(("wanted", days["registered"]))
            if {"completed", "employed"} <= days.keys():
                things.append(("placed_after", days["completed"]))
            found += [(day, what, lead.commune, lead.trade, group, homes[lead.person_id]) for what, day in things]
    return found


def waits(store, communes, period):
    found = Counter()
    with store.engine.connect() as db:
        for r in db.execute(select(t.tickets)):
            if (communes is None or r.commune in communes) and period.since <= local(r.at) < period.until:
                answer = r.answered_at or r.closed_at
                hours = (answer - r.at) / timedelta(hours=1) if answer else None
                bounds = [(4, "4h"), (24, "1d"), (72, "3d"), (10**9, "later")]
                name = next(n for most, n in bounds if hours <= most) if answer else None
                found[name or ("waiting" if r.state == "open" else "unknown")] += 1
    return found


def steps_of(found):
    """Only what happens to registrations."""
    kept = (*STEPS, "office", "wanted", "placed_after")
    return Counter({key: n for key, n in found.steps.items() if key[0] in kept})


def looked(store, looks=LOOKS):
    return {(communes, period): figures(store, communes, period) for communes, period in looks}


def talk_is_as_the_ledger_says(seen, ledger):
    for (communes, period), found in seen.items():
        asked = of(ledger.asked, communes, period)[()]
        nowhere = of(ledger.nowhere, None, period)[()]
        assert found.funnel["asked"] == (asked if communes else asked + nowhere)
        assert found.elsewhere == nowhere
        assert found.funnel["screened"] == of(ledger.screened, communes, period)[()]
        assert found.begun == of(ledger.begun, communes, period)[()]
        assert found.sent == of(ledger.sent, communes, period)[()]
        said = of(ledger.said, communes, period)
        assert found.decisions == {x: said[x,] for x in ("answered", "clarified", "unanswered")}
        into, rests = of(ledger.into, communes, period), of(ledger.rests, communes, period)
        told = {r.field: (r.asked, r.left) for r in found.form}
        assert told == {f: (into[f,], rests[f,]) for f in FIELDS if into[f,]}


def registrations_are_as_the_rows_say(seen, store):
    names, happened = {hamlet_digest(CIPHER, h): h for h in crowd.HAMLETS}, events(store)
    for (communes, period), found in seen.items():
        here = [e for e in happened if (communes is None or e[2] in communes) and period.since <= e[0] < period.until]
        assert steps_of(found) == Counter((what, c, x, g) for _day, what, c, x, g, _h in here)
        assert {s: found.funnel[s] for s in STEPS} == {s: sum(e[1] == s for e in here) for s in STEPS}
        told = Counter()
        for row in found.demand:
            for group, n in row.groups.items():
                told[row.commune, row.trade, row.hamlet, group] += n
        assert told == Counter((c, x, names[h], g) for _day, what, c, x, g, h in here if what == "wanted")
        assert Counter({w: n for w, n in found.waits.items() if n}) == waits(store, communes, period)


def test_the_figures_are_what_people_did_and_equal_a_recount_from_the_rows(crowded):
    store, ledger = crowded
    seen = looked(store)
    talk_is_as_the_ledger_says(seen, ledger)
    registrations_are_as_the_rows_say(seen, store)


def test_a_fold_in_the_middle_changes_nothing_and_leaves_nothing_of_anybody(crowded):
    store, ledger = crowded
    with store.transaction() as unit:
        unit.set_retention("message", 36_500)
        unit.set_retention("ticket", 36_500)
        unit.retire(LATER)
    with store.engine.connect() as db:
        assert db.execute(select(t.seen_updates.c.tally).where(t.seen_updates.c.tally.is_not(None))).first() is None
        assert db.execute(select(t.seen_updates.c.at)).first() is not None
    seen = looked(store, [(None, YEAR), (ONE, MONTH)])
    talk_is_as_the_ledger_says(seen, ledger)
    registrations_are_as_the_rows_say(seen, store)


def test_what_retention_erases_stays_in_the_figures_of_months_quarters_and_years(crowded):
    store, ledger = crowded
    looks = [(None, YEAR), (TWO, QUARTER)]
    before = looked(store, looks)
    with store.transaction() as unit:
        unit.set_retention("message", 30)
        unit.set_retention("ticket", 730)
        done = unit.retire(LATER + timedelta(days=600))  # some registrations, some tickets
        assert 0 < done["lead"] < PEOPLE
        unit.retire(LATER + timedelta(days=3000))
    with store.engine.connect() as db:
        for table in (t.leads, t.people, t.tickets, t.seen_updates, t.contacts):
            assert db.execute(select(table).limit(1)).first() is None
    after = looked(store, looks)
    for look, was in before.items():
        now = after[look]
        assert steps_of(now) == steps_of(was)
        assert (now.funnel, now.waits, now.months, now.form) == (was.funnel, was.waits, was.months, was.form)
        assert sum(row.total for row in now.demand) == sum(row.total for row in was.demand)
        assert {row.hamlet for row in now.demand} <= {""}
    talk_is_as_the_ledger_says(after, ledger)
