"""Planned, begun, next wave, over, the reminder of the last seats; who asks for what on the lists; the call list."""

from dataclasses import replace
from datetime import timedelta

import pytest
from announcements.ledger_stage import HERE, NOON
from store.factories import person

from bot.announcements import steps, waves
from bot.bench.announce import composed
from bot.bench.bulk_worker import LINE
from bot.channels.outreach import terms_of
from bot.effects import AnnouncementTapped, LeadWithdrawn, MessagesStopped, PersonErased
from bot.model import Contact
from bot.store.erasing import Erasure

TERMS = terms_of(frozenset({(LINE.channel, LINE.account)}), {HERE: ("Xã Nà Pàn", "12")})


def planned(house, **changes):
    one = house.draft(**changes)
    with house.store.announcing() as unit:
        rows = steps.plan(unit, one, TERMS(unit, one), house.now[0])
    return one.id, rows


def looked(house):
    with house.store.announcing() as unit:
        return steps.look(unit, TERMS, lambda _code: "Xã Nà Pàn", house.now[0])


def sent_all(house, number):
    """As if all that may go had gone."""
    from bot.store.announcement_port import Outcome, Pace

    with house.store.announcing() as unit:
        pace = Pace("telegram.t", None, 200)
        rows = unit.ledger.claim(pace, LINE.channel, LINE.account, "w", house.now[0]).rows
        unit.ledger.settle([Outcome(r.id, r.reach.id, "sent") for r in rows], "w", house.now[0])
    assert number
    return len(rows)


def test_the_audience_is_read_from_the_lists_and_frozen(house):
    house.registers(1)
    house.registers(2, announce=False)
    house.registers(3, trade="pig_raising")
    house.registers(4, verification="waiting_person")
    house.registers(5, contact=Contact("web", "", "cookie"))
    number, rows = planned(house, trade="cooking", trades=("cooking",))
    assert sorted(r.why for r in rows) == ["", "helper", "no_consent", "web_only"]
    house.registers(6)
    assert house.progress(number).of("waiting") == 1, "who comes later is not in it"
    assert planned(house, trade="cooking")[1].__len__() == 6, "everybody on the list"


def test_it_is_planned_once(house):
    house.registers(1)
    one = house.draft()
    with house.store.announcing() as unit:
        assert steps.plan(unit, one, TERMS(unit, one), NOON)
        assert steps.plan(unit, one, TERMS(unit, one), NOON) == []


def test_it_begins_at_its_time_and_by_day(house):
    house.registers(1)
    number, _ = planned(house, start_at=NOON + timedelta(hours=9, minutes=30))
    looked(house)
    assert house.one(number).state == "scheduled"
    house.later(hours=9, minutes=31)
    looked(house)
    assert house.one(number).state == "scheduled", "half past nine in the evening"
    house.later(hours=10)
    assert looked(house).begun == 1
    assert house.one(number).state == "running"
    assert sent_all(house, number) == 1
    looked(house)
    assert house.one(number).state == "done"


def test_the_next_wave_goes_four_hours_later_unless_the_class_is_full(house):
    house.course(seats=1, deadline=(NOON + timedelta(days=20)).date(), starts_on=None)
    for n in range(1, 41):
        house.registers(n)
    number, rows = planned(house, course="lop-1", trade="cooking", waves=True)
    assert sorted({r.wave for r in rows}) == [1, 2, 3]
    looked(house)
    assert sent_all(house, number) == waves.LEAST
    house.later(hours=3)
    assert looked(house).waves == 0
    house.later(hours=1, minutes=1)
    assert looked(house).waves == 1
    assert looked(house).waves == 0
    assert sent_all(house, number) == waves.LEAST
    house.course(state="full")
    looked(house)
    assert (house.one(number).state, house.one(number).why) == ("stopped", "full")
    assert house.progress(number).counts[("dropped", "full")] == 10


def test_a_clock_put_back_does_not_hold_the_next_wave_for_days(house):
    house.course(seats=1, deadline=None, starts_on=None)
    for n in range(1, 21):
        house.registers(n)
    number, _ = planned(house, course="lop-1", trade="cooking", waves=True)
    looked(house)
    sent_all(house, number)
    house.later(days=-3)
    assert looked(house).waves == 1


def test_the_last_seats_are_told_once_to_those_who_have_not_registered(house):
    house.course()
    house.registers(1)
    house.registers(2)
    number, _ = planned(house, course="lop-1", trade="cooking", last_seats=True)
    looked(house)
    sent_all(house, number)
    looked(house)
    house.later(days=4, hours=1)
    house.registers(2, course="lop-1")
    assert looked(house).reminded == 1
    assert looked(house).reminded == 0
    reminder = house.one(number + 1)
    assert reminder.follows == number
    assert "2 chỗ" in reminder.text
    assert house.progress(reminder.id).counts == {("waiting", ""): 1, ("excluded", "registered"): 1}


def test_taps_and_registrations_are_counted(house):
    house.course(deadline=None)
    contact = house.registers(1)
    number, _ = planned(house, course="lop-1", trade="cooking")
    looked(house)
    sent_all(house, number)
    house.later(minutes=5)
    with house.store.transaction() as unit:
        at = unit.lock(contact, house.now[0])
        for _ in range(2):
            unit.apply(at, AnnouncementTapped(number), house.now[0])
        unit.apply(at, AnnouncementTapped(999), house.now[0])
    assert (house.progress(number).tapped, house.progress(number).registered) == (1, 0)
    house.registers(1, course="lop-1", contact=contact)
    assert house.progress(number).registered == 1


def test_whom_no_channel_reached_is_called_hamlet_by_hamlet(house):
    house.registers(1)
    house.registers(2, contact=Contact("web", "", "c2"))
    house.registers(3, contact=Contact("web", "", "c3"), announce=False)
    number, _ = planned(house, trade="cooking", trades=("cooking",))
    with house.store.announcing() as unit:
        (who,) = unit.audience.to_call(number)
    assert (who.name, who.phone, who.hamlet, who.why) == (person(2).full_name, "0900000002", "Thôn Ví Dụ", "web_only")


def test_an_erased_person_leaves_a_number_and_nothing_else(house):
    contact = house.registers(1)
    number, _ = planned(house)
    with house.store.transaction() as unit:
        unit.apply(unit.lock(contact, NOON), PersonErased(), NOON)
    assert house.progress(number).counts == {("dropped", "erased"): 1}
    looked(house)
    with house.store.announcing() as unit:
        assert unit.audience.to_call(number) == []


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ([("classes", True)], "classes"),
        ([("classes", True), ("reminders", True)], "classes,reminders"),
        ([("classes", True), ("classes", False)], ""),
        ([("", True), ("classes", False)], ""),
        ([("classes", True), ("", False)], ""),
    ],
)
def test_kinds_are_stopped_and_taken_up_one_by_one(house, said, left):
    contact = house.registers(1)
    with house.store.transaction() as unit:
        at = unit.lock(contact, NOON)
        for kind, stopped in said:
            unit.apply(at, MessagesStopped(stopped, kind), NOON)
    with house.store.announcing() as unit:
        (who,) = unit.audience.candidates(replace(composed(NOON), communes=(HERE,)), NOON)
    assert ",".join(sorted(who.contacts[0].stopped_kinds)) == left
    assert not who.contacts[0].stopped


def test_who_is_erased_or_takes_the_last_registration_back_leaves_what_is_under_way(house):
    erased, gone, stays = house.registers(1), house.registers(2), house.registers(3)
    number, _ = planned(house, trade="cooking")
    looked(house)
    with house.store.transaction() as unit:
        unit.apply(unit.lock(erased, NOON), PersonErased(), NOON)
        left = unit.lock(gone, NOON)
        unit.apply(left, LeadWithdrawn(unit.leads_of(left)[0].receipt), NOON)
        assert unit.leads_of(unit.lock(stays, NOON))
    assert house.progress(number).counts == {("waiting", ""): 1, ("dropped", "erased"): 1, ("dropped", "withdrawn"): 1}
    assert sent_all(house, number) == 1
    with house.store.engine.connect() as db:
        rows = db.exec_driver_sql("SELECT contact_id, person_id FROM announcement_recipients WHERE why = 'erased'")
        assert rows.all() == [(None, None)], "a number alone"


def test_an_older_copy_of_the_data_announces_nothing_to_who_was_erased_since(house):
    contact = house.registers(1)
    number, _ = planned(house, trade="cooking")
    with house.store.transaction() as unit:
        (lead,) = unit.leads_of(unit.lock(contact, NOON))
    line = Erasure("lead", house.store._cipher.digest(lead.receipt, "erased.lead"), NOON)
    with house.store.people() as unit:
        assert unit.rights.replay([line]) == 1
    looked(house)
    assert sent_all(house, number) == 0
