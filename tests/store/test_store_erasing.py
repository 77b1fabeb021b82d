"""Erasing everything about a contact, and forgetting a talk."""

from store.factories import COMMUNE, ME, NEIGHBOUR, NOW, consent, counts, happen, lead, person, reply, turn

from bot.effects import Forgotten, LeadDetailed, OfficerAsked, PersonErased, QuestionUnanswered
from bot.model import Session

EVERYTHING = {
    "contacts": 1,
    "seen_updates": 1,
    "sessions": 1,
    "messages": 3,
    "people": 2,
    "contact_people": 2,
    "leads": 3,
    "lead_history": 3,
    "consents": 3,
    "tickets": 1,
}


def everything(store, contact, first):
    """A contact of whom there is a row in every table; receipts from `first` on."""
    a, b, c = (f"HN-AAAAA{letter}" for letter in "ACDEFGHJK"[first : first + 3])
    with store.transaction() as unit:
        number = turn(unit, "u1", "Tôi tên Mẫu", reply("Dạ"), reply("Dạ, em nghe"), contact=contact)
        unit.save_session(number, Session(greeted=True), NOW)
    happen(
        store,
        lead(a, person(1)),
        lead(b, person(1), trade="nau-an"),
        lead(c, person(2), verification="waiting_person"),
        LeadDetailed(a, {"target_group": "poor"}),
        consent("list", receipt=a),
        consent("forward", receipt=c),
        consent("officer"),
        OfficerAsked("asked", "Gọi cho tôi", COMMUNE, "0900000001"),
        contact=contact,
    )
    return number


def test_erasing_takes_all_of_one_contact_and_nothing_of_another(store):
    everything(store, ME, 0)
    assert counts(store) == EVERYTHING
    everything(store, NEIGHBOUR, 3)
    with store.transaction() as unit:
        theirs = unit.messages(NEIGHBOUR), unit.leads_of(unit.lock(NEIGHBOUR, NOW))
    happen(store, PersonErased())
    with store.transaction() as unit:
        me, other = unit.lock(ME, NOW), unit.lock(NEIGHBOUR, NOW)
        assert (unit.leads_of(me), unit.messages(ME), unit.session(me)) == ((), (), None)
        assert unit.registrations_since(NOW, contact=me) == 0
        assert (unit.messages(NEIGHBOUR), unit.leads_of(other)) == theirs
        assert unit.session(other) == Session(greeted=True)
        assert len(unit.leads(COMMUNE)) == 3
    assert counts(store) == {**EVERYTHING, "contacts": 2, "seen_updates": 2, "erasures": 4}, "three leads, one contact"


def test_after_erasing_a_message_delivered_again_is_not_answered_as_new(store):
    everything(store, ME, 0)
    happen(store, PersonErased())
    with store.transaction() as unit:
        assert unit.replies_to(unit.lock(ME, NOW), "u1") == ()


def test_erasing_somebody_of_whom_nothing_is_known_is_harmless(store):
    everything(store, ME, 0)
    happen(store, PersonErased(), contact=NEIGHBOUR)
    assert counts(store) == {**EVERYTHING, "contacts": 2, "erasures": 1}


def test_a_person_who_comes_back_after_erasing_is_new_and_gets_a_new_number(store):
    everything(store, ME, 0)
    with store.transaction() as unit:
        before = {r.person for r in unit.leads(COMMUNE)}
    happen(store, PersonErased())
    happen(store, lead("HN-AAAAAA", person(1)))
    with store.transaction() as unit:
        (record,) = unit.leads(COMMUNE)
    assert record.person not in before, "yesterday's workbook must not point at somebody else"
    assert record.details == {}


def test_unanswered_questions_are_nobodys_and_stay(store):
    happen(store, QuestionUnanswered("nuôi ong", "unknown", COMMUNE))
    happen(store, PersonErased())
    assert counts(store) == {"contacts": 1, "unanswered": 1, "erasures": 1}


def test_a_question_that_names_the_person_goes_with_them(store):
    happen(store, lead("HN-AAAAAA", person(1)), QuestionUnanswered(f"cho {person(1).full_name} hỏi", "unknown"))
    happen(store, QuestionUnanswered("gọi 0900 000 001 nhé", "unknown"), QuestionUnanswered("nuôi ong", "unknown"))
    happen(store, PersonErased())
    assert counts(store)["unanswered"] == 1


def test_forgetting_takes_the_talk_alone(store):
    everything(store, ME, 0)
    everything(store, NEIGHBOUR, 3)
    happen(store, Forgotten())
    with store.transaction() as unit:
        me = unit.lock(ME, NOW)
        assert (unit.messages(ME), unit.session(me)) == ((), None)
        assert len(unit.leads_of(me)) == 3
        assert unit.unsent("web") == unit.messages(NEIGHBOUR)[1:]
    both = {table: 2 * rows for table, rows in EVERYTHING.items()}
    assert counts(store) == {**both, "messages": 3, "sessions": 1}
