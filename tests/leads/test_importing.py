"""Old lists read: headings in many spellings, rows with reasons, and a round trip that loses nothing."""

from dataclasses import replace
from datetime import date

import pytest
from leads.sheets import SAY, rules, sheet
from openpyxl import load_workbook
from store.factories import COMMUNE, NOW, OTHER_COMMUNE, database, sqlite_store

from bot.leads import importing, intake, listing, reading, workbook
from bot.leads.columns import WIDTHS
from bot.leads.reading import WorkbookRefused

HEADINGS = ["STT", "Họ và tên", "Năm sinh", "Thôn", "SĐT", "Nghề đăng ký"]
GOOD = [1, "Lò Thị Mẫu", 1981, "bản Mẫu", "0900000001", "May công nghiệp"]


def preview(*rows, **changes):
    return importing.preview(sheet(*rows), replace(rules(), **changes))


@pytest.mark.parametrize(
    "headings",
    [
        HEADINGS,
        ["TT", "HO TEN", "Ngày, tháng, năm sinh", "Địa chỉ", "Số điện thoại", "Ngành nghề đăng ký học"],
        ["tt", "ho va ten", "nam sinh", "thon/ban", "so dt", "nghe hoc"],
        ["Số TT", "Họ và tên học viên", "NS", "Xóm", "Điện thoại liên hệ", "Tên nghề"],
        ["No.", "Full name", "Born", "Hamlet", "Phone", "Trade"],
    ],
)
def test_headings_are_known_without_tone_marks_and_in_common_variants(headings):
    found = preview(["ỦY BAN NHÂN DÂN XÃ MẪU"], [], ["DANH SÁCH"], headings, GOOD)
    assert [r.reason for r in found.rejected] == []
    (row,) = found.accepted
    who = row.applicant
    assert (row.row, who.full_name, who.birth_year, who.hamlet, who.phone) == (
        5, "Lò Thị Mẫu", 1981, "bản Mẫu", "0900000001",
    )  # fmt: skip
    assert (row.trade, row.trade_text, who.commune) == ("sewing", "May công nghiệp", "99001")


def test_a_birth_year_may_stand_under_men_or_women_and_column_numbers_are_no_person():
    found = preview(
        ["STT", "Họ và tên", "Năm sinh", None, "Nghề"],
        [None, None, "Nam", "Nữ"],
        ["(1)", "(2)", "(3)", "(4)", "(5)"],
        [1, "Lò Văn Mẫu", 1990, None, "Hàn"],
        [2, "Lò Thị Mẫu", None, "12/03/1991", "Hàn"],
    )
    assert [(r.applicant.birth_year, r.details["sex"]) for r in found.accepted] == [(1990, "Nam"), (1991, "Nữ")]
    assert found.accepted[1].applicant.birth_date == date(1991, 3, 12)


REASONS = {
    "no_name": {1: ""},
    "name_letters": {1: "Mẫu 2"},
    "no_birth": {2: None},
    "birth_wrong": {2: 1800},
    "too_young": {2: 2015},
    "no_guardian": {2: 2010},
    "phone_wrong": {4: "12345"},
    "no_trade": {5: None},
}


@pytest.mark.parametrize("why", REASONS)
def test_every_rejected_row_says_why(why):
    bad = [REASONS[why].get(n, value) for n, value in enumerate(GOOD)]
    found = preview(HEADINGS, GOOD, bad)
    assert [r.row for r in found.accepted] == [2]
    (rejected,) = found.rejected
    assert (rejected.row, rejected.why) == (3, why)
    assert rejected.reason
    assert "{" not in rejected.reason


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("0900 000 001", "0900000001"),
        (900000001, "0900000001"),
        ("+84 900 000 001", "0900000001"),
        (None, ""),
        ("không", ""),
    ],
)
def test_phones_come_back_with_their_zero(typed, kept):
    found = preview(HEADINGS, [*GOOD[:4], typed, GOOD[5]])
    assert [r.applicant.phone for r in found.accepted] == [kept]


def test_headings_of_trades_sums_and_signatures_are_no_people():
    found = preview(
        HEADINGS[:5],
        ["Nghề: Nấu ăn (1 người)"],
        [1, "Công Văn Mẫu", 1981, "bản", "0900000001"],
        ["Tổng cộng", None, 1],
        [None, "Người lập danh sách", None, None, "Thủ trưởng đơn vị"],
        [None, "(Ký, ghi rõ họ tên)", None, None, "(Ký, ghi rõ họ tên)"],
    )
    assert [(r.applicant.full_name, r.trade) for r in found.accepted] == [("Công Văn Mẫu", "cooking")]
    assert found.rejected == ()
    assert found.skipped == (2, 4, 5, 6)


def test_a_group_in_words_of_the_officers_own_is_kept_as_a_remark():
    rows = preview([*HEADINGS, "Đối tượng"], [*GOOD, "ho ngheo"], [*GOOD, "Con thương binh 3/4"]).accepted
    assert [dict(r.details) for r in rows] == [{"target_group": "poor"}, {"note": "Con thương binh 3/4"}]


def test_a_sheet_without_headings_is_refused_with_what_is_needed():
    with pytest.raises(WorkbookRefused, match="Họ và tên"):
        preview(["Lò Thị Mẫu", 1981], ["Lò Văn Mẫu", 1982])


@pytest.fixture
def stores(tmp_path):
    for n in "ab":
        database(tmp_path / f"{n}.sqlite3").dispose()
    made = [sqlite_store(tmp_path / f"{n}.sqlite3") for n in "ab"]
    yield made
    for store in made:
        store.close()


def read_back(path, commune=COMMUNE):
    return importing.preview(reading.load(path, SAY), replace(rules(commune), today=NOW.date()))


def exported(store, path, commune=COMMUNE):
    listed = listing.read(store, [commune])
    workbook.stream(path, listed, workbook.Head({commune: "Xã Mẫu"}, NOW.date(), SAY))
    return [[c.value for c in row] for row in load_workbook(path).worksheets[0].iter_rows()]


def receipts():
    numbers = iter(range(1000))
    return lambda: f"HN-{next(numbers):06}"


def fill(store):
    """A list with everything that a list may hold."""
    full = [*WIDTHS]
    said = {
        "full_name": "Lò Thị Mẫu", "birth": "12/03/1981", "sex": "Nữ", "ethnicity": "Thái", "id_number": "001081000001",
        "hamlet": "bản Mẫu", "schooling": "9/12", "group": "Người dân tộc thiểu số", "trade": "May công nghiệp",
        "level": "Sơ cấp", "supported_before": "2015, 1 lần", "distance_km": "12", "phone": "0900000001",
        "wanted_job": "=May ở nhà", "note": "-gọi tối", "state": "đã liên hệ", "verification": "đã xác minh",
        "day": "05/10/2026", "agreed": "ghi danh sách; gửi nơi dạy nghề; giữ thông tin nhạy cảm",
    }  # fmt: skip
    minor = {**said, "full_name": "Lò Văn Mẫu", "birth": "2010", "phone": "", "told_by": "Trưởng thôn (bản)"}
    minor |= {
        "guardian": "Lò Thị Mẫu 0900000001",
        "agreed": "",
        "group": "Hộ nghèo",
        "ethnicity": "",
        "trade": "Đan lát",
    }
    rows = [[SAY.say(f"sheet.column.{k}") for k in full], *([p.get(k, "") for k in full] for p in (said, minor))]
    found = importing.preview(sheet(*rows), replace(rules(COMMUNE), today=NOW.date()))
    assert found.rejected == ()
    with store.people() as unit:
        plan = unit.intake.plan(COMMUNE, found.accepted)
        assert intake.counted(plan) == {"new": 2}
        intake.apply(unit, plan, "officer", NOW, receipts=receipts())


def test_a_round_trip_loses_nothing(stores, tmp_path):
    one, other = stores
    fill(one)
    first = exported(one, tmp_path / "one.xlsx")
    assert {"=May ở nhà", "-gọi tối", "Thái", "2015, 1 lần", "0900000001"} <= {v for row in first for v in row}
    found = read_back(tmp_path / "one.xlsx")
    assert found.rejected == ()
    with other.people() as unit:
        intake.apply(unit, unit.intake.plan(COMMUNE, found.accepted), "officer", NOW, receipts=receipts())
    assert exported(other, tmp_path / "other.xlsx") == first


def test_importing_the_own_export_again_changes_nothing_and_an_edit_is_seen(stores, tmp_path):
    store = stores[0]
    fill(store)
    before = exported(store, tmp_path / "list.xlsx")
    found = read_back(tmp_path / "list.xlsx")
    with store.people() as unit:
        plan = unit.intake.plan(COMMUNE, found.accepted)
        assert intake.counted(plan) == {"same": 2}
    book = load_workbook(tmp_path / "list.xlsx")
    cell = next(c for row in book.worksheets[0].iter_rows() for c in row if c.value == "0900000001")
    cell.value = "0900000009"
    book.save(tmp_path / "list.xlsx")
    with store.people() as unit:
        plan = unit.intake.plan(COMMUNE, read_back(tmp_path / "list.xlsx").accepted)
        assert sorted((p.fate, p.changes) for p in plan) == [("changed", ("phone",)), ("same", ())]
        done = intake.apply(unit, plan, "officer", NOW, receipts=receipts())
    assert (done.added, done.changed) == (0, 1)
    after = exported(store, tmp_path / "list.xlsx")
    assert next(a for a, b in zip(after, before, strict=True) if a != b).count("0900000009") == 1


def test_duplicates_are_noticed_and_left_out_unless_an_officer_says_otherwise(stores):
    store = stores[0]
    old = [
        HEADINGS,
        GOOD,
        [2, "LO THI MAU", 1981, "", "", "may cong nghiep"],
        [3, "Lò Thị Mẫu", 1981, "", "", "Nấu ăn"],
    ]
    found = importing.preview(
        sheet(*old), replace(rules(COMMUNE), trade_of=intake.trade_of({"sewing": ["May công nghiệp"]}))
    )
    with store.people() as unit:
        plan = unit.intake.plan(COMMUNE, found.accepted)
        assert [p.fate for p in plan] == ["new", "duplicate", "new"], (
            "within the workbook; another trade is another row"
        )
        intake.apply(unit, plan, "officer", NOW, receipts=receipts())
        again = unit.intake.plan(COMMUNE, found.accepted)
        assert [(p.fate, bool(p.receipt)) for p in again] == [("duplicate", True)] * 3
        assert intake.apply(unit, again, "officer", NOW, receipts=receipts()).added == 0
        one = frozenset({again[1].row.row})
        assert intake.apply(unit, again, "officer", NOW, receipts=lambda: "HN-ZZZZZZ", also=one).added == 1


def test_a_receipt_of_another_commune_is_left_alone(stores, tmp_path):
    store = stores[0]
    fill(store)
    exported(store, tmp_path / "list.xlsx")
    with store.people() as unit:
        plan = unit.intake.plan(OTHER_COMMUNE, read_back(tmp_path / "list.xlsx", OTHER_COMMUNE).accepted)
        assert intake.counted(plan) == {"elsewhere": 2}
        assert intake.apply(unit, plan, "officer", NOW, receipts=receipts()) == intake.Applied(0, 0)
