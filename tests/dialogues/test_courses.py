"""Which classes are told of: those that can still be joined, the nearest first, the trade spoken of first of all."""

from datetime import date, timedelta

from dialogues.talking import NOW, talk_of

from bot.dialogue import courses
from bot.model import Course, Session

TODAY = NOW.date()


def course(name, *, commune="99001", trade="cooking", starts=20, deadline=None, state="open", demonstration=False):
    starts_on = TODAY + timedelta(days=starts) if starts is not None else None
    until = TODAY + timedelta(days=deadline) if deadline is not None else None
    return Course(
        name,
        commune,
        trade,
        f"Lớp {name}",
        "",
        "Nhà văn hóa xã",
        starts_on,
        None,
        "",
        30,
        until,
        (),
        state,
        demonstration,
    )


def names(understanding, catalogue, *found, **facts):
    talk = talk_of(understanding, catalogue, session=Session(facts=facts), courses=found)
    return [c.id for c in courses.near(talk)]


def test_the_soonest_comes_first_and_one_without_a_day_last(understanding, catalogue):
    found = course("late", starts=40), course("some day", starts=None), course("soon", starts=3)
    assert names(understanding, catalogue, *found) == ["soon", "late", "some day"]


def test_what_can_no_longer_be_joined_is_not_told_of(understanding, catalogue):
    found = (
        course("full", state="full"),
        course("over", deadline=-1),
        course("begun", starts=-1),
        course("ok", deadline=0),
    )
    assert names(understanding, catalogue, *found) == ["ok"]


def test_the_own_commune_comes_before_the_province_and_the_province_before_the_rest(understanding, catalogue):
    here, province = course("here"), course("province", commune="03430")
    rest = course("rest", commune="06895")
    assert names(understanding, catalogue, rest, province, here, commune_code="99001") == ["here"]
    assert names(understanding, catalogue, rest, province, commune_code="99001") == ["province"]
    assert names(understanding, catalogue, rest, commune_code="99001") == ["rest"]
    assert len(names(understanding, catalogue, rest, province, here)) == 3


def test_the_trade_spoken_of_narrows_and_its_lack_is_said(understanding, catalogue):
    found = course("cooking"), course("welding", trade="welding")
    assert names(understanding, catalogue, *found, trade="welding") == ["welding"]
    talk = talk_of(understanding, catalogue, session=Session(facts={"trade": "pig_raising"}), courses=found)
    assert courses.described(talk).startswith("Hiện chưa có lớp")


def test_a_class_is_told_with_its_day_place_and_deadline_and_marked_when_it_is_an_example(understanding, catalogue):
    shown = course("nấu ăn", starts=15, deadline=12, demonstration=True)
    text = courses.described(talk_of(understanding, catalogue, courses=(shown,)))
    assert "khai giảng Thứ Hai, 07/12/2026" in text
    assert "học tại Nhà văn hóa xã (xã Nà Pàn (xã ví dụ))" in text
    assert "nhận tên đến 04/12/2026" in text
    assert "không phải lớp thật" in text
    assert shown.starts_on == date(2026, 12, 7)


def test_without_classes_there_is_nothing_to_tell(understanding, catalogue):
    assert courses.described(talk_of(understanding, catalogue)) == ""
