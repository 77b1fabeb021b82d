"""Announcements on the desk and in an officer's chat: composed, sent, steered, reported; what a tap leads to."""

import io
import re

from desk import desk_pictures
from desk.desk_stage import FAR, HERE, NEAR
from openpyxl import load_workbook

from bot.announcements import preflight, steps
from bot.channels.outreach import terms_of
from bot.model import Contact, Incoming
from bot.store.announcement_port import Outcome, Pace

TEXT = "Xã mở lớp nấu ăn, ai muốn học thì đăng ký."
FORM = {"text": TEXT, f"commune_{HERE}": "1", "interest": "trade", "trade": "cooking", "waves": "1"}
ZALO = Contact("zalo_oa", "oa", "somebody")


def registers(house, contact=ZALO, phone="0900000001"):
    """A person registers for cooking in a chat, message by message."""
    said = ["form:registration", "field:ab", "nấu ăn", f"field:{HERE}", "Bản Mẫu", "Lò Thị Mẫu", "1990", phone]
    for number, words in enumerate([*said, "field:yes"]):
        choice = words if ":" in words else None
        house.app.handle(Incoming(f"r{number}", contact, house.clock[0], "" if choice else words, choice))


def taps(house, choice, contact=ZALO, update="t1"):
    handled = house.app.handle(Incoming(update, contact, house.clock[0], choice=choice))
    return [m.reply for m in handled.messages if m.reply]


async def drafted(officer, **changes):
    answer = await officer.send("/desk/announcements/new", **(FORM | changes))
    assert answer.status == 303, await answer.text()
    return int(answer.headers["Location"].partition("?")[0].rpartition("/")[2])


def begun(house, fate="sent"):
    """What is due begins and goes out."""
    terms = terms_of(frozenset(), {})
    with house.store.announcing() as unit:
        steps.look(unit, terms, str, house.clock[0])
        pace = Pace("zalo_oa.oa", None, 100)
        taken = unit.ledger.claim(pace, "zalo_oa", "oa", "w", house.clock[0])
        for row in taken.rows:
            one = taken.announcements[row.announcement]
            offer = f"course:{one.course}@{one.id}" if one.course else f"trade:{one.trade}@{one.id}"
            unit.ledger.settle([Outcome(row.id, row.reach.id, fate, offer=offer)], "w", house.clock[0])
        return len(taken.rows)


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


async def test_what_is_wrong_is_told_at_its_field(house, officer):
    wrong = [({"text": ""}, "Viết lời nhắn"), ({"trade": ""}, "Chọn nghề"), ({"time": "25:00"}, "Ngày hoặc giờ")]
    wrong += [({"day": "01/01/2020"}, "đã qua"), ({"course": "lop-none"}, "Chọn lớp")]
    wrong += [({"text": "a" * 1000}, "dài quá")]
    for change, told in wrong:
        answer = await officer.send("/desk/announcements/new", **(FORM | change))
        assert answer.status == 400, change
        assert told in await answer.text(), change


async def test_a_second_officer_approves_a_large_one(house, officer, monkeypatch):
    monkeypatch.setattr(steps, "APPROVAL_FROM", 1)
    monkeypatch.setattr(preflight, "APPROVAL_FROM", 1)
    registers(house)
    number = await drafted(officer)
    assert "cán bộ khác duyệt" in await officer.page(f"/desk/announcements/{number}")
    await officer.send(f"/desk/announcements/{number}/send")
    assert begun(house) == 0
    assert (await officer.send(f"/desk/announcements/{number}/approve")).status == 403
    second = await house.signed_in(house.hire("Cán bộ thứ hai"))
    assert "Duyệt và gửi" in await second.page(f"/desk/announcements/{number}")
    await second.send(f"/desk/announcements/{number}/approve")
    assert begun(house) == 1


async def test_pause_resume_cancel_and_again(house, officer):
    registers(house)
    number = await drafted(officer)
    here = f"/desk/announcements/{number}"
    await officer.send(f"{here}/send")
    await officer.send(f"{here}/pause")
    assert begun(house) == 0
    await officer.send(f"{here}/resume")
    assert begun(house, "refused") == 1
    assert "Gửi lại 1 tin" in await officer.page(here)
    answer = await officer.send(f"{here}/again", state="failed")
    assert answer.headers["Location"].endswith("said=announce_again&n=1")
    assert begun(house) == 1
    begun(house)
    assert (await officer.send(f"{here}/cancel")).headers["Location"].endswith("announce_late")
    assert (await officer.send(f"{here}/again", state="sent")).status == 400


async def test_communes_of_others_are_out_of_reach(house, officer):
    stranger = await house.signed_in(house.hire("Cán bộ xã khác", places=(FAR,)))
    number = await drafted(officer)
    for path in ("", "/pulse", "/edit", "/call-list", "/words"):
        assert (await stranger.get(f"/desk/announcements/{number}{path}")).status == 404
    for act in ("send", "approve", "pause", "resume", "cancel", "drop", "again"):
        assert (await stranger.send(f"/desk/announcements/{number}/{act}")).status in (403, 404)
    answer = await stranger.send("/desk/announcements/new", **(FORM | {"interest": "all", "trade": ""}))
    made = answer.headers["Location"].rpartition("/")[2]
    with house.store.announcing() as unit:
        assert unit.announcements.one(int(made)).communes == (FAR,)
    coordinator = await house.signed_in(house.hire("Đầu mối tỉnh", "coordinator", ("12",)))
    both = await drafted(coordinator, **{f"commune_{NEAR}": "1", f"commune_{FAR}": "1"})
    with house.store.announcing() as unit:
        assert set(unit.announcements.one(both).communes) == {HERE, NEAR}
    assert (await coordinator.get(f"/desk/announcements/{both}/call-list")).status == 403


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


async def test_from_the_officers_own_chat(house):
    registers(house)
    chat, officer = Contact("telegram", "bot", "officer"), house.hire()
    assert "thông báo số" not in "".join(house.says("thông báo lớp", chat)).lower(), "nobody's officer"
    with house.store.transaction() as unit:
        contact = unit.lock(chat, house.clock[0])
    with house.store.desk() as desk:
        desk.officers.link_chat(officer, contact, house.clock[0], None)
    assert "vi-du-2" in house.says("thông báo lớp", chat)[0]
    preview = house.says("báo vi-du-2", chat)
    assert "1 người" in preview[1]
    assert "1 người" in house.says("gửi vi-du-2", chat)[0]
    assert begun(house) == 1
    assert "máy không gửi hai lần" in house.says("gửi vi-du-2", chat)[0], "tapped twice"
    assert begun(house) == 0
    house.later(days=2)
    assert "Đã nhận" in house.says("gửi vi-du-2", chat)[0], "another day it is meant"


async def test_a_class_announced_lately_says_so_before_it_is_sent_again(house, officer):
    registers(house)
    number = await drafted(officer, course="vi-du-2")
    assert "bà con nhận hai tin" not in await officer.page(f"/desk/announcements/{number}")
    await officer.send(f"/desk/announcements/{number}/send")
    again = await drafted(officer, course="vi-du-2")
    assert "bà con nhận hai tin" in await officer.page(f"/desk/announcements/{again}")
    assert "bà con nhận hai tin" not in await officer.page(f"/desk/announcements/{await drafted(officer)}")


async def test_what_failed_is_not_tried_again_once_it_is_over_for_good(house, officer):
    registers(house)
    number = await drafted(officer, course="vi-du-2")
    await officer.send(f"/desk/announcements/{number}/send")
    begun(house, fate="refused")
    with house.store.announcing() as unit:
        assert unit.announcements.end(number, "stopped", "full", house.clock[0])
    await officer.send(f"/desk/announcements/{number}/again", state="failed")
    with house.store.announcing() as unit:
        progress = unit.audience.progress(unit.announcements.one(number), house.clock[0])
    assert progress.of("failed") == 1, "it still says what became of it"


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
