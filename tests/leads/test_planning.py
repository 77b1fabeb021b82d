"""What is due, by the day: a class three days and one day ahead; a survey one, three and six months after it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from store.factories import COURSE

from bot.leads.planning import due, months_after, windows
from bot.store.follow_port import REMINDERS, Followed

STARTS = date(2027, 1, 4)
ENDED = date(2027, 1, 31)
ENROLLED = Followed(
    1, 1, "HN-AAAAAA", "Nguyễn Thị Mẫu", "06862", "may", "May", "enrolled", seated=True, birth_year=1990, course=COURSE
)
COMPLETED = replace(ENROLLED, state="completed", ended_on=ENDED, consents={"survey": True})


def kinds(lead, day):
    return [(d.kind, d.way) for d in due(lead, day)]


@pytest.mark.parametrize(
    ("days", "kind"), [(4, []), (3, ["class_3d"]), (2, ["class_3d"]), (1, ["class_1d"]), (0, []), (-1, [])]
)
def test_a_class_is_told_of_three_days_and_one_day_before(days, kind):
    assert [k for k, _way in kinds(ENROLLED, STARTS - timedelta(days=days))] == kind


@pytest.mark.parametrize(
    "lead",
    [
        replace(ENROLLED, state="confirmed"),
        replace(ENROLLED, seated=False),
        replace(ENROLLED, course=None),
        replace(ENROLLED, course=replace(COURSE, state="cancelled")),
        replace(ENROLLED, course=replace(COURSE, starts_on=None)),
        replace(ENROLLED, done=frozenset({("class_3d", "may-1:2027-01-04")})),
    ],
)
def test_nobody_is_reminded_of_a_class_that_is_not_theirs_to_come_to(lead):
    assert kinds(lead, STARTS - timedelta(days=3)) == []


def test_a_class_put_off_is_told_of_anew():
    told = replace(ENROLLED, done=frozenset({("class_3d", "may-1:2027-01-04")}))
    later = replace(told, course=replace(COURSE, starts_on=STARTS + timedelta(days=7)))
    assert [k for k, _ in kinds(later, STARTS + timedelta(days=4))] == ["class_3d"]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (ENDED, []),
        (date(2027, 2, 27), []),
        (date(2027, 2, 28), [("survey_1m", "message")]),  # the 31st of a month that has 28 days
        (date(2027, 4, 29), [("survey_1m", "message")]),
        (date(2027, 4, 30), [("survey_3m", "message")]),
        (date(2027, 7, 31), [("survey_6m", "message")]),
        (date(2027, 10, 31), []),
    ],
)
def test_surveys_come_one_three_and_six_months_after_the_course(day, expected):
    assert kinds(COMPLETED, day) == expected


def test_without_consent_nobody_is_asked_in_the_chat():
    silent, refused = replace(COMPLETED, consents={}), replace(COMPLETED, consents={"survey": False})
    assert kinds(silent, date(2027, 2, 1)) == [("survey_ask", "message")]
    assert kinds(silent, date(2027, 3, 1)) == [("survey_1m", "call")], "silence is no consent"
    assert kinds(refused, date(2027, 3, 1)) == [("survey_1m", "none")]
    assert kinds(COMPLETED, date(2027, 2, 1)) == [("survey_ask", "none")], "who has answered is not asked again"


@pytest.mark.parametrize(
    ("born", "year", "way"),
    [
        (None, 2009, "none"),
        (None, 2008, "message"),
        (date(2009, 2, 2), 2009, "none"),
        (date(2009, 2, 1), 2009, "message"),
        (date(2008, 2, 29), 2008, "message"),
    ],
)
def test_a_minor_is_asked_on_the_phone_with_the_parent(born, year, way):
    young = replace(COMPLETED, consents={}, birth_date=born, birth_year=year)
    assert kinds(young, date(2027, 2, 1)) == [("survey_ask", way)]


def test_what_was_answered_or_asked_is_not_asked_again():
    day = date(2027, 3, 1)
    assert kinds(replace(COMPLETED, answered=frozenset({1})), day) == [("survey_1m", "none")]
    assert kinds(replace(COMPLETED, done=frozenset({("survey_1m", "")})), day) == []


@given(st.dates(date(2026, 1, 1), date(2028, 12, 31)), st.integers(-10, 300))
def test_the_store_looks_wherever_the_planner_finds_something(ended, after):
    today = ended + timedelta(days=after)
    lead = replace(COMPLETED, ended_on=ended)
    for wanted in (*due(lead, today), *due(replace(ENROLLED, course=replace(COURSE, starts_on=ended)), today)):
        first, last = windows(today)[wanted.kind]
        assert first <= ended <= last, wanted
    assert set(windows(today)) >= set(REMINDERS)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(-30, 30))
def test_months_keep_the_day_or_take_the_last_one(day, months):
    found = months_after(day, months)
    assert (found.year * 12 + found.month) - (day.year * 12 + day.month) == months
    assert found.day == day.day or (found + timedelta(days=1)).day == 1
