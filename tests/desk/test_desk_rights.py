"""People's rights at the desk: their file, their erasure, requests with the law's days; each written down."""

import json
import re
from datetime import timedelta

from desk.desk_stage import FAR, HERE, NEAR

from bot.effects import OfficerAsked
from bot.inbox import talks
from bot.model import Contact

ME = Contact("zalo_oa", "oa", "somebody")


def asks(house, reason, text, commune=HERE):
    with house.store.transaction() as unit:
        unit.apply(unit.lock(ME, house.clock[0]), OfficerAsked(reason, text, commune), house.clock[0])


def acts(house):
    return [(a, s) for _o, a, s in house.audited()]


async def test_the_file_holds_everything_for_a_person_and_for_a_machine(house, officer):
    number = house.lead(1, full_name="Lò Thị Mẫu")
    await officer.send(f"/desk/people/{number}/note", text="gọi buổi tối")
    answer = await officer.send(f"/desk/people/{number}/file")
    text = (await answer.read()).decode("utf-8-sig")
    assert answer.content_type == "text/plain"
    assert "attachment" in answer.headers["Content-Disposition"]
    for said in ("Lò Thị Mẫu", "0900000001", "gọi buổi tối", "\r\n"):
        assert said in text
    machine = json.loads(await (await officer.send(f"/desk/people/{number}/file", form="json")).read())
    assert machine["people"][0]["full_name"] == "Lò Thị Mẫu"
    assert acts(house)[:2] == [("exported", "person:1")] * 2


async def test_erasing_asks_twice_and_leaves_nothing(house, officer):
    number = house.lead(1, full_name="Lò Thị Mẫu")
    swept = []
    object.__setattr__(house.desk.settings, "after_erasure", lambda: swept.append(1))
    page = await officer.page(f"/desk/people/{number}/erase")
    assert "Không lấy lại được" in page
    assert "Lò Thị Mẫu" not in page, "masked until opened, here too"
    for wrong in ("", "không", "xoá hết"):
        answer = await officer.send(f"/desk/people/{number}/erase", sure=wrong)
        assert (answer.status, "Chưa xóa gì" in await answer.text()) == (400, True)
    assert swept == []
    answer = await officer.send(f"/desk/people/{number}/erase", sure="Xóa")
    assert answer.headers["Location"] == "/desk/people?said=erased"
    assert swept == [1]
    assert (await officer.get(f"/desk/people/{number}")).status == 404
    assert "Không có ai" in await officer.page("/desk/people?q=0900000001")
    with house.store.transaction() as unit:
        counts = unit.counts()
    assert [counts[t] for t in ("people", "leads", "search_words", "lead_notes", "lead_history")] == [0] * 5
    assert acts(house)[0] == ("erased", "person:1")
    assert "xóa hết thông tin" in await officer.page("/desk/audit")


async def test_nobody_else_may_export_or_erase(house, officer):
    far = house.lead(1, FAR)
    here = house.lead(2)
    with house.store.engine.begin() as db:  # the same person asked in two communes
        db.exec_driver_sql(f"UPDATE leads SET person_id = 2 WHERE id = {far}")
    coordinator = await house.signed_in(house.hire(role="coordinator", places=("12",)))
    for browser, number, status in ((officer, far, 404), (officer, here, 403), (coordinator, here, 403)):
        assert (await browser.send(f"/desk/people/{number}/file")).status == status
        assert (await browser.get(f"/desk/people/{number}/erase")).status == status
        assert (await browser.send(f"/desk/people/{number}/erase", sure="xóa")).status == status
    assert not {"exported", "erased"} & {a for a, _s in acts(house)}
    admin = await house.signed_in(house.hire(role="admin", places=()))
    assert (await admin.send(f"/desk/people/{here}/erase", sure="xóa")).status == 303


async def test_a_request_made_in_the_chat_stands_on_today_with_its_days_and_what_to_do(house):
    officer_number = house.hire()
    officer = await house.signed_in(officer_number)
    number = house.lead(1)
    with house.store.transaction() as unit:
        receipt = unit.leads(HERE)[0].receipt
    asks(house, "data_access", receipt)
    today = await officer.page("/desk")
    assert "Xử lý 1 yêu cầu" in today
    assert "làm xong trước 03/12/2026" in today, "ten days from 23/11"
    page = await officer.page("/desk/requests")
    assert "25/11/2026" in page, "two working days"
    assert f'href="/desk/people/{number}#data"' in page
    assert "bấm “Xuất thông tin”" in page
    assert "quá hạn" not in page
    house.later(days=11)
    officer = await house.signed_in(officer_number)
    assert "quá hạn" in await officer.page("/desk/requests")
    assert (await officer.send("/desk/requests/ticket/1", act="done")).status == 303
    assert "Không có yêu cầu nào" in await officer.page("/desk/requests")
    assert ("request_done", "ticket:1") in acts(house)


async def test_a_request_on_paper_is_kept_answered_extended_once_and_done(house, officer):
    number = house.lead(1)
    with house.store.transaction() as unit:
        receipt = unit.leads(HERE)[0].receipt
    for fields, said in (
        ({"kind": "erase"}, "Ghi tên người yêu cầu"),
        ({"kind": "all", "who": "Bà Mẫu"}, "Chọn yêu cầu gì"),
        ({"kind": "erase", "receipt": "HN-ZZZZZZ"}, "Không thấy số biên nhận"),
    ):
        answer = await officer.send("/desk/requests", **fields)
        assert (answer.status, said in await answer.text()) == (400, True), fields
    await officer.send("/desk/requests", kind="erase", who="Bà Mẫu", receipt=receipt, note="nộp đơn giấy")
    page = await officer.page("/desk/requests")
    assert "Bà Mẫu" in page
    assert f'href="/desk/people/{number}#data"' in page
    assert "13/12/2026" in page, "twenty days"
    for act, said in (("answered", "đã trả lời ngày 23/11/2026"), ("extend", "02/01/2027")):
        await officer.send("/desk/requests/request/1", act=act)
        assert said in await officer.page("/desk/requests")
    again = await officer.send("/desk/requests/request/1", act="extend")
    assert again.headers["Location"].endswith("nothing_chosen")
    assert (await officer.send("/desk/requests/request/1", act="forget")).status == 400
    await officer.send(f"/desk/people/{number}/erase", sure="xóa")
    assert "Bà Mẫu" not in await officer.page("/desk/requests"), "erased with the person, and done"


async def test_another_communes_requests_are_not_there(house, officer):
    house.lead(1, FAR)
    asks(house, "data_access", "HN-AAAAAA", FAR)
    with house.store.transaction() as unit:
        theirs = unit.leads(FAR)[0].receipt
    assert "Không có yêu cầu nào" in await officer.page("/desk/requests")
    assert "Xử lý 1 yêu cầu" not in await officer.page("/desk")
    assert (await officer.send("/desk/requests/ticket/1", act="done")).status == 404
    assert (await officer.send("/desk/requests", kind="erase", receipt=theirs)).status == 400, "nor is it told whose"
    both = await house.signed_in(house.hire(places=(HERE, NEAR)))
    assert (await both.send("/desk/requests", kind="erase", who="x", commune=FAR)).status == 400


async def test_a_workbook_that_waits_is_forgotten_when_somebody_is_erased(house, officer):
    from leads.sheets import book

    rows = (["Họ và tên", "Năm sinh", "Nghề"], ["Lò Thị Mẫu", 1981, "Nấu ăn"])
    kept = await officer.upload("/desk/import", book(*rows).read(), "x.xlsx", "file", what="people")
    assert (await officer.get(kept.headers["Location"])).status == 200
    number = house.lead(1)
    await officer.send(f"/desk/people/{number}/erase", sure="xóa")
    assert (await officer.get(kept.headers["Location"])).status == 404
    assert not re.search("Lò Thị Mẫu", str(house.audited()))


async def test_a_request_lasts_until_it_is_done_whatever_becomes_of_the_talk(house, officer):
    """The law counts its days: taking the talk, answering, silence and "answered" do not take it off the list."""
    house.says("xin chào", ME)
    with house.store.transaction() as unit:
        contact = unit.lock(ME, house.clock[0])
        for effect in (OfficerAsked("data_access", "HN-AAAAAA", HERE), OfficerAsked("asked", "gọi tôi", HERE)):
            unit.apply(contact, effect, house.clock[0])
    waits = "Xử lý 1 yêu cầu"
    await officer.send("/desk/waiting/1/take")
    assert waits in await officer.page("/desk"), "taken"
    await officer.send("/desk/waiting/1/reply", text="Chiều mai chị đến xã nhận nhé.", once="a")
    page = await officer.page("/desk/waiting/1")
    assert "luật có hạn ngày" in page
    with house.store.desk() as desk:
        talks.lapse(desk.inbox, house.clock[0] + timedelta(days=2))
    assert waits in await officer.page("/desk"), "let go by silence"
    house.says("tôi chờ", ME)
    await officer.send("/desk/waiting/1/take")
    answer = await officer.send("/desk/waiting/1/answered")
    assert answer.headers["Location"].endswith("said=answered_by_law")
    assert waits in await officer.page("/desk"), "answered, not done"
    assert "Không có ai đang chờ" in await officer.page("/desk/waiting")
    await officer.send("/desk/requests/ticket/1", act="done")
    assert waits not in await officer.page("/desk")


async def test_done_with_the_request_gives_the_talk_back(house, officer):
    house.says("xin chào", ME)
    with house.store.transaction() as unit:
        contact = unit.lock(ME, house.clock[0])
        unit.apply(contact, OfficerAsked("data_access", "HN-AAAAAA", HERE), house.clock[0])
    await officer.send("/desk/waiting/1/take")
    await officer.send("/desk/requests/ticket/1", act="done")
    with house.store.transaction() as unit:
        assert not unit.paused(unit.lock(ME, house.clock[0]), house.clock[0])
    assert house.says("học nấu ăn được bao nhiêu tiền", ME), "the assistant answers again"
