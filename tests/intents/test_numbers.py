from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents import numbers, slots


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("45", 45),
        ("bốn lăm", 45),
        ("4 chục", 40),
        ("bốn chục", 40),
        ("hai mươi hai", 22),
        ("mười lăm", 15),
        ("hăm ba", 23),
        ("một trăm linh năm", 105),
        ("bốn mươi mốt tuổi", 41),
        ("chưa rõ", None),
    ],
)
def test_numbers_are_read_in_digits_and_words(text, value):
    assert slots.number(text) == value


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("1981", 1981),
        ("sinh năm 81", 1981),
        ("45 tuổi", 1981),
        ("12/3/1981", 1981),
        ("năm nay tôi bốn lăm tuổi", 1981),
        ("45", 1981),
        ("2004", 2004),
        ("sn 05", 2005),
        ("3000", None),
        ("không nhớ", None),
    ],
)
def test_the_year_of_birth_is_read_from_year_date_or_age(text, year):
    assert slots.birth_year(text, this_year=2026) == year


def test_a_date_of_birth_needs_day_month_and_year():
    assert slots.birth_date("sinh 12 tháng 3 năm 1990") == date(1990, 3, 12)
    assert slots.birth_date("12/3/90") == date(1990, 3, 12)
    assert slots.birth_date("tháng 3 năm 1990") is None
    assert slots.birth_date("31/2/1990") is None


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("số em 0900 000 123 nhé", "0900000123"),
        ("o9oo.ooo.123", "0900000123"),
        ("+84 900 000 123", "0900000123"),
        ("không chín không không không không không một hai ba", "0900000123"),
        ("900000123", "0900000123"),
        ("cccd 001081000123", ""),
        ("năm 1981", ""),
        ("không có số", ""),
    ],
)
def test_phones_are_found_as_digits_or_words(text, digits):
    assert slots.phone(text) == digits


@pytest.mark.parametrize(
    ("text", "dong"),
    [
        ("4 củ", 4_000_000),
        ("hai triệu rưỡi", 2_500_000),
        ("500k", 500_000),
        ("3 triệu 2", 3_200_000),
        ("1tr5", 1_500_000),
        ("hai lít", 200_000),
        ("2.500.000 đồng", 2_500_000),
        ("không tốn", None),
    ],
)
def test_amounts_are_read_as_people_say_them(text, dong):
    assert numbers.amount(text) == dong


@pytest.mark.parametrize(
    ("text", "km"), [("15 km", 15), ("mười cây", 10), ("500 mét", 1), ("khoảng 20 cây số", 20), ("xa", None)]
)
def test_distances_are_read(text, km):
    assert slots.distance_km(text) == km


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("có", True),
        ("dạ có ạ", True),
        ("vâng", True),
        ("ừ đúng rồi", True),
        ("đúng", True),
        ("dung roi", True),
        ("chắc có", True),
        ("ok em", True),
        ("đồng ý", True),
        ("được", True),
        ("không", False),
        ("dạ không", False),
        ("hông phải", False),
        ("chưa", False),
        ("thôi khỏi", False),
        ("dừng", False),
        ("k", False),
        ("tôi không", False),
        ("không biết", None),
        ("hình như có", None),
        ("có không?", None),
        ("mấy giờ học", None),
        ("", None),
    ],
)
def test_yes_and_no_are_told_from_neither(text, answer):
    assert slots.yes_no(text) is answer


@given(st.text(max_size=60))
def test_readers_never_raise(text):
    slots.number(text)
    slots.birth_year(text, this_year=2026)
    slots.birth_date(text)
    slots.phone(text)
    slots.distance_km(text)
    slots.yes_no(text)
    numbers.amount(text)
