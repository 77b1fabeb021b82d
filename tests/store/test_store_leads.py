"""People and their registrations: made, updated, detailed, withdrawn, consented to, read back."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from store.factories import (
    APPLICANT,
    COMMUNE,
    DAY,
    ME,
    NEIGHBOUR,
    NOW,
    OTHER_COMMUNE,
    SECOND,
    consent,
    counts,
    happen,
    lead,
    person,
)

from bot.effects import Applicant, LeadDetailed, LeadWithdrawn, MessagesStopped, OfficerAsked, QuestionUnanswered
from bot.store.port import ReceiptTaken


def listed(store, commune=COMMUNE):
    with store.transaction() as unit:
        return unit.leads(commune)


def mine(store, contact=ME):
    with store.transaction() as unit:
        return unit.leads_of(unit.lock(contact, NOW))


def test_a_registration_stands_on_the_communes_list_with_all_that_was_told(store):
    who = Applicant(
        full_name="Nguyễn Văn Mẫu",
        birth_year=2010,
        birth_date=date(2010, 5, 31),
        phone="",
        told_by="trưởng thôn",
        commune=COMMUNE,
        hamlet="Thôn Ví Dụ",
        guardian_name="Nguyễn Thị Mẫu",
        guardian_phone="0900000009",
        helper_relation="helper",
    )
    happen(store, lead("HN-AAAAAA", who, course="may-1", served=False, verification="waiting_person"))
    (record,) = listed(store)
    assert record.applicant == who
    assert (record.receipt, record.trade, record.trade_text, record.course) == (
        "HN-AAAAAA",
        "may",
        "May công nghiệp",
        "may-1",
    )
    assert (record.state, record.verification, record.served) == ("new", "waiting_person", False)
    assert (record.registered_at, record.changed_at) == (NOW, NOW)
    assert (record.details, record.forward) == ({}, False)
    assert counts(store) == {"contacts": 1, "people": 1, "contact_people": 1, "leads": 1, "lead_history": 1}


@pytest.mark.parametrize(
    "who",
    [
        replace(APPLICANT, guardian_phone="0900000009"),
        replace(APPLICANT, guardian_name="Nguyễn Thị Mẫu"),
        replace(APPLICANT, hamlet=""),
        replace(APPLICANT, full_name="\"><img src=x> \\ ' ;--"),
    ],
)
def test_what_was_told_in_part_comes_back_in_part(store, who):
    happen(store, lead(who=who))
    assert listed(store)[0].applicant == who


def test_the_list_is_one_communes_and_oldest_first(store):
    happen(store, lead("HN-BBBBBB", person(1)))
    happen(store, lead("HN-CCCCCC", person(2, commune=OTHER_COMMUNE)))
    happen(store, lead("HN-AAAAAA", person(3)), contact=NEIGHBOUR)
    assert [r.receipt for r in listed(store)] == ["HN-BBBBBB", "HN-AAAAAA"]
    assert [r.receipt for r in listed(store, OTHER_COMMUNE)] == ["HN-CCCCCC"]
    assert listed(store, "99999") == ()


def test_a_contact_sees_its_own_registrations_newest_first(store):
    happen(store, lead("HN-AAAAAA", person(1)))
    happen(store, lead("HN-BBBBBB", person(2), trade="", trade_text="nuôi ong"), now=NOW + DAY)
    happen(store, lead("HN-CCCCCC", person(3)), contact=NEIGHBOUR)
    newest, oldest = mine(store)
    assert (newest.receipt, newest.trade, newest.trade_text) == ("HN-BBBBBB", "", "nuôi ong")
    assert (newest.registered_on, newest.full_name, newest.birth_year) == (
        date(2026, 12, 8),
        person(2).full_name,
        1971,
    )
    assert (oldest.receipt, oldest.commune, oldest.state, oldest.verification) == (
        "HN-AAAAAA",
        COMMUNE,
        "new",
        "unverified",
    )
    assert datetime.fromisoformat(newest.at) == NOW + DAY
    assert [v.receipt for v in mine(store, NEIGHBOUR)] == ["HN-CCCCCC"]


def test_the_day_of_a_registration_is_the_day_in_vietnam(store):
    happen(store, lead(), now=datetime(2026, 12, 6, 17, 30, tzinfo=UTC))  # half past midnight there
    assert mine(store)[0].registered_on == date(2026, 12, 7)
    assert listed(store)[0].registered_at.date() == date(2026, 12, 7)


def test_a_second_trade_of_the_same_person_is_one_person_with_two_leads(store):
    happen(store, lead("HN-AAAAAA"))
    later = replace(APPLICANT, full_name="NGUYEN THI MAU", phone="0900000002", hamlet="Thôn Khác")
    happen(store, lead("HN-BBBBBB", later, trade="nau-an"), now=NOW + DAY)
    first, second = listed(store)
    assert first.person == second.person
    assert first.applicant == second.applicant == later, "both show the person as told last"
    assert counts(store) == {"contacts": 1, "people": 1, "contact_people": 1, "leads": 2, "lead_history": 2}


@pytest.mark.parametrize(
    "other",
    [
        replace(APPLICANT, full_name="Nguyễn Thị Khác"),
        replace(APPLICANT, birth_year=1991),
        replace(APPLICANT, commune=OTHER_COMMUNE),
    ],
)
def test_another_name_year_or_commune_is_another_person(store, other):
    happen(store, lead("HN-AAAAAA"), lead("HN-BBBBBB", other))
    assert counts(store)["people"] == 2


def test_people_of_two_contacts_are_never_merged(store):
    happen(store, lead("HN-AAAAAA"))
    happen(store, lead("HN-BBBBBB"), contact=NEIGHBOUR)
    assert counts(store)["people"] == 2
    assert len({r.person for r in listed(store)}) == 2


def test_the_same_receipt_updates_the_registration(store):
    happen(store, lead("HN-AAAAAA"), LeadDetailed("HN-AAAAAA", {"target_group": "poor"}), LeadWithdrawn("HN-AAAAAA"))
    corrected = replace(APPLICANT, full_name="Nguyễn Thị Sửa", birth_year=1992, helper_relation="helper")
    changed = lead("HN-AAAAAA", corrected, trade="nau-an", trade_text="Nấu ăn", course="an-1", served=False)
    happen(store, replace(changed, verification="waiting_person"), now=NOW + DAY)
    (record,) = listed(store)
    assert record.applicant == corrected
    assert (record.trade, record.trade_text, record.course, record.served) == ("nau-an", "Nấu ăn", "an-1", False)
    assert (record.registered_at, record.changed_at) == (NOW, NOW + DAY)
    assert (record.state, record.verification, record.details) == ("withdrawn", "unverified", {"target_group": "poor"})
    assert counts(store) == {"contacts": 1, "people": 1, "contact_people": 1, "leads": 1, "lead_history": 3}


def test_a_registration_moved_to_another_commune_stands_on_that_list(store):
    happen(store, lead("HN-AAAAAA"), lead("HN-BBBBBB", trade="nau-an"))
    happen(store, lead("HN-AAAAAA", replace(APPLICANT, commune=OTHER_COMMUNE)))
    assert [(r.receipt, r.applicant.commune) for r in listed(store)] == [("HN-BBBBBB", COMMUNE)]
    assert [(r.receipt, r.applicant.commune) for r in listed(store, OTHER_COMMUNE)] == [("HN-AAAAAA", OTHER_COMMUNE)]


def test_a_receipt_of_somebody_else_is_refused_and_theirs_is_left_alone(store):
    happen(store, lead("HN-AAAAAA"))
    before = listed(store)
    with pytest.raises(ReceiptTaken, match=r"HN-AAAAAA.*draw a new number"):
        happen(store, lead("HN-AAAAAA", person(2)), contact=NEIGHBOUR)
    assert listed(store) == before
    assert counts(store)["contacts"] == 1


def test_numbers_of_people_and_receipts_are_not_mixed_up_when_told_persons_become_alike(store):
    happen(store, lead("HN-AAAAAA", person(1)), lead("HN-BBBBBB", person(2)))
    happen(store, lead("HN-BBBBBB", person(1)))
    happen(store, lead("HN-CCCCCC", person(1), trade="nau-an"))
    first, second, third = listed(store)
    assert first.person != second.person
    assert third.person == first.person, "the one who was there first"


def test_details_are_added_to_and_written_over_one_by_one(store):
    happen(store, lead("HN-AAAAAA"), LeadDetailed("HN-AAAAAA", {"target_group": "poor", "screening": ["a", 1, None]}))
    happen(store, LeadDetailed("HN-AAAAAA", {"target_group": "near_poor", "ok": True}), now=NOW + SECOND)
    (record,) = listed(store)
    assert record.details == {"target_group": "near_poor", "screening": ["a", 1, None], "ok": True}
    assert (record.registered_at, record.changed_at) == (NOW, NOW + SECOND)


def test_a_withdrawn_registration_stays_on_the_list_as_withdrawn(store):
    happen(store, lead("HN-AAAAAA"), lead("HN-BBBBBB", trade="nau-an"))
    happen(store, LeadWithdrawn("HN-AAAAAA"), now=NOW + DAY)
    assert [(r.receipt, r.state, r.changed_at) for r in listed(store)] == [
        ("HN-AAAAAA", "withdrawn", NOW + DAY),
        ("HN-BBBBBB", "new", NOW),
    ]
    assert counts(store)["lead_history"] == 3


@pytest.mark.parametrize("receipt", ["HN-AAAAAA", "HN-ZZZZZZ", ""])
def test_a_contact_cannot_touch_a_registration_that_is_not_its_own(store, receipt):
    happen(store, lead("HN-AAAAAA"), consent("forward", receipt="HN-AAAAAA"))
    before, rows = listed(store), counts(store)
    happen(
        store,
        LeadWithdrawn(receipt),
        LeadDetailed(receipt, {"target_group": "poor"}),
        consent("forward", given=False, receipt=receipt),
        contact=NEIGHBOUR,
        now=NOW + DAY,
    )
    assert listed(store) == before
    assert counts(store) == {**rows, "contacts": 2, "consents": 2}, "the answer is kept as theirs alone"


def test_the_latest_answer_about_forwarding_counts_for_its_own_registration(store):
    happen(
        store,
        lead("HN-AAAAAA", person(1)),
        lead("HN-BBBBBB", person(2)),
        consent("forward", receipt="HN-AAAAAA"),
        consent("list", given=False, receipt="HN-AAAAAA"),
    )
    assert [r.forward for r in listed(store)] == [True, False]
    happen(store, consent("forward", given=False, receipt="HN-AAAAAA"), consent("forward", receipt="HN-BBBBBB"))
    assert [r.forward for r in listed(store)] == [False, True]


def test_consents_tickets_and_unanswered_questions_are_kept_each_time(store):
    ticket, unknown = OfficerAsked("asked", "Gọi cho tôi", COMMUNE, "0900000001"), QuestionUnanswered("…", "unknown")
    happen(store, consent("officer"), consent("officer"), ticket, ticket, unknown, MessagesStopped(stopped=True))
    assert counts(store) == {"contacts": 1, "consents": 2, "tickets": 2, "unanswered": 1}


def test_registered_persons_are_counted_by_contact_and_by_phone(store):
    happen(store, lead("HN-AAAAAA", person(1)), lead("HN-BBBBBB", person(1), trade="nau-an"))
    happen(store, lead("HN-CCCCCC", person(2, hamlet="Thôn Khác")), now=NOW + SECOND)
    shared = replace(person(3), phone="0900000001")
    happen(store, lead("HN-DDDDDD", shared), lead("HN-EEEEEE", replace(person(4), phone="")), contact=NEIGHBOUR)
    with store.transaction() as unit:
        me, other = unit.lock(ME, NOW), unit.lock(NEIGHBOUR, NOW)
        assert unit.registrations_since(NOW) == 4
        assert unit.registrations_since(NOW, contact=me) == 2, "persons, not leads"
        assert unit.registrations_since(NOW + SECOND, contact=me) == 1
        assert unit.registrations_since(NOW + DAY, contact=me) == 0
        assert unit.registrations_since(NOW, contact=other) == 2
        assert unit.registrations_since(NOW, phone="0900000001") == 2
        assert unit.registrations_since(NOW, phone="0900000099") == 0
        assert unit.registrations_since(NOW, contact=me, phone="0900000001") == 1


def test_a_changed_phone_is_counted_under_the_new_number(store):
    happen(store, lead("HN-AAAAAA", person(1)))
    happen(store, lead("HN-AAAAAA", replace(person(1), phone="0900000077")))
    with store.transaction() as unit:
        assert unit.registrations_since(NOW, phone="0900000001") == 0
        assert unit.registrations_since(NOW, phone="0900000077") == 1
