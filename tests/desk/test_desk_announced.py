"""What people do with an announcement: tap it, answer with a word, wait, ask to stop."""

import re

from desk.announcing_stage import begun, drafted, registers, taps


async def test_a_tap_goes_on_in_the_form_with_everything_known_in_it(house, officer):
    registers(house)
    number = await drafted(officer, course="vi-du-2")
    await officer.send(f"/desk/announcements/{number}/send")
    begun(house)
    (asked,) = taps(house, f"course:vi-du-2@{number}")
    assert "đồng ý" in asked.text
    (summary,) = taps(house, "field:ab", update="t2")
    assert "Lò Thị Mẫu" in summary.text
    assert "0900 000 001" in summary.text or "0900000001" in summary.text
    (receipt,) = taps(house, "field:yes", update="t3")
    assert "Zalo chỉ cho em nhắn trong 7 ngày" in receipt.text, "how they will be told"
    pulse = await (await officer.get(f"/desk/announcements/{number}/pulse")).json()
    assert (pulse["tapped"], pulse["registered"]) == (1, 1)
    (again,) = taps(house, f"course:vi-du-2@{number}", update="t4")
    assert "đã ghi tên lớp" in again.text


async def test_one_is_enough_to_say_on_a_channel_without_buttons(house, officer):
    registers(house)
    number = await drafted(officer, course="vi-du-2")
    await officer.send(f"/desk/announcements/{number}/send")
    begun(house)
    assert "đồng ý" in house.says("1")[-1]
    begun(house)
    pulse = await (await officer.get(f"/desk/announcements/{number}/pulse")).json()
    assert pulse["tapped"] == 1
    assert "Trước khi ghi tên" not in house.says("1")[-1], "the second one answers the form"


async def test_a_full_class_offers_the_waiting_list(house, officer):
    registers(house)
    with house.store.desk() as desk:
        from bot.store import tables as t

        desk.announcing.db.execute(t.courses.update().where(t.courses.c.id == "vi-du-2").values(state="full"))
    (told,) = taps(house, "course:vi-du-2@1")
    assert "danh sách chờ" in told.text
    assert told.choices[0].value == "waitlist:vi-du-2"
    assert "đồng ý" in taps(house, "waitlist:vi-du-2", update="t2")[-1].text
    taps(house, "field:ab", update="t3")
    assert "danh sách chờ" in taps(house, "field:yes", update="t4")[-1].text


async def test_who_asked_to_stop_is_shown_on_their_page_and_left_out(house, officer):
    registers(house)
    assert "báo lớp mới nữa" in house.says("dừng tin lớp")[-1]
    with house.store.reading() as desk:
        (row,) = desk.people.listing(_all(), _none()).rows
    page = await officer.page(f"/desk/people/{row.id}")
    assert re.search(r"Đã xin dừng</dt><dd>tin lớp mới", page)
    assert "đã xin dừng tin: 1" in await officer.page(f"/desk/announcements/{await drafted(officer)}")
    assert "lại báo" in house.says("nhận tin lớp")[-1]
    assert "1 người sẽ nhận" in await officer.page(f"/desk/announcements/{await drafted(officer)}")


def _all():
    from bot.store.desk_port import Scope

    return Scope(None)


def _none():
    from bot.store.desk_port import Filter

    return Filter()
