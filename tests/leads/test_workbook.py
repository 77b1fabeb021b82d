"""The workbook as an officer opens it."""

import stat
from datetime import UTC, date, datetime

import pytest
from openpyxl import load_workbook

from bot.i18n import language
from bot.leads import workbook
from bot.model import Applicant
from bot.store.port import LeadRecord

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)


def record(name="Lò Thị Mẫu", *, trade="May công nghiệp", group="", receipt="HN-AAAAAA", **changes):
    person = {
        "birth_year": 1981,
        "phone": "0900000001",
        "told_by": "",
        "commune": "99001",
        "hamlet": "bản Mẫu",
        **changes,
    }
    applicant = Applicant(full_name=name, **person)
    details = {"target_group": group} if group else {}
    return LeadRecord(receipt, 1, applicant, "t", trade, "", "new", "unverified", True, NOW, NOW, details)


@pytest.fixture
def sheet(tmp_path):
    def written(*records):
        path = tmp_path / "list.xlsx"
        workbook.write(path, records, commune="Xã Mẫu", on=date(2026, 11, 22), say=language())
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        return load_workbook(path).active

    return written


def column(sheet, heading):
    at = next(c.column for c in sheet[4] if c.value == heading)
    return [row[at - 1] for row in sheet.iter_rows(min_row=5) if isinstance(row[0].value, int)]


def test_phones_stay_text_with_their_zero(sheet):
    cells = column(sheet(record()), "Điện thoại")
    assert [(c.value, c.data_type, c.number_format) for c in cells] == [("0900000001", "s", "@")]


@pytest.mark.parametrize("name", ["=1+1", "+CMD", "-2+3", "@SUM(A1)", '=HYPERLINK("http://x")'])
def test_nothing_a_stranger_typed_runs_as_a_formula(sheet, name):
    cells = column(sheet(record(name, hamlet=name, trade=name)), "Họ và tên")
    assert [(c.value, c.data_type, c.quotePrefix) for c in cells] == [(name, "s", True)]


def test_rows_are_grouped_by_trade_then_target_group(sheet):
    made = sheet(
        record("Bảy", trade="Nấu ăn"),
        record("Hai", trade="Hàn"),
        record("Ba", trade="Nấu ăn", group="poor"),
    )
    assert [c.value for c in column(made, "Họ và tên")] == ["Hai", "Ba", "Bảy"]
    headings = [row[0].value for row in made.iter_rows(min_row=5) if isinstance(row[0].value, str)]
    assert headings[:2] == ["Nghề: Hàn (1 người)", "Nghề: Nấu ăn (2 người)"]


def test_it_prints_on_one_landscape_page_wide_with_lines_to_sign(sheet):
    made = sheet(record())
    assert made.page_setup.orientation == "landscape"
    assert (made.page_setup.fitToWidth, made.page_setup.fitToHeight) == (1, 0)
    assert made.print_title_rows == "$4:$4"
    values = {c.value for row in made.iter_rows() for c in row}
    assert {"Người lập danh sách", "Thủ trưởng đơn vị", "ỦY BAN NHÂN DÂN Xã Mẫu"} <= values


def test_a_minor_stands_with_the_guardian_and_a_whole_birth_date(sheet):
    made = sheet(
        record(birth_date=date(2010, 3, 12), birth_year=2010, guardian_name="Lò Văn Mẫu", guardian_phone="0900000002")
    )
    assert column(made, "Ngày/năm sinh")[0].value == "12/03/2010"
    assert column(made, "Bố mẹ (dưới 18 tuổi)")[0].value == "Lò Văn Mẫu 0900000002"


def test_an_empty_list_is_a_sheet_with_headings_alone(sheet):
    assert column(sheet(), "Họ và tên") == []
