"""The list as Excel from the desk: whom it holds for whom, what is written down, and how it goes when it takes long."""

import asyncio
import io
import itertools
import os
import re
import threading
import time

from desk.desk_stage import FAR, HERE, NEAR, PROVINCE
from openpyxl import load_workbook

from bot.desk import errands, workbooks

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def people(answer):
    """Texts of the first sheet."""
    assert (answer.status, answer.content_type) == (200, XLSX), await answer.text()
    sheet = load_workbook(io.BytesIO(await answer.read())).worksheets[0]
    return {str(c.value) for row in sheet.iter_rows() for c in row if c.value is not None}


def exports(house):
    return [line for line in house.audited() if line[1] == "exported"]


async def test_the_whole_list_or_a_part_of_it_and_who_took_how_many(house, officer):
    first = house.lead(1, group="poor", trade="cooking")
    house.lead(2, trade="industrial_sewing")
    house.lead(3, NEAR)
    mine = {"0900000001", "0900000002"}
    answer = await officer.send("/desk/workbook")
    assert mine <= await people(answer)
    assert "attachment; filename*=UTF-8''danh-sach-hoc-nghe-" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    for fields, phones in (
        ({"trade": "cooking"}, {"0900000001"}),
        ({"group": "poor"}, {"0900000001"}),
        ({"q": "0900000002"}, {"0900000002"}),
        ({"state": "enrolled"}, set()),
        ({"commune": NEAR}, set()),
    ):
        assert {v for v in await people(await officer.send("/desk/workbook", **fields)) if v in mine} == phones, fields
    assert [s for _o, _a, s in exports(house)][::-1][:2] == [f"list:{HERE}:2", f"list:{HERE}:1"]
    page = await officer.page("/desk/audit")
    assert "xuất thông tin" in page
    assert "2 người" in page
    assert f"/desk/people/{first}" in await officer.page("/desk/people")


async def test_another_communes_people_are_in_nobodys_file(house):
    house.lead(1, FAR)
    house.lead(2, NEAR)
    stranger = await house.signed_in(house.hire(places=(HERE,)))
    for fields in ({}, {"commune": FAR}, {"q": "0900000001"}):
        found = await people(await stranger.send("/desk/workbook", **fields))
        assert not {"0900000001", "0900000002"} & found


async def test_a_coordinator_gets_figures_without_a_name(house):
    house.lead(1, full_name="Lò Thị Mẫu")
    coordinator = await house.signed_in(house.hire(role="coordinator", places=(PROVINCE,)))
    assert "Không có tên ai" in await coordinator.page("/desk/workbook")
    found = await people(await coordinator.send("/desk/workbook"))
    assert "Nấu ăn" in found
    assert not {"0900000001", "Lò Thị Mẫu"} & found
    assert exports(house)[0][2] == "figures::1"


async def test_cells_that_begin_like_a_formula_are_texts(house, officer):
    nasty = ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")']
    for number, text in enumerate(nasty, 1):
        house.lead(number, hamlet=text, phone="", told_by=text)
    book = load_workbook(io.BytesIO(await (await officer.send("/desk/workbook")).read()))
    cells = [c for row in book.worksheets[0].iter_rows() for c in row if c.value in nasty]
    assert len(cells) >= 2 * len(nasty)
    assert {c.data_type for c in cells} == {"s"}


async def test_a_long_one_shows_how_far_it_is_and_belongs_to_who_asked(house, officer, monkeypatch):
    house.lead(1)
    monkeypatch.setattr(errands, "PATIENCE", 0.0)
    held, real = threading.Event(), workbooks._write

    def slow(*arguments):
        held.wait(5)
        real(*arguments)

    monkeypatch.setattr(workbooks, "_write", slow)
    answer = await officer.send("/desk/workbook")
    place = answer.headers["Location"]
    assert (answer.status, place.rpartition("/")[0]) == (303, "/desk/errands")
    going = await officer.page(place)
    assert 'http-equiv="refresh"' in going
    assert "<progress" in going
    assert (await officer.send("/desk/workbook")).status == 409, "one at a time"
    other = await house.signed_in(house.hire("Người khác"))
    held.set()
    for _ in range(100):
        if (await (await officer.get(f"{place}/pulse")).json())["finished"]:
            break
        await asyncio.sleep(0.02)
    done = await officer.page(place)
    assert f'href="{place}/file"' in done
    assert "0900000001" in await people(await officer.get(f"{place}/file"))
    assert [(await other.get(f"{place}{more}")).status for more in ("", "/pulse", "/file")] == [404] * 3
    house.later(minutes=16)
    house.desk.errands.forget(house.clock[0])
    assert (await officer.get(f"{place}/file")).status == 404
    assert list(house.desk.errands.folder.glob("desk-*")) == [], "kept by nobody"


async def test_one_that_fails_says_so(house, officer, monkeypatch):
    house.lead(1)
    monkeypatch.setattr(workbooks, "_write", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
    answer = await officer.send("/desk/workbook")
    assert "Ổ đĩa" in await officer.page(answer.headers["Location"])
    assert exports(house) == []


async def test_a_file_from_before_an_erasure_is_not_handed_out(house, officer):
    house.lead(1)
    await officer.send("/desk/workbook")
    (errand,) = house.desk.errands._kept.values()
    errand.path.unlink()
    answer = await officer.get(f"/desk/errands/{errand.id}/file")
    assert answer.status == 410
    assert re.search("xóa thông tin", await answer.text())


async def test_what_a_killed_program_left_goes_with_the_next_file(house, officer):
    folder = house.desk.errands.folder
    folder.mkdir()
    for name in ("desk-old.xlsx", "desk-new.xlsx"):
        (folder / name).touch()
    os.utime(folder / "desk-old.xlsx", (0, 0))
    house.lead(1)
    await officer.send("/desk/workbook")
    assert {f.name for f in folder.glob("desk-old*")} == set()
    assert len(list(folder.glob("desk-*"))) == 2


async def test_a_long_list_does_not_hold_up_the_programs_end(house, officer):
    begun = threading.Event()

    def endless(errand):
        for done in itertools.count():
            begun.set()
            errand.progress(done)
            time.sleep(0.001)

    errand = house.desk.errands.start(1, "export", "/desk", house.clock[0], endless)
    assert begun.wait(5)
    house.desk.errands.stop()
    errand.future.result(5)
    assert errand.finished
