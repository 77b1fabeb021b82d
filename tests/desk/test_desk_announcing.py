"""Announcements on the desk: composed, shown before they go, sent, reported; whom no channel reaches."""

import io
import re

from desk import desk_pictures
from desk.announcing_stage import FORM, TEXT, begun, drafted, registers
from openpyxl import load_workbook

from bot.model import Contact


async def test_from_the_class_to_the_report(house, officer):
    registers(house)
    form = await officer.page("/desk/announcements/new?course=vi-du-2")
    assert "Nấu ăn" in form
    number = await drafted(officer, course="vi-du-2")
    page = await officer.page(f"/desk/announcements/{number}")
    assert "1 người sẽ nhận" in page
    assert "1. Đăng ký" in page, "as it looks on Zalo"
    assert begun(house) == 0, "a draft sends nothing"
    assert (await officer.send(f"/desk/announcements/{number}/send")).headers["Location"].endswith("said=announce_sent")
    assert begun(house) == 1
    pulse = await (await officer.get(f"/desk/announcements/{number}/pulse")).json()
    assert (pulse["sent"], pulse["all"], pulse["state"]) == (1, 1, "running")
    begun(house)
    assert "đã gửi xong" in await officer.page(f"/desk/announcements/{number}")
    assert "1 trên 1" in await officer.page("/desk/announcements")
    acts = [act for _o, act, subject in house.audited() if subject == f"announcement:{number}"]
    assert acts == ["announcement_scheduled", "announcement_composed"]


async def test_what_is_wrong_is_told_at_its_field(house, officer):
    wrong = [({"text": ""}, "Viết lời nhắn"), ({"trade": ""}, "Chọn nghề"), ({"time": "25:00"}, "Ngày hoặc giờ")]
    wrong += [({"day": "01/01/2020"}, "đã qua"), ({"course": "lop-none"}, "Chọn lớp")]
    wrong += [({"text": "a" * 1000}, "dài quá")]
    for change, told in wrong:
        answer = await officer.send("/desk/announcements/new", **(FORM | change))
        assert answer.status == 400, change
        assert told in await answer.text(), change


async def test_whom_no_channel_reaches_is_called(house, officer):
    registers(house, Contact("web", "", "cookie"))
    number = await drafted(officer, course="vi-du-2")
    await officer.send(f"/desk/announcements/{number}/send")
    page = await officer.page(f"/desk/announcements/{number}/call-list")
    assert "Bản Mẫu" in page
    assert "0900000001" in page
    answer = await officer.get(f"/desk/announcements/{number}/call-list.xlsx")
    rows = list(load_workbook(io.BytesIO(await answer.read())).active.iter_rows(values_only=True))
    assert rows[2][:4] == ("Bản Mẫu", "Lò Thị Mẫu", "1990", "0900000001")
    assert (1, "call_list", f"announcement:{number}") in house.audited()
    answer = await officer.get(f"/desk/announcements/{number}/each.xlsx")
    rows = list(load_workbook(io.BytesIO(await answer.read())).active.iter_rows(values_only=True))
    assert rows[2][0].startswith("HN-")
    assert rows[2][2:4] == ("không gửi", "ghi tên trên trang web, không nhắn được")
    assert "0900000001" not in str(rows)
    words = await officer.page(f"/desk/announcements/{number}/words")
    assert "Kính thưa bà con" in words
    assert "c-vi-du-2" in words


async def test_a_text_of_ones_own_carries_a_picture_of_ones_own(house, officer):
    registers(house)
    picture = desk_pictures.png(desk_pictures.chunk(b"tEXt", b"taken by somebody"))
    answer = await officer.upload("/desk/announcements/new", picture, field="photo", **FORM)
    number = int(answer.headers["Location"].rpartition("/")[2])
    page = await officer.page(f"/desk/announcements/{number}")
    shown = re.search(r'src="(/posters/tin\.\w+\.png)"', page)[1]
    seen = await (await officer.get(shown)).read()
    assert seen.startswith(b"\x89PNG")
    assert b"taken by somebody" not in seen
    await officer.send(f"/desk/announcements/{number}/edit", **(FORM | {"picture": "1", "text": "Lời khác."}))
    page = await officer.page(f"/desk/announcements/{number}")
    assert shown in page, "kept while it is ticked"
    assert "Ảnh chưa gửi kèm được" in page, "no address that the platforms can open: it is said, not hidden"
    await officer.send(f"/desk/announcements/{number}/edit", **FORM)
    assert "/posters/tin." not in await officer.page(f"/desk/announcements/{number}"), "and gone when it is not"
    broken = await officer.upload("/desk/announcements/new", b"no picture", field="photo", **FORM)
    page = await broken.text()
    assert (broken.status, "JPG hoặc PNG, dưới 3 MB" in page, TEXT in page) == (400, True, True), "what was typed stays"
    house.later(days=40)
    with house.store.transaction() as unit:
        unit.retire(house.clock[0])
        assert unit.counts()["announcement_pictures"] == 0, "nothing shows it any more"


async def test_a_draft_has_one_next_step_to_send_to_call_or_to_choose_others(house, officer):
    async def firm(browser):
        page = await browser.page(f"/desk/announcements/{await drafted(browser)}")
        return re.findall(r'class="(?:button )?firm"[^>]*>([^<]+)<', page)

    house.lead()  # agreed to the list alone: neither written to nor called
    assert await firm(officer) == ["Sửa lại"]
    registers(house)
    assert await firm(officer) == ["Gửi"]
    house.later(days=8)  # Zalo's window is over
    assert await firm(await house.signed_in(house.hire())) == ["Lập danh sách gọi điện"]
