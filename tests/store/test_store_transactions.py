"""All of a transaction or nothing of it; one contact's turns one after the other."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from store.factories import COMMUNE, COURSE, ME, NEIGHBOUR, NOW, consent, counts, happen, lead, reply, turn

from bot.effects import OfficerAsked
from bot.model import Session


class Lost(Exception):
    """The power went."""


def whole_turn(unit, update):
    number = turn(unit, update, "gửi đi", reply("Đã ghi"))
    unit.save_session(number, Session(topic=update), NOW)
    for effect in (lead("HN-BBBBBB"), consent("list", receipt="HN-BBBBBB"), OfficerAsked("asked", "", COMMUNE)):
        unit.apply(number, effect, NOW)
    return number


def lose(store, work):
    """The work is done in a transaction that does not come to its end."""

    def lost():
        with store.transaction() as unit:
            work(unit)
            raise Lost

    with pytest.raises(Lost):
        lost()


def test_an_exception_leaves_nothing_behind(store):
    def much(unit):
        whole_turn(unit, "u1")
        unit.serve(COMMUNE, NOW)
        unit.save_course(COURSE)
        unit.set_retention("lead", 1)

    lose(store, much)
    assert counts(store) == {}
    with store.transaction() as unit:
        assert unit.retention()["lead"] == 730
        assert unit.replies_to(unit.lock(ME, NOW), "u1") is None


def test_an_exception_leaves_what_was_there_before_as_it_was(store):
    happen(store, lead("HN-AAAAAA"), contact=NEIGHBOUR)
    with store.transaction() as unit:
        whole_turn(unit, "u1")
    before = counts(store)

    def much(unit):
        me = unit.lock(ME, NOW)
        unit.save_session(me, Session(topic="u2"), NOW)
        unit.mark_sent([m.id for m in unit.unsent("web")], NOW)
        unit.retire(NOW.replace(year=2040))

    lose(store, much)
    assert counts(store) == before
    with store.transaction() as unit:
        assert unit.session(unit.lock(ME, NOW)) == Session(topic="u1")
        assert len(unit.unsent("web")) == 1


def test_the_turn_that_was_lost_can_be_taken_again(store):
    lose(store, lambda unit: whole_turn(unit, "u1"))
    with store.transaction() as unit:
        number = whole_turn(unit, "u1")
    with store.transaction() as unit:
        assert [v.receipt for v in unit.leads_of(number)] == ["HN-BBBBBB"]
        assert len(unit.replies_to(number, "u1")) == 1


def test_a_transaction_sees_what_it_wrote_itself(store):
    with store.transaction() as unit:
        number = whole_turn(unit, "u1")
        assert unit.session(number) == Session(topic="u1")
        assert len(unit.leads(COMMUNE)) == len(unit.unsent("web")) == unit.counts()["tickets"] == 1


@pytest.mark.parametrize("contacts", [(ME,), (ME, NEIGHBOUR)])
def test_turns_of_threads_never_interleave(store, contacts):
    turns = 12

    def take(number):
        contact = contacts[number % len(contacts)]
        with store.transaction() as unit:
            me = unit.lock(contact, NOW)
            seen = (unit.session(me) or Session()).misses
            unit.remember(me, f"u{number}", "chào", NOW)
            unit.queue(me, f"u{number}", (reply("một"), reply("hai")), NOW)
            unit.save_session(me, Session(misses=seen + 1), NOW)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(take, range(turns)))
    with store.transaction() as unit:
        for contact in contacts:
            assert unit.session(unit.lock(contact, NOW)).misses == turns // len(contacts)
            said = [m.update_id for m in unit.messages(contact)]
            assert [said[i] for i in range(0, len(said), 3)] == [said[i + 2] for i in range(0, len(said), 3)]


def test_a_transaction_waits_for_the_one_before_it(store):
    with ThreadPoolExecutor(1) as pool:
        with store.transaction() as unit:
            me = unit.lock(ME, NOW)
            waiting = pool.submit(happen, store)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.05)
            unit.save_session(me, Session(topic="first"), NOW)
        assert waiting.result(timeout=5) == me
