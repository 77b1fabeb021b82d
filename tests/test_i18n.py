"""Money, numbers, days and units in the person's language; a text is never missing silently."""

from datetime import date

import pytest

from bot.i18n import TextMissing, language, placeholders

VI, EN = language("vi"), language("en")


@pytest.mark.parametrize(
    ("said", "written"),
    [
        (VI.money(4_000_000), "4.000.000 đồng"),
        (EN.money(4_000_000), "4,000,000 VND"),
        (VI.money(0), "0 đồng"),
        (VI.number(2_530_000), "2.530.000"),
        (VI.number(1.5), "1,5"),
        (VI.day(date(2026, 12, 7)), "Thứ Hai, 07/12/2026"),
        (VI.day(date(2026, 11, 22)), "Chủ Nhật, 22/11/2026"),
        (EN.day(date(2026, 12, 7)), "Monday, 07/12/2026"),
        (VI.short_day(date(2026, 1, 1)), "01/01/2026"),
        (EN.short_day(date(2026, 1, 1)), "01/01/2026"),
    ],
)
def test_money_and_days_are_written_as_people_write_them(said, written):
    assert said == written


@pytest.mark.parametrize(
    ("unit", "value", "vi", "en"),
    [
        ("VND", 4_000_000, "4.000.000 đồng", "4,000,000 VND"),
        ("VND/day", 50_000, "50.000 đồng/ngày", "50,000 VND/day"),
        ("VND/course", 200_000, "200.000 đồng/khóa", "200,000 VND/course"),
        ("percent", 7.92, "7,92%", "7.92%"),
        ("km", 15, "15 km", "15 km"),
        ("age", 15, "15 tuổi", "15 years old"),
        ("month", 3, "3 tháng", "3 months"),
        ("month", 1, "1 tháng", "1 month"),
        ("times", 1, "1 lần", "once"),
        ("text", "Mẫu số 01", "Mẫu số 01", "Mẫu số 01"),
        ("date", date(2026, 1, 1), "01/01/2026", "01/01/2026"),
    ],
)
def test_a_dated_value_is_written_with_its_unit(unit, value, vi, en):
    assert VI.value(unit, value) == vi
    assert EN.value(unit, value) == en


def test_a_text_fills_its_gaps():
    assert VI.say("course.deadline", day="01/12/2026") == "nhận tên đến 01/12/2026"
    assert EN.say("course.deadline", day="01/12/2026") == "register by 01/12/2026"


def test_an_unknown_text_and_an_unfilled_gap_are_faults_that_name_the_key():
    with pytest.raises(TextMissing, match=r"no\.such\.text"):
        VI.say("no.such.text")
    with pytest.raises(TextMissing, match=r"course\.deadline"):
        VI.say("course.deadline")


def test_what_a_person_typed_is_never_read_as_a_gap():
    assert "{trade}" in VI.say("registration.trade_as_said", trade="{trade}")


def test_an_unknown_language_speaks_vietnamese():
    assert language("xx").say("form.yes") == "Có"


def test_the_gaps_of_a_text_are_its_names_in_braces():
    assert placeholders("{a} và {b}, lại {a}") == {"a", "b"}
