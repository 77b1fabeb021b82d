"""The workbook as an officer opens it."""

import json
import os
import stat
import tempfile
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet._writer import WorksheetWriter

from bot import jobs
from bot.effects import Applicant
from bot.i18n import language
from bot.leads import WORK, list_book, listing, workbook
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


def agreeing(name, *purposes, group="ethnic", **details):
    made = record(name, group=group)
    return replace(made, agreed=frozenset(purposes), details={**made.details, **details})


def test_what_is_sensitive_stands_only_where_its_own_consent_was_given(sheet):
    made = sheet(agreeing("Lò Thị Hai", "list", ethnicity="Thái"), agreeing("Lò Thị Ba", "sensitive", ethnicity="Thái"))
    assert sorted((n.value, d.value, g.value) for n, d, g in zip(
        column(made, "Họ và tên"), column(made, "Dân tộc"), column(made, "Đối tượng"), strict=True
    )) == [("Lò Thị Ba", "Thái", "Người dân tộc thiểu số"), ("Lò Thị Hai", None, None)]  # fmt: skip


def test_a_forwarded_list_holds_nothing_sensitive_and_nothing_for_officers_alone(tmp_path):
    person = agreeing("Lò Thị Ba", "sensitive", "forward", ethnicity="Thái", id_number="001081000001", note="nợ tiền")
    head = workbook.Head({"99001": "Xã Mẫu"}, date(2026, 11, 22), language(), forwarded=True)
    path = tmp_path / "list.xlsx"
    assert workbook.stream(path, listing.of([person], forwarded=True), head) == 1
    said = {str(c.value) for s in load_workbook(path) for row in s.iter_rows() for c in row if c.value}
    assert not said & {"Thái", "Người dân tộc thiểu số", "001081000001", "nợ tiền", "giữ thông tin nhạy cảm"}
    assert {"Lò Thị Ba", "0900000001"} <= said


def test_only_the_official_columns_are_printed(sheet):
    made = sheet(record())
    assert made.print_area.startswith("'Danh sách học nghề'!$A$1:$P$")
    assert made.page_setup.paperSize == 9
    assert [c.value for c in made[4]][15:17] == ["Ghi chú, ký", "Không có điện thoại: báo qua"]


def test_the_figures_count_each_trade_and_group(tmp_path):
    people = [record("A B", group="poor"), record("C D"), record("E F", trade="Hàn", group="poor")]
    workbook.write(tmp_path / "list.xlsx", people, commune="Xã Mẫu", on=date(2026, 11, 22), say=language())
    figures = load_workbook(tmp_path / "list.xlsx")["Tổng hợp"]
    assert [[c.value for c in row] for row in figures.iter_rows(min_row=4)] == [
        ["Nghề đăng ký", "Hộ nghèo", "Chưa khai", "Tổng số"],
        ["Hàn", 1, 0, 1],
        ["May công nghiệp", 1, 1, 2],
        ["Tổng số", 2, 1, 3],
    ]


@pytest.mark.parametrize("name", ["a\x07b", "half \ud800", "x" * 40_000])
def test_what_no_cell_can_hold_does_not_stop_the_list(sheet, name):
    assert column(sheet(record(name)), "Họ và tên")[0].value == list_book.text(name)


def test_a_failed_export_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "list.xlsx"
    path.write_bytes(b"before")

    def broken():
        yield record()
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        workbook.stream(path, listing.Listing(2, {}, broken()), workbook.Head({"": "Xã Mẫu"}, NOW.date(), language()))
    assert [p.name for p in tmp_path.iterdir()] == ["list.xlsx"]
    assert path.read_bytes() == b"before"


def test_what_is_half_written_stands_beside_the_file_and_is_swept_after_a_crash(tmp_path, monkeypatch):
    elsewhere = tmp_path / "temporary"
    exports = tmp_path / "exports"
    for folder in (elsewhere, exports):
        folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    seen = []

    def look(_done):
        (work,) = exports.glob(f"{WORK}*")
        seen.append((stat.S_IMODE(work.stat().st_mode), list(elsewhere.iterdir())))

    head = workbook.Head({"": "Xã Mẫu"}, NOW.date(), language())
    workbook.stream(exports / "list.xlsx", listing.of([record()]), head, look)
    assert seen == [(0o700, [])]
    assert [p.name for p in exports.iterdir()] == ["list.xlsx"]
    left = exports / f"{WORK}left"
    left.mkdir()
    (left / "list.xml").write_text("Lò Thị Mẫu")
    os.utime(left, (0, 0))
    assert jobs.WORK == WORK
    (exports / "list.xlsx").unlink()
    assert jobs.sweep_exports(None, tmp_path) == 0
    assert list(exports.iterdir()) == []


def test_rows_written_as_text_are_those_that_openpyxl_writes(tmp_path, monkeypatch):
    records = [
        record('Lò <b> & "Mẫu" ]]>', trade="=1+1", hamlet=" hai  khoảng\ntrắng "),
        record("\x00\ud800Tên", trade="😀" * 200, group="poor", birth_date=date(1981, 3, 5)),
        record("Sùng", phone="", told_by="x" * 40_000),
    ]

    head = workbook.Head({"": "Xã Mẫu"}, date(2026, 11, 22), language())
    told = [json.loads(json.dumps(line)) for line in workbook.lines(listing.of(records), head, lambda _done: None)]

    def cells(writer):
        monkeypatch.setattr(list_book, "RowWriter", writer)
        book = load_workbook(list_book.draw([*told, ("saved", "")], tmp_path))
        heights = [[sheet.row_dimensions[n].height for n in range(1, 6)] for sheet in book]
        kept = [(c.coordinate, c.value, c.data_type, c._style) for s in book for row in s.iter_rows() for c in row]
        return heights, kept

    ours, theirs = cells(list_book.RowWriter), cells(WorksheetWriter)
    assert ours == theirs
    assert len(ours[1]) > 100
