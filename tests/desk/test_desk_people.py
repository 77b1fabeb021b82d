"""The list and one registration: search, filters, states, opening, calls, merging, people who come in person."""

import re

from desk.desk_stage import FAR, HERE, NEAR
from store.factories import consent, lead

from bot.effects import Applicant, LeadDetailed, LeadWithdrawn
from bot.model import Contact


def listed(text):
    return list(dict.fromkeys(int(n) for n in re.findall(r'href="/desk/people/(\d+)"', text)))


async def found(officer, query):
    return listed(await officer.page(f"/desk/people?q={query}"))


async def test_names_and_phones_are_found_by_their_parts_without_tone_marks(house, officer):
    names = ("Nguyễn Thị Hồng Mẫu", "Đặng Văn Thử", "Hoàng Thị Ví Dụ")
    first, second, third = (house.lead(n, full_name=name, phone=f"090000011{n}") for n, name in enumerate(names, 1))
    assert await found(officer, "nguyen") == [first]
    assert await found(officer, "Đặng") == await found(officer, "dang v") == [second]
    assert await found(officer, "mau+hong") == [first]
    assert await found(officer, "thi+h") == [third, first]
    assert await found(officer, "ho") == [third, first]  # beginnings: hồng, hoàng
    assert await found(officer, "ong") == []  # not the middle of a word
    assert await found(officer, "0900000112") == await found(officer, "%2B84900000112") == [second]
    assert await found(officer, "0900+000+112") == await found(officer, "112") == [second]
    assert await found(officer, "0900") == [third, second, first]
    assert await found(officer, "12") == []  # too short to look for
    receipt = re.search(r"HN-\w{6}", await officer.page(f"/desk/people/{third}"))[0]
    assert await found(officer, receipt.lower()) == [third]


async def test_no_name_is_opened_to_search_and_no_word_of_it_stands_in_the_database(house, officer, monkeypatch):
    lead = house.lead(1, full_name="Lò Thị Mẫu")
    for n in range(2, 5):
        house.lead(n, full_name="Trần Văn Thử")
    opened = []
    cipher = house.store._cipher
    real = type(cipher).open

    def watched(self, sealed, label):
        opened.append(label)
        return real(self, sealed, label)

    monkeypatch.setattr(type(cipher), "open", watched)
    assert await found(officer, "mau") == [lead]
    assert opened.count("person.full_name") == 1  # the one row that is shown
    with house.store.engine.begin() as db:
        words = [bytes(r[0]) for r in db.exec_driver_sql("SELECT word FROM search_words")]
    assert all(len(w) == 8 for w in words)
    assert not any(b"mau" in w for w in words)


async def test_the_words_follow_a_correction_and_go_with_the_person(house, officer):
    me = Contact("zalo_oa", "oa", "me")
    who = Applicant("Lò Thị Mẫu", 1981, "0900000001", "", HERE, "Bản Mẫu")
    now = house.clock[0]
    with house.store.transaction() as unit:
        contact = unit.lock(me, now)
        unit.apply(contact, lead("HN-AAAAAA", who, trade="cooking"), now)
    assert await found(officer, "mau") == [1]
    with house.store.transaction() as unit:
        other = Applicant("Lò Thị Thử", 1981, "0900000002", "", HERE, "Bản Mẫu")
        unit.apply(contact, lead("HN-AAAAAA", other, trade="cooking"), now)
    assert await found(officer, "mau") == []
    assert await found(officer, "thu") == await found(officer, "0002") == [1]
    assert "Không có ai" in await officer.page("/desk/people?q=0900000001")
    from bot.effects import PersonErased

    with house.store.transaction() as unit:
        unit.apply(contact, PersonErased(), now)
        assert unit.counts()["search_words"] == 0


async def test_people_from_before_there_were_search_words_get_theirs(house, officer):
    number = house.lead(1, full_name="Lò Thị Mẫu", group="poor")
    with house.store.engine.begin() as db:
        db.exec_driver_sql("DELETE FROM search_words")
        db.exec_driver_sql("UPDATE leads SET group_digest = ''")
    assert await found(officer, "mau") == []
    assert house.store.index_people() == 1
    assert house.store.index_people() == 0
    assert await found(officer, "mau") == [number]
    assert listed(await officer.page("/desk/people?group=poor")) == [number]


async def test_each_filter_keeps_its_own(house):
    house.hire(places=(HERE, NEAR))
    a = house.lead(1, trade="cooking", group="poor", hamlet="Bản Một", course="vi-du-2")
    house.later(days=40)
    b = house.lead(2, NEAR, trade="pig_raising", group="ethnic", hamlet="Bản Hai")
    house.lead(3, FAR)
    officer = await house.signed_in(1)
    expected = {"trade=cooking": [a], "group=ethnic": [b], "course=vi-du-2": [a], "time=30": [b]}
    expected |= {f"commune={NEAR}": [b], "state=contacted": [b, a], "state=new": [], "": [b, a], f"commune={FAR}": []}
    for query, numbers in expected.items():
        assert listed(await officer.page(f"/desk/people?{query}")) == numbers, query
    page = await officer.page(f"/desk/people?commune={HERE}")
    hamlet = re.search(r'<option value="(\w{32})">Bản Một', page)[1]
    assert listed(await officer.page(f"/desk/people?commune={HERE}&hamlet={hamlet}")) == [a]


async def test_a_list_shows_masked_names_and_opening_one_is_written_down(house, officer):
    number = house.lead(1, full_name="Lò Thị Mẫu", phone="0900000001", group="poor", guardian_name="Lò Văn Mẫu")
    for at in ("/desk/people", f"/desk/people/{number}"):
        text = await officer.page(at)
        assert "L. T. Mẫu" in text
        assert "0900***001" in text
        assert not re.search("Lò Thị Mẫu|0900000001|Lò Văn Mẫu", text)
    assert "Hộ nghèo</dd>" not in await officer.page(f"/desk/people/{number}")
    assert (await officer.send(f"/desk/people/{number}/open")).status == 303
    text = await officer.page(f"/desk/people/{number}")
    assert "Lò Thị Mẫu" in text
    assert 'href="tel:0900000001"' in text
    assert "Hộ nghèo</dd>" in text
    assert (1, "opened", f"lead:{number}") in house.audited()
    colleague = await house.signed_in(house.hire("Người khác"))
    assert "Lò Thị Mẫu" not in await colleague.page(f"/desk/people/{number}")
    house.later(minutes=16)
    assert "Lò Thị Mẫu" not in await officer.page(f"/desk/people/{number}")


async def test_states_change_by_one_button_and_for_many(house, officer):
    numbers = [house.lead(n) for n in (1, 2, 3)]
    done = await officer.send("/desk/people", one=f"{numbers[0]}:confirmed", back="state=contacted")
    assert done.headers["Location"] == "/desk/people?state=contacted&said=state&n=1"
    ticked = [("id", str(n)) for n in numbers]
    await officer.send("/desk/people", *ticked, state="withdrawn")
    assert listed(await officer.page("/desk/people?state=withdrawn")) == numbers[::-1]
    page = await officer.page(f"/desk/people/{numbers[0]}")
    assert re.search(r"hủy \(Cán bộ ví dụ\)", page)
    nothing = await officer.send("/desk/people", state="withdrawn")
    assert "nothing_chosen" in nothing.headers["Location"]
    assert [a for _o, a, _s in house.audited()].count("state") == 4


async def test_many_at_once_are_all_or_none(house, officer):
    mine, other = house.lead(1), house.lead(2, FAR)
    answer = await officer.send("/desk/people", ("id", str(mine)), ("id", str(other)), state="withdrawn")
    assert answer.status == 404
    assert listed(await officer.page("/desk/people?state=withdrawn")) == []


async def test_calls_and_notes_are_kept_and_come_back_on_their_day(house, officer):
    number = house.lead(1)
    note = "Bận đi rẫy"
    await officer.send(f"/desk/people/{number}/call", outcome="reached", text=note, again="30/11/2026")
    await officer.send(f"/desk/people/{number}/note", text="Nhà xa, cần xe")
    page = await officer.page(f"/desk/people/{number}")
    assert note in page
    assert "hẹn gọi lại 30/11/2026" in page
    assert "Nhà xa, cần xe" in page
    assert listed(await officer.page("/desk/people?due=1")) == []
    house.later(days=7)
    officer = await house.signed_in(1)
    assert "Gọi lại 1 người đã hẹn" in await officer.page("/desk")
    assert listed(await officer.page("/desk/people?due=1")) == [number]
    await officer.send(f"/desk/people/{number}/call", outcome="no_answer", text="")
    assert listed(await officer.page("/desk/people?due=1")) == []
    assert (await officer.send(f"/desk/people/{number}/call", outcome="reached", again="31/2/2027")).status == 400
    raw = b"".join(p.read_bytes() for p in sorted(_folder(house).glob("desk.sqlite3*")))
    assert note.encode() not in raw


def _folder(house):
    from pathlib import Path

    return Path(house.store.engine.url.database).parent


async def test_likely_duplicates_are_offered_and_merged_without_loss(house, officer):
    kept = house.lead(1, full_name="Lò Thị Mẫu", phone="", told_by="chị gái", birth_year=1981, trade="cooking")
    gone = house.lead(2, full_name="lo thi mau", phone="0900000002", birth_year=1981, trade="cooking")
    third = house.lead(3, full_name="Lò Thị Mẫu", phone="0900000003", birth_year=1990)
    await officer.send(f"/desk/people/{gone}/note", text="ghi ở người trùng")
    page = await officer.page(f"/desk/people/{kept}")
    assert "Có thể là cùng một người" in page
    assert f'name="other" value="{gone}"' in page
    assert f'name="other" value="{third}"' not in page
    assert (await officer.send(f"/desk/people/{kept}/merge", other=str(gone))).status == 303
    await officer.send(f"/desk/people/{kept}/open")
    page = await officer.page(f"/desk/people/{kept}")
    assert "Có thể là cùng một người" not in page
    assert "0900000002" in page  # the phone that was lacking
    assert f'href="/desk/people/{gone}"' in page
    other = await officer.page(f"/desk/people/{gone}")
    assert "ghi ở người trùng" in other
    assert "đã hủy" in other  # one open registration a trade
    assert await found(officer, "0900000002") == [gone, kept]
    with house.store.transaction() as unit:
        assert unit.counts()["people"] == 2


async def test_a_contacts_own_registration_is_kept_by_the_merge(house, officer):
    me, now = Contact("zalo_oa", "oa", "me"), house.clock[0]
    with house.store.transaction() as unit:
        contact = unit.lock(me, now)
        mine = Applicant("Lò Thị Mẫu", 1981, "0900000001", "", HERE, "Bản Mẫu")
        unit.apply(contact, lead("HN-AAAAAA", mine, trade="cooking"), now)
        unit.apply(contact, consent("list", receipt="HN-AAAAAA"), now)
    entered = house.lead(1, full_name="Lò Thị Mẫu", birth_year=1981, phone="0900000001", trade="pig_raising")
    await officer.send(f"/desk/people/{entered}/merge", other="1")
    with house.store.transaction() as unit:
        assert {v.trade for v in unit.leads_of(contact)} == {"cooking", "pig_raising"}
        unit.apply(contact, LeadWithdrawn("HN-AAAAAA"), now)
        unit.apply(contact, LeadDetailed("HN-AAAAAA", {"target_group": "poor"}), now)
    assert listed(await officer.page("/desk/people?state=withdrawn")) == [1]
    assert listed(await officer.page("/desk/people?group=poor")) == [1]


PERSON = {
    "full_name": "Lò Thị Mẫu",
    "born": "1981",
    "phone": "+84 900 000 001",
    "hamlet": "Bản Mẫu",
    "trade": "cooking",
    "consent_list": "1",
    "consent_forward": "1",
}


async def test_a_person_who_came_to_the_office_is_entered_with_their_consent(house, officer):
    done = await officer.send("/desk/people/new", **PERSON, course="vi-du-2", group="poor")
    assert done.status == 303
    page = await officer.page(done.headers["Location"].partition("?")[0])
    for told in ("Lò Thị Mẫu", "0900000001", "đã xác minh", "Hộ nghèo", "Nấu ăn, chế biến món ăn (lớp ví dụ)"):
        assert told in page
    assert re.search(r"nhắn tin khi có lớp: <strong>không</strong>", page)
    assert re.search(r"gửi tên cho nơi dạy nghề: <strong>có</strong>", page)
    with house.store.transaction() as unit:
        [record] = unit.leads(HERE)
    assert record.forward


async def test_what_is_wrong_in_the_form_is_told_at_its_field_and_nothing_typed_is_lost(house, officer):
    wrong = [
        ({"full_name": "Mẫu"}, "đủ họ và tên"),
        ({"born": "2015"}, "Dưới 15 tuổi"),
        ({"born": "81"}, "năm sinh có 4 số"),
        ({"born": "2010"}, "Dưới 18 tuổi: ghi tên bố mẹ"),
        ({"phone": "12345"}, "bắt đầu bằng 0"),
        ({"phone": ""}, "hoặc ghi báo qua ai"),
        ({"trade": ""}, "Chọn nghề"),
        ({"trade": "other"}, "Chọn nghề"),
        ({"consent_list": ""}, "Chưa đồng ý"),
        ({"group": "ethnic"}, "được đồng ý riêng"),
    ]
    for change, told in wrong:
        answer = await officer.send("/desk/people/new", **(PERSON | change))
        text = await answer.text()
        assert answer.status == 400, change
        assert told in text, change
        assert 'aria-invalid="true"' in text
        assert 'value="Bản Mẫu"' in text
    assert listed(await officer.page("/desk/people")) == []
    minor = {"born": "5/3/2010", "guardian_name": "Lò Văn Mẫu", "consent_guardian": "1"}
    assert (await officer.send("/desk/people/new", **(PERSON | minor))).status == 303
    other = {"born": "1990", "trade": "other", "trade_text": "Đan lát"}
    assert (await officer.send("/desk/people/new", **(PERSON | other))).status == 303
    assert "Đan lát" in await officer.page("/desk/people")
