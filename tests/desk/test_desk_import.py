"""Workbooks brought to the desk: looked at first, every row left out with its reason, then taken in once."""

import io

import pytest
from desk.desk_stage import FAR, HERE, NEAR
from leads.sheets import book, zipped

HEADINGS = ["STT", "Họ và tên", "Năm sinh", "Nghề đăng ký", "SĐT"]
GOOD = [1, "Lò Thị Mẫu", 1981, "May công nghiệp", "0900000001"]
SECOND = [2, "Hoàng Văn Thử", 1990, "Nấu ăn", 900000002]
BAD = [3, "Vàng Thị Ví Dụ", 1800, "Nấu ăn", "0900000003"]
CLASSES = ["Tên lớp", "Nghề", "Địa điểm", "Ngày khai giảng", "Số chỗ"]


async def bring(browser, *rows, body=None, **fields):
    """The place of the preview, or the page that says why there is none."""
    sent = {"what": "people", "commune": "", **fields}
    answer = await browser.upload("/desk/import", body or book(*rows).read(), "cu.xlsx", "file", **sent)
    return answer.headers["Location"] if answer.status == 303 else (answer.status, await answer.text())


async def take(browser, place, *pairs, **fields):
    answer = await browser.send(place, *pairs, **fields)
    assert answer.status == 303, await answer.text()
    return await browser.page(answer.headers["Location"])


def leads(house, commune=HERE):
    with house.store.transaction() as unit:
        return unit.leads(commune)


async def test_a_preview_tells_every_row_and_writes_nothing(house, officer):
    place = await bring(officer, ["DANH SÁCH"], HEADINGS, GOOD, SECOND, BAD)
    page = await officer.page(place)
    assert "Năm sinh chưa đúng: 1800." in page
    assert "Vàng Thị Ví Dụ" in page
    assert "0900000002" in page
    assert leads(house) == ()
    assert "imported" not in [a for _o, a, _s in house.audited()]


async def test_what_was_looked_at_is_taken_in_once_with_the_consent_on_paper(house, officer):
    place = await bring(officer, HEADINGS, GOOD, SECOND, BAD)
    refused = await officer.send(place)
    assert refused.status == 400, "no consent, nothing written"
    assert leads(house) == ()
    done = await take(officer, place, agreed="1")
    assert "Đã thêm 2 người" in done
    assert "không nhận 1 dòng" in done
    found = leads(house)
    assert [(r.applicant.full_name, r.applicant.phone, r.trade, sorted(r.agreed)) for r in found] == [
        ("Lò Thị Mẫu", "0900000001", "industrial_sewing", ["list"]),
        ("Hoàng Văn Thử", "0900000002", "cooking", ["list"]),
    ]
    assert ("imported", f"list:{HERE}:2") in [(a, s) for _o, a, s in house.audited()]
    assert (await officer.get(place)).status == 404, "it was taken in"
    again = await officer.page(await bring(officer, HEADINGS, GOOD, SECOND))
    assert "có thể trùng" in again


async def test_a_duplicate_is_left_alone_unless_the_officer_says_that_it_is_somebody_else(house, officer):
    house.lead(1, full_name="Lò Thị Mẫu", birth_year=1981, phone="0900000001", trade="industrial_sewing")
    place = await bring(officer, HEADINGS, GOOD)
    assert 'name="also" value="2"' in await officer.page(place)
    assert "Để nguyên 1 dòng" in await take(officer, place, agreed="1")
    assert len(leads(house)) == 1
    place = await bring(officer, HEADINGS, GOOD)
    assert "Đã thêm 1 người" in await take(officer, place, agreed="1", also="2")
    assert len(leads(house)) == 2


async def test_a_workbook_downloaded_here_comes_back_without_a_change_or_with_the_officers(house, officer):
    from openpyxl import load_workbook

    house.lead(1, full_name="Lò Thị Mẫu")
    body = await (await officer.send("/desk/workbook")).read()
    assert "Không có gì mới" in await officer.page(await bring(officer, body=body))
    changed = load_workbook(io.BytesIO(body))
    cell = next(c for row in changed.worksheets[0].iter_rows() for c in row if c.value == "Bản Mẫu")
    cell.value = "Bản Thử"
    out = io.BytesIO()
    changed.save(out)
    assert "sửa 1 người" in await take(officer, await bring(officer, body=out.getvalue()))
    assert [r.applicant.hamlet for r in leads(house)] == ["Bản Thử"]


async def test_an_officer_brings_people_to_their_own_communes_alone(house):
    both = await house.signed_in(house.hire(places=(HERE, NEAR)))
    status, _text = await bring(both, HEADINGS, GOOD)
    assert status == 400, "which of the two?"
    status, _text = await bring(both, HEADINGS, GOOD, commune=FAR)
    assert status == 400
    place = await bring(both, HEADINGS, GOOD, commune=NEAR)
    stranger = await house.signed_in(house.hire(places=(NEAR,)))
    assert (await stranger.get(place)).status == (await stranger.send(place, agreed="1")).status == 404
    await take(both, place, agreed="1")
    assert [len(leads(house, c)) for c in (HERE, NEAR, FAR)] == [0, 1, 0]


async def test_a_receipt_of_another_commune_changes_nothing_there(house, officer):
    house.lead(1, FAR, full_name="Lò Thị Mẫu")
    receipt = leads(house, FAR)[0].receipt
    place = await bring(officer, [*HEADINGS, "Số biên nhận"], [*GOOD[:1], "Lò Thị Đổi", *GOOD[2:], receipt])
    assert "thuộc xã khác" in await officer.page(place)
    await officer.send(place, agreed="1")
    assert [r.applicant.full_name for r in leads(house, FAR)] == ["Lò Thị Mẫu"]
    assert leads(house) == ()


BOMB = {"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<!DOCTYPE x [<!ENTITY a 'b'>]><x/>"}
FILES = {
    "nothing": (b"", "Chưa chọn tệp"),
    "no workbook": (b"GIF89a", "không phải tệp Excel"),
    "an old one": (b"\xd0\xcf\x11\xe0" + bytes(600), ".xls"),
    "broken": (b"PK\3\4" + bytes(300), "hỏng"),
    "a bomb": (zipped(BOMB).read(), "bất thường"),
    "no headings": (book(["Một", "Hai"]).read(), "dòng tên cột"),
}


@pytest.mark.parametrize("what", FILES)
async def test_files_that_cannot_be_read_are_refused_kindly(house, officer, what):
    body, said = FILES[what]
    answer = await officer.upload("/desk/import", body, "x.xlsx", "file", what="people")
    assert answer.status == 400
    assert said in await answer.text()


async def test_an_oversized_file_is_cut_off(house, officer):
    answer = await officer.upload("/desk/import", bytes(11 * 1024 * 1024), "x.xlsx", "file", what="people")
    assert answer.status == 413


async def test_names_in_a_workbook_are_drawn_as_words(house, officer):
    nasty = "<script>alert(1)</script>"
    place = await bring(officer, HEADINGS, [1, nasty, 1981, nasty, "0900000001"], [2, nasty + "2", 1981, "x", ""])
    page = await officer.page(place)
    assert nasty not in page
    assert "&lt;script&gt;" in page


async def test_classes_are_read_looked_at_and_answered_from(house, officer):
    rows = [
        ["Chăn nuôi khóa 2", "Nuôi lợn", "Nhà văn hóa", "05/01/2027", 25],
        ["Lái tàu", "Lái tàu", "", "05/01/2027", 9],
    ]
    place = await bring(officer, CLASSES, *rows, what="classes")
    page = await officer.page(place)
    assert "Chưa có nghề “Lái tàu”" in page
    assert "Chăn nuôi khóa 2" in page
    assert "Đã thêm 1 lớp" in await take(officer, place)
    assert "Chăn nuôi khóa 2" in await officer.page("/desk/classes")
    assert f"classes:{HERE}:1" in [s for _o, _a, s in house.audited()]
    assert any("Chăn nuôi khóa 2" in text for text in house.says("lớp nuôi lợn bao giờ khai giảng"))
    assert "sửa 1 lớp" in await take(officer, await bring(officer, CLASSES, rows[0], what="classes"))
