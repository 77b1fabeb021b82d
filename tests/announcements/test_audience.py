"""Who gets an announcement and who does not, in which wave, at what hours: pure."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot import hours
from bot.announcements import preflight, texts, waves
from bot.announcements.audience import MOST_A_MONTH, Terms, planned
from bot.announcements.rates import price, rate
from bot.bench.announce import composed
from bot.channels.outreach import ways
from bot.i18n import language
from bot.model import Course
from bot.store.announcement_port import Candidate, Reachable
from bot.store.channel_port import Quota
from bot.store.records import VIETNAM

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=VIETNAM)
ONE = replace(composed(NOON), id=7, course="lop-1", trade="cooking", waves=True)
HERE, NEAR, FAR = "99001", "03595", "06862"
TERMS = Terms(frozenset({("telegram", "b"), ("zalo_oa", "o")}), ways, HERE, frozenset({NEAR}), 10)
CHAT = Reachable(1, "telegram", "b", NOON - timedelta(days=90))
ZALO = Reachable(2, "zalo_oa", "o", NOON - timedelta(hours=1))
WHO = Candidate(1, HERE, NOON, asked=True, agreed=True, waits_for_word=False, registered=False, contacts=(CHAT,))
DAYS, HOURS = (lambda n: NOON - timedelta(days=n)), (lambda n: NOON - timedelta(hours=n))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({}, ""),
        ({"agreed": False}, "no_consent"),
        ({"waits_for_word": True}, "helper"),
        ({"registered": True}, "registered"),
        ({"contacts": ()}, "no_contact"),
        ({"contacts": (replace(CHAT, channel="web"),)}, "web_only"),
        ({"contacts": (replace(CHAT, account="another"),)}, "not_connected"),
        ({"contacts": (replace(CHAT, stopped=True),)}, "opted_out"),
        ({"contacts": (replace(CHAT, stopped_kinds=frozenset({"classes"})),)}, "opted_out"),
        ({"contacts": (replace(CHAT, stopped_kinds=frozenset({"reminders"})),)}, ""),
        ({"contacts": (replace(CHAT, unreachable_at=NOON, unreachable_why="403 blocked"),)}, "unreachable"),
        ({"contacts": (replace(CHAT, sent_lately=MOST_A_MONTH),)}, "monthly_cap"),
        ({"contacts": (replace(CHAT, sent_lately=MOST_A_MONTH - 1),)}, ""),
        ({"contacts": (ZALO,)}, ""),
        ({"contacts": (replace(ZALO, seen_at=HOURS(50)),)}, "paid"),
        ({"contacts": (replace(ZALO, seen_at=DAYS(8)),)}, "window"),
        ({"contacts": (replace(ZALO, quota=Quota(0, 8, NOON)),)}, "paid"),
        ({"contacts": (replace(ZALO, unreachable_at=NOON, unreachable_why="unfollowed"),)}, "unreachable"),
    ],
)
def test_each_person_gets_it_or_has_one_reason(change, why):
    (row,) = planned(ONE, [replace(WHO, **change)], TERMS, NOON)
    assert row.why == why
    assert (row.contact is None) == bool(why)


def test_a_person_of_several_chats_is_written_to_once_where_it_is_free():
    paid = replace(ZALO, seen_at=HOURS(50))
    (row,) = planned(replace(ONE, paid=True), [replace(WHO, contacts=(paid, CHAT))], TERMS, NOON)
    assert row.contact == CHAT.id
    (row,) = planned(replace(ONE, paid=True), [replace(WHO, contacts=(paid,))], TERMS, NOON)
    assert (row.contact, row.why) == (paid.id, "")


def test_two_people_of_one_phone_get_one_message():
    rows = planned(ONE, [WHO, replace(WHO, person=2)], TERMS, NOON)
    assert sorted(r.why for r in rows) == ["", "same_contact"]


def test_who_speaks_another_language_is_left_out_when_one_is_chosen():
    english = replace(WHO, person=2, contacts=(replace(CHAT, id=3, language="en"),))
    rows = planned(replace(ONE, language="vi"), [WHO, english], TERMS, NOON)
    assert {r.person: r.why for r in rows} == {1: "", 2: "language"}


def many(count, **changes):
    return [replace(WHO, person=n, contacts=(replace(CHAT, id=n),), **changes) for n in range(1, count + 1)]


def test_waves_are_three_times_the_free_seats_and_the_first_have_asked_nearest_and_longest():
    people = many(70)
    people[3] = replace(people[3], asked=False, since=NOON - timedelta(days=900))
    people[4] = replace(people[4], commune=FAR)
    people[5] = replace(people[5], commune=NEAR)
    people[6] = replace(people[6], since=NOON - timedelta(days=300))
    rows = planned(ONE, people, TERMS, NOON)
    assert [sum(r.wave == n for r in rows) for n in (1, 2, 3)] == [30, 30, 10]
    assert rows[0].person == 7
    assert [r.person for r in rows[-3:]] == [6, 5, 4]
    assert {r.wave for r in planned(replace(ONE, waves=False), people, TERMS, NOON)} == {1}


def test_few_free_seats_still_make_a_wave():
    assert (waves.size(1), waves.size(30), waves.size(None)) == (waves.LEAST, 90, waves.UNCOUNTED)


@pytest.mark.parametrize(("hour", "awake"), [(6, False), (7, True), (20, True), (21, False), (0, False)])
def test_nothing_is_sent_at_night(hour, awake):
    at = NOON.replace(hour=hour)
    assert hours.awake(at) is awake
    assert hours.awake(hours.next_awake(at))
    assert hours.next_awake(at) >= at


def test_what_lasts_longer_than_a_day_rests_at_night():
    end = hours.lasts(NOON.replace(hour=20), 2 * 3600)
    assert (end.day, end.hour) == (NOON.day + 1, 8)


def test_the_preflight_says_how_long_it_takes_and_from_when_two_look_at_it():
    rows = planned(replace(ONE, waves=False), many(600), TERMS, NOON)
    flight = preflight.looked_at(ONE, rows, NOON)
    assert flight.people == 600
    assert flight.seconds == pytest.approx(600 / 24)
    assert flight.approval
    assert not preflight.looked_at(ONE, rows[:499], NOON).approval
    late = preflight.looked_at(ONE, rows, NOON.replace(hour=23))
    assert (late.begins.day, late.begins.hour) == (NOON.day + 1, 7)
    assert preflight.looked_at(ONE, [], NOON).people == 0


def test_rates_leave_a_fifth_to_replies_and_prices_have_a_source():
    assert rate("telegram").per_s == pytest.approx(24)
    assert rate("telegram").batch <= 8, "few of unknown fate after a crash"
    assert price("zbs_template").source.startswith("https://")


def test_the_message_says_how_to_stop_and_registers_by_its_one_button():
    reply = texts.message(ONE, language())
    assert "dừng tin lớp" in reply.text
    assert [c.value for c in reply.choices] == ["course:lop-1@7"]
    assert len(reply.choices[0].value.encode()) <= 64
    assert texts.offer(replace(ONE, course="")) == "trade:cooking@7"


def test_the_loudspeaker_says_class_and_day_twice():
    day = NOON.date()
    course = Course("lop-1", HERE, "cooking", "Nấu ăn", "", "Nhà văn hóa", day, None, "tối", 30, day, (), "open")
    said = texts.aloud(ONE, course, "Xã Nà Pàn", language())
    assert said.count("Nấu ăn") == 2
    assert "http" not in said
    group = texts.for_the_group(ONE, language(), (("web", "http://127.0.0.1/?start=c-lop-1"),))
    assert "c-lop-1" in group
