"""Classes read from a workbook."""

from dataclasses import replace
from datetime import date

import pytest
from leads.sheets import rules, sheet

from bot.leads import courses
from bot.leads.reading import WorkbookRefused

HEADINGS = [
    "STT", "Tên lớp", "Nghề", "Địa điểm", "Ngày khai giảng", "Bế giảng", "Số học viên", "Hạn đăng ký", "Đối tượng",
]  # fmt: skip
GOOD = [
    1, "May khóa 1", "May công nghiệp", "Nhà văn hóa", date(2027, 1, 5), "05/03/2027", "30 người", "31/12/2026",
    "Hộ nghèo; hộ cận nghèo",
]  # fmt: skip


def preview(*rows, existing=()):
    return courses.preview(sheet(["KẾ HOẠCH MỞ LỚP"], HEADINGS, *rows), rules(), existing)


def test_a_class_is_read_with_days_seats_and_groups():
    (planned,) = preview(GOOD).accepted
    made = planned.course
    assert (made.title, made.trade, made.commune, made.place) == ("May khóa 1", "sewing", "99001", "Nhà văn hóa")
    assert (made.starts_on, made.ends_on, made.deadline) == (date(2027, 1, 5), date(2027, 3, 5), date(2026, 12, 31))
    assert (made.seats, made.target_groups, made.state) == (30, ("poor", "near_poor"), "open")


def test_importing_twice_replaces_the_class_instead_of_doubling_it():
    (first,) = preview(GOOD).accepted
    (again,) = preview(GOOD).accepted
    assert first.course == again.course
    entered = replace(first.course, id="may-1", seats=10)
    (over,) = preview(GOOD, existing=[entered]).accepted
    assert (over.known, over.course.id, over.course.seats) == (True, "may-1", 30)


REASONS = {
    "unknown_trade": {1: "Lớp lạ", 2: "Lái tàu"},
    "no_first_day": {4: None},
    "day_wrong": {4: "ngày mai"},
    "ends_before": {5: "01/01/2027"},
    "deadline_after": {7: "01/04/2027"},
    "seats_wrong": {6: "nhiều"},
    "unknown_word": {8: "Người cao tuổi"},
}


@pytest.mark.parametrize("why", REASONS)
def test_every_rejected_row_says_why(why):
    bad = [REASONS[why].get(n, value) for n, value in enumerate(GOOD)]
    found = preview(bad, [*GOOD[:1], "May khóa 2", *GOOD[2:]])
    assert [(r.row, r.why) for r in found.rejected] == [(3, why)]
    assert "{" not in found.rejected[0].reason
    assert len(found.accepted) == 1


def test_the_same_class_in_two_rows_is_told():
    assert [r.why for r in preview(GOOD, GOOD).rejected] == ["course_twice"]


def test_a_list_of_people_is_no_list_of_classes():
    with pytest.raises(WorkbookRefused, match="Ngày khai giảng"):
        courses.preview(sheet(["Họ và tên", "Năm sinh"], ["Lò Thị Mẫu", 1981]), rules())
