"""What officers do to an announcement: approve, pause, go on, cancel, try again; from their own chat, too."""

from desk.announcing_stage import FORM, begun, drafted, registers
from desk.desk_stage import FAR, HERE, NEAR

from bot.announcements import preflight, steps
from bot.model import Contact


async def test_a_second_officer_approves_a_large_one(house, officer, monkeypatch):
    monkeypatch.setattr(steps, "APPROVAL_FROM", 1)
    monkeypatch.setattr(preflight, "APPROVAL_FROM", 1)
    registers(house)
    number = await drafted(officer)
    assert "cán bộ khác duyệt" in await officer.page(f"/desk/announcements/{number}")
    await officer.send(f"/desk/announcements/{number}/send")
    assert begun(house) == 0
    second = await house.signed_in(house.hire("Cán bộ thứ hai"))
    assert (await officer.send(f"/desk/announcements/{number}/approve")).status == 403
    assert "Duyệt và gửi" in await second.page(f"/desk/announcements/{number}")
    await second.send(f"/desk/announcements/{number}/approve")
    assert begun(house) == 1


async def test_whoever_is_alone_looks_again_after_half_an_hour_and_types_how_many(house, officer, monkeypatch):
    monkeypatch.setattr(steps, "APPROVAL_FROM", 1)
    registers(house)
    number = await drafted(officer)
    here = f"/desk/announcements/{number}"
    await officer.send(f"{here}/send")
    assert "chưa có cán bộ thứ hai" in await officer.page(here)
    assert "Duyệt và gửi" not in await officer.page(here)
    answer = await officer.send(f"{here}/approve", people="1")
    assert answer.headers["Location"].endswith("announce_alone_early")
    house.later(minutes=31)
    assert "Gõ số người sẽ nhận (1)" in await officer.page(here)
    for typed in ("", "2"):
        answer = await officer.send(f"{here}/approve", people=typed)
        assert answer.headers["Location"].endswith("announce_alone_count")
    assert begun(house) == 0
    assert (await officer.send(f"{here}/approve", people="1")).headers["Location"].endswith("announce_sent")
    assert begun(house) == 1
    assert (1, "announcement_alone", f"announcement:{number}") in house.audited()


async def test_an_officer_elsewhere_does_not_help_and_one_who_left_neither(house, officer, monkeypatch):
    monkeypatch.setattr(steps, "APPROVAL_FROM", 1)
    registers(house)
    here = f"/desk/announcements/{await drafted(officer)}"
    await officer.send(f"{here}/send")
    house.hire("Cán bộ xã khác", places=(FAR,))
    assert "chưa có cán bộ thứ hai" in await officer.page(here)
    second = house.hire("Cán bộ thứ hai")
    assert "chưa có cán bộ thứ hai" not in await officer.page(here)
    house.later(minutes=31)
    assert (await officer.send(f"{here}/approve", people="1")).status == 403
    with house.store.desk() as desk:
        desk.officers.end(second, house.clock[0])
    assert "Gõ số người" in await officer.page(here)


async def test_the_same_words_to_the_same_commune_are_warned_of(house, officer):
    registers(house)
    number = await drafted(officer)
    await officer.send(f"/desk/announcements/{number}/send")
    again = await drafted(officer)
    assert "bà con nhận hai tin" in await officer.page(f"/desk/announcements/{again}")
    other = await drafted(officer, text="Lời khác hẳn.")
    assert "bà con nhận hai tin" not in await officer.page(f"/desk/announcements/{other}")
    house.later(hours=25)
    officer = await house.signed_in(1)
    assert "bà con nhận hai tin" not in await officer.page(f"/desk/announcements/{again}")


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
