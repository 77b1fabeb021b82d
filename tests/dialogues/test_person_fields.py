"""Birth years, ages, phones, names: what is taken, what is refused, what is asked next."""

from datetime import date

import pytest

from bot.dialogue import person_fields as person
from bot.dialogue.fields import Accepted, Ends, Refused


@pytest.mark.parametrize(
    ("said", "year"),
    [
        ("1981", 1981),
        ("sinh năm 81", 1981),
        ("45", 1981),
        ("45 tuổi", 1981),
        ("bốn lăm tuổi", 1981),
        ("toi 60 tuoi", 1966),
        ("12/3/1981", 1981),
        ("2011", 2011),
        ("1930", 1930),
    ],
)
def test_a_year_an_age_or_a_date_gives_the_birth_year(said, year, talk):
    parsed = person.parse_birth_year(said, {}, talk)
    assert isinstance(parsed, Accepted)
    assert parsed.value == year


@pytest.mark.parametrize("said", ["", "lâu rồi", "1900", "3000", "mới đẻ"])
def test_what_is_no_birth_year_is_refused(said, talk):
    assert isinstance(person.parse_birth_year(said, {}, talk), Refused)


@pytest.mark.parametrize("said", ["14 tuổi", "2012", "2020", "23/11/2011"])
def test_under_fifteen_ends_the_form(said, talk):
    assert isinstance(person.parse_birth_year(said, {}, talk), Ends)


@pytest.mark.parametrize(("said", "kept"), [("22/11/2011", "2011-11-22"), ("22/11/2008", "2008-11-22"), ("1981", None)])
def test_a_whole_date_is_kept_and_settles_the_birthday(said, kept, talk):
    parsed = person.parse_birth_year(said, {}, talk)
    assert parsed.also["birth_date"] == kept
    assert not person.on_the_border({"birth_year": parsed.value, **parsed.also}, talk)


@pytest.mark.parametrize(("year", "asked"), [(2011, True), (2008, True), (2010, False), (2009, False), (1981, False)])
def test_the_birthday_is_asked_of_those_who_turn_15_or_18(year, asked, talk):
    assert person.on_the_border({"birth_year": year}, talk) is asked


@pytest.mark.parametrize(
    ("values", "minor"),
    [
        ({"birth_year": 2008, "had_birthday": False}, True),
        ({"birth_year": 2008, "had_birthday": True}, False),
        ({"birth_year": 2008, "birth_date": "2008-11-22"}, False),
        ({"birth_year": 2008, "birth_date": "2008-11-23"}, True),
        ({"birth_year": 2010}, True),
        ({"birth_year": 1981}, False),
        ({}, False),
    ],
)
def test_who_is_under_eighteen(values, minor, talk):
    assert person.is_minor(values, talk) is minor


def test_the_age_follows_the_date_when_it_is_known():
    assert person.age_of({"birth_year": 1981, "birth_date": "1981-11-23"}, date(2026, 11, 22)) == 44
    assert person.age_of({"birth_year": 1981}, date(2026, 11, 22)) == 45


def test_turning_fifteen_without_the_birthday_ends_the_form(talk):
    assert isinstance(person.parse_had_birthday("chưa", {"birth_year": 2011}, talk), Ends)
    assert person.parse_had_birthday("chưa", {"birth_year": 2008}, talk) == Accepted(value=False)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("0900000001", "0900000001"),
        ("0900 000 001", "0900000001"),
        ("0900.000.001", "0900000001"),
        ("+84 900 000 001", "0900000001"),
        ("84900000001", "0900000001"),
        ("số của em 0900000001 nhé", "0900000001"),
        ("900000001", "0900000001"),
        ("không có điện thoại", ""),
        ("ko co dt", ""),
        ("none", ""),
    ],
)
def test_phones_that_can_exist_are_kept_as_ten_digits(said, kept, talk):
    parsed = person.parse_phone(said, {}, talk)
    assert isinstance(parsed, Accepted)
    assert parsed.value == kept


@pytest.mark.parametrize("said", ["0900", "123456789012345", "0000000000", "số của chồng", "không biết", "không 123"])
def test_phones_that_cannot_exist_are_refused(said, talk):
    assert isinstance(person.parse_phone(said, {}, talk), Refused)


def test_a_guardian_must_have_a_phone(talk):
    assert isinstance(person.parse_guardian_phone("không có", {}, talk), Refused)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Lò Thị Mẫu", "Lò Thị Mẫu"),
        ("lo thi mau", "Lo Thi Mau"),
        ("  tên tôi là  lò   thị mẫu. ", "Lò Thị Mẫu"),
        ("em tên Vàng A Páo", "Vàng A Páo"),
        ("H'Hen Niê", "H'Hen Niê"),
    ],
)
def test_names_are_kept_as_typed_with_capitals(said, kept, talk):
    assert person.parse_name(said, {}, talk) == Accepted(kept)


@pytest.mark.parametrize(
    "said", ["", "Mẫu", "Lò Thị 1981", "a" * 61, "một hai ba bốn năm sáu bảy tám", "x; DROP TABLE"]
)
def test_what_is_no_full_name_is_refused(said, talk):
    assert isinstance(person.parse_name(said, {}, talk), Refused)


@pytest.mark.parametrize(
    ("said", "answer"), [("có", True), ("dạ rồi", True), ("chưa", False), ("no", False), ("yes", True)]
)
def test_yes_and_no(said, answer, talk):
    assert person.parse_yes_no(said, {}, talk) == Accepted(answer)


def test_neither_yes_nor_no_is_refused(talk):
    assert isinstance(person.parse_yes_no("để xem", {}, talk), Refused)
