"""Classes: what is saved is answered; seats and the waiting list; sheets, codes, posters; today; tickets."""

import re

from desk.desk_stage import FAR, HERE, running
from desk.test_desk_security import ticket

from bot.desk.pictures import cleaned
from bot.effects import LeadWithdrawn
from bot.model import Contact
from bot.store.seats import SEATED

CLASS = {"trade": "beekeeping", "title": "Nuôi ong lấy mật", "place": "Nhà văn hóa Bản Mẫu", "seats": "2"}
CLASS |= {"starts_on": "01/12/2026", "ends_on": "2027-03-15", "deadline": "28/11/2026", "state": "open"}


async def made(officer, **changes):
    trades = re.findall(r'<option value="(\w+)">', await officer.page("/desk/classes/new"))
    trade = CLASS["trade"] if CLASS["trade"] in trades else "pig_raising"
    answer = await officer.send("/desk/classes/new", **(CLASS | {"trade": trade} | changes))
    assert answer.status == 303, await answer.text()
    return answer.headers["Location"].partition("?")[0].rpartition("/")[2]


async def test_what_is_saved_is_what_the_assistant_answers_next(house, officer):
    course = await made(officer, map_url="https://maps.example.vn/x")
    told = "\n".join(house.says("có lớp nào sắp mở ở xã Nà Pàn"))
    assert "Nuôi ong lấy mật" in told
    assert "01/12/2026" in told
    assert "https://maps.example.vn/x" in told
    edited = CLASS | {"title": "Nuôi ong mùa xuân", "trade": "pig_raising"}
    await officer.send(f"/desk/classes/{course}/edit", **edited)
    told = "\n".join(house.says("có lớp nào sắp mở ở xã Nà Pàn", Contact("zalo_oa", "oa", "b")))
    assert "Nuôi ong mùa xuân" in told
    await officer.send(f"/desk/classes/{course}/state", state="cancelled")
    assert "Nuôi ong" not in "\n".join(house.says("có lớp nào sắp mở ở xã Nà Pàn", Contact("zalo_oa", "oa", "c")))
    assert "Nuôi ong mùa xuân" in await officer.page("/desk/classes?over=1")


async def test_a_class_is_copied_without_its_days(house, officer):
    course = await made(officer, group_poor="1")
    form = await officer.page(f"/desk/classes/new?copy={course}")
    assert 'value="Nuôi ong lấy mật"' in form
    assert "01/12/2026" not in form
    assert re.search(r'id="group_poor"[^>]* checked', form)
    assert (await officer.get("/desk/classes/new?copy=lop-none")).status == 404


async def test_what_is_wrong_in_a_class_is_told_at_its_field(house, officer):
    wrong = [
        ({"title": ""}, "Ghi tên lớp"),
        ({"trade": "no_such"}, "Chọn nghề"),
        ({"seats": "many"}, "0 đến 500"),
        ({"starts_on": "31/02/2027"}, "Ngày chưa đúng"),
        ({"ends_on": "01/11/2026"}, "sau ngày khai giảng"),
        ({"deadline": "16/12/2026"}, "trước ngày khai giảng"),
        ({"state": "full"}, "Chọn tình trạng"),
    ]
    for change, told in wrong:
        answer = await officer.send("/desk/classes/new", **(CLASS | {"trade": "cooking"} | change))
        assert answer.status == 400, change
        assert told in await answer.text(), change


async def test_a_seat_is_taken_when_an_officer_confirms_and_beyond_that_is_the_waiting_list(house, officer):
    course = await made(officer)
    numbers = [house.lead(n, course=course) for n in range(1, 5)]
    for number in numbers:
        house.later(minutes=1)
        await officer.send(f"/desk/people/{number}/state", state="confirmed")
    page = await officer.page(f"/desk/classes/{course}")
    assert "2/2 chỗ đã có người; 2 người chờ chỗ" in page
    assert "đủ người" in page
    assert "chờ chỗ, thứ 2" in await officer.page(f"/desk/people/{numbers[3]}")
    assert "Nuôi ong" not in "\n".join(house.says("có lớp nào sắp mở ở xã Nà Pàn"))
    await officer.send(f"/desk/people/{numbers[0]}/state", state="withdrawn")
    assert "Xếp 1 người đang chờ" in await officer.page("/desk")
    await officer.send(f"/desk/classes/{course}/fill")
    assert "chờ chỗ" not in await officer.page(f"/desk/people/{numbers[2]}")
    assert "chờ chỗ, thứ 1" in await officer.page(f"/desk/people/{numbers[3]}")
    await officer.send(f"/desk/people/{numbers[1]}/state", state="enrolled")  # keeps the seat it has
    assert "2/2 chỗ đã có người; 1 người chờ chỗ" in await officer.page(f"/desk/classes/{course}")
    await officer.send(f"/desk/classes/{course}/edit", **(CLASS | {"trade": "cooking", "seats": "3"}))
    await officer.send(f"/desk/classes/{course}/fill")
    assert "3/3 chỗ đã có người; 0 người chờ chỗ" in await officer.page(f"/desk/classes/{course}")
    assert (2, "seat", f"lead:{numbers[3]}") not in house.audited()
    assert (1, "seat", f"lead:{numbers[3]}") in house.audited()


async def test_bulk_confirming_never_seats_more_than_there_are_seats(house, officer):
    course = await made(officer)
    numbers = [house.lead(n, course=course) for n in range(1, 8)]
    done = await officer.send("/desk/people", *[("id", str(n)) for n in numbers], state="confirmed")
    assert "said=waiting&n=5" in done.headers["Location"]
    with house.store.engine.begin() as db:
        states = "','".join(SEATED)
        taken = f"SELECT count(*) FROM leads WHERE state IN ('{states}') AND waiting_since IS NULL"
        assert db.exec_driver_sql(taken).scalar() == 2


async def test_a_person_who_withdraws_in_the_chat_frees_the_seat(house, officer):
    from store.factories import lead

    from bot.effects import Applicant

    course = await made(officer, seats="1")
    me, now = Contact("zalo_oa", "oa", "me"), house.clock[0]
    with house.store.transaction() as unit:
        contact = unit.lock(me, now)
        who = Applicant("Lò Thị Mẫu", 1981, "0900000001", "", HERE, "")
        unit.apply(contact, lead("HN-AAAAAA", who, trade="cooking", course=course), now)
    await officer.send("/desk/people/1/state", state="confirmed")
    assert "đủ người" in await officer.page(f"/desk/classes/{course}")
    with house.store.transaction() as unit:
        unit.apply(contact, LeadWithdrawn("HN-AAAAAA"), now)
    assert "0/1 chỗ" in (page := await officer.page(f"/desk/classes/{course}"))
    assert "đang nhận đăng ký" in page


async def test_people_are_put_into_classes_of_their_commune_alone(house):
    officer = await house.signed_in(house.hire(places=(HERE, FAR)))
    course = await made(officer, commune=HERE)
    mine, other = house.lead(1), house.lead(2, FAR)
    assert (await officer.send(f"/desk/people/{mine}/class", course=course)).status == 303
    assert "Nuôi ong lấy mật" in await officer.page(f"/desk/people/{mine}")
    assert (await officer.send(f"/desk/people/{other}/class", course=course)).status == 404


async def test_a_sheet_has_a_code_for_every_way_and_the_way_leads_to_the_class(house, officer):
    course = await made(officer)
    page = await officer.page(f"/desk/classes/{course}/sheet")
    for address in (f"/?start=c-{course}", f"https://t.me/vi_du_bot?start=c-{course}", "https://zalo.me/100"):
        assert address in page
    for way in ("web", "telegram", "zalo"):
        code = await officer.get(f"/desk/classes/{course}/qr/{way}.svg")
        assert code.content_type == "image/svg+xml"
        assert (await code.text()).startswith("<svg")
    assert (await officer.get(f"/desk/classes/{course}/qr/fax.svg")).status == 404
    for text in (f"c-{course}", f"/start C-{course}"):
        asked = house.says(text, Contact("zalo_oa", "oa", text[:3]))
        assert "đồng ý" in asked[-1]  # the registration's first question
    assert "đồng ý" not in house.says("c-lop-none", Contact("zalo_oa", "oa", "x"))[-1]


async def test_without_other_channels_a_sheet_has_the_web_alone(understanding, catalogue, empty_desk, tmp_path):
    import shutil

    path = shutil.copy(empty_desk, tmp_path / "d.sqlite3")
    async with running(understanding, catalogue, path, telegram="", zalo_oa="") as house:
        officer = await house.signed_in(house.hire())
        page = await officer.page("/desk/classes/vi-du-1/sheet")
    assert page.count("<figure>") == 1


def test_what_a_phone_writes_into_a_picture_is_left_out():
    exif = b"\xff\xe1" + (2 + 14).to_bytes(2, "big") + b"Exif\0\0GPS here"
    table = b"\xff\xdb" + (2 + 3).to_bytes(2, "big") + b"abc"
    body = b"\xff\xda" + b"\0\x02" + b"the picture" + b"\xff\xd9"
    assert cleaned(b"\xff\xd8" + exif + table + body, "jpg") == b"\xff\xd8" + table + body
    for odd in (b"\xff\xd8", b"\xff\xd8\xff\xe1\0\0", b"\xff\xd8nothing", b"\xff\xd8\xff\xe1\xff\xff"):
        assert cleaned(odd, "jpg") is None, "refused: nobody can say what it holds"


async def test_today_says_what_to_do_next_and_draws_what_a_screen_reader_reads(house, officer):
    number = house.lead(1)
    await officer.send(f"/desk/people/{number}/state", state="new")
    ticket(house)
    page = await officer.page("/desk")
    assert "Gọi cho 1 người mới đăng ký" in page
    assert "Trả lời 1 người nhắn muốn gặp cán bộ" in page
    assert re.search(r"<desc[^>]*>.*tuần từ 23/11: 1 người", page, re.S)
    assert await (await officer.get("/desk/pulse")).json() == {"new": 1, "waiting": 1}
    english = await officer.page("/desk?lang=en")
    assert "Call 1 newly registered people" in english
    assert "What to do first" in await officer.page("/desk")  # the choice is kept


async def test_people_who_asked_for_an_officer_are_answered(house, officer):
    ticket(house)
    page = await officer.page("/desk/waiting")
    assert "gọi cho tôi" in page
    assert "0900***009" in page
    await officer.send("/desk/waiting/1/open")
    assert "0900000009" in await officer.page("/desk/waiting")
    await officer.send("/desk/waiting/1/answered")
    assert "Không có ai đang chờ" in await officer.page("/desk/waiting")
    assert [(a, s) for _o, a, s in house.audited()][:2] == [("answered", "ticket:1"), ("opened", "ticket:1")]


async def test_the_audit_tells_an_officer_of_themselves_and_an_admin_of_all(house, officer):
    number = house.lead(1)
    await officer.send(f"/desk/people/{number}/open")
    admin = await house.signed_in(house.hire("Quản trị", "admin", ()))
    assert "xem đủ thông tin" in (page := await admin.page("/desk/audit"))
    assert "Cán bộ ví dụ" in page
    colleague = await house.signed_in(house.hire("Người khác"))
    assert "xem đủ thông tin" not in await colleague.page("/desk/audit")
