"""The inbox's pages: what is shown to whom and when, what is written down, what a press does twice."""

import re

from desk.desk_stage import FAR, HERE, PROVINCE

from bot.effects import ConsentGiven, OfficerAsked
from bot.model import Contact

PERSON = Contact("zalo_oa", "oa", "somebody")


def asks(house, text="bao giờ có lớp, gọi 0900000009", *, agreed=True, commune=HERE, reason="asked"):
    house.says("học nấu ăn được bao nhiêu tiền", PERSON)
    house.later(minutes=1)
    with house.store.transaction() as unit:
        contact = unit.lock(PERSON, house.clock[0])
        if agreed:
            unit.apply(contact, ConsentGiven("officer", given=True, text_version="test"), house.clock[0])
        unit.apply(contact, OfficerAsked(reason, text, commune, "0900000009"), house.clock[0])


async def test_the_talk_is_shown_once_it_was_opened_or_taken_and_that_is_written_down(house, officer):
    asks(house)
    closed = await officer.page("/desk/waiting/1")
    assert "bao giờ có lớp" in closed
    assert "học nấu ăn được bao nhiêu tiền" not in closed
    assert "0900***009" in closed
    await officer.send("/desk/waiting/1/open")
    opened = await officer.page("/desk/waiting/1")
    assert "học nấu ăn được bao nhiêu tiền" in opened
    assert "tel:0900000009" in opened
    house.later(minutes=20)
    assert "tel:0900000009" not in await officer.page("/desk/waiting/1")
    await officer.send("/desk/waiting/1/take")
    assert "tel:0900000009" in await officer.page("/desk/waiting/1")
    assert [(a, s) for _o, a, s in house.audited()][:2] == [("taken", "ticket:1"), ("opened", "ticket:1")]


async def test_without_their_agreement_what_was_said_before_is_nobodys(house, officer):
    asks(house, agreed=False, reason="limit_phone")
    house.later(minutes=1)
    await officer.send("/desk/waiting/1/take")
    house.says("sau đó tôi nhắn", PERSON)
    page = await officer.page("/desk/waiting/1")
    assert "học nấu ăn được bao nhiêu tiền" not in page
    assert "sau đó tôi nhắn" in page


async def test_a_press_twice_sends_once_and_an_old_window_sends_nothing(house, officer):
    asks(house)
    once = re.search(r'name="once" value="(\w+)"', await officer.page("/desk/waiting/1"))[1]
    for _ in range(2):
        answer = await officer.send(
            "/desk/waiting/1/reply", text="Thứ Hai có lớp.\r\n" + "Chị nhớ đến. " * 40, once=once
        )
        assert answer.headers["Location"].endswith("said=replied#thread-title")
    with house.store.transaction() as unit:
        said = [m.reply.text for m in unit.messages(PERSON) if m.reply and "Thứ Hai có lớp." in m.reply.text]
    assert len(said) == 1
    assert (await officer.send("/desk/waiting/1/reply", text="  ")).headers["Location"].endswith("said=talk_empty")
    long = await officer.send("/desk/waiting/1/reply", text="x" * 2000)
    assert long.headers["Location"].endswith("said=talk_long")
    house.later(days=8)
    officer = await house.signed_in(house.hire())
    refused = await officer.send("/desk/waiting/1/reply", text="Còn đó không?")
    assert refused.headers["Location"].endswith("said=not_sent")
    page = await officer.page("/desk/waiting/1")
    assert "đã quá 7 ngày" in page
    assert "<textarea" not in page


async def test_a_colleague_is_told_who_has_it(house, officer):
    asks(house)
    colleague = await house.signed_in(house.hire("Cán bộ thứ hai"))
    await officer.send("/desk/waiting/1/take")
    for path, fields in (("take", {}), ("reply", {"text": "x"}), ("answered", {})):
        answer = await colleague.send(f"/desk/waiting/1/{path}", **fields)
        assert answer.headers["Location"].endswith("said=others")
    page = await colleague.page("/desk/waiting/1")
    assert "Cán bộ ví dụ đang trả lời" in page
    assert "<textarea" not in page
    assert "Cán bộ ví dụ đang trả lời" in await colleague.page("/desk/waiting")
    assert [a for _o, a, _s in house.audited()].count("taken") == 1


async def test_a_coordinator_may_take_what_waits_but_edits_no_replies(house):
    asks(house)
    coordinator = await house.signed_in(house.hire(role="coordinator", places=(PROVINCE,)))
    assert (await coordinator.send("/desk/waiting/1/take")).headers["Location"].endswith("said=taken#thread-title")
    assert (await coordinator.get("/desk/replies")).status == 403


async def test_saved_replies_are_the_communes_own(house, officer):
    bad = await officer.send("/desk/replies", title="", text="x", commune=HERE)
    assert bad.status == 400
    assert (await officer.send("/desk/replies", title="Giờ", text="7 giờ 30", commune=FAR)).status == 400
    await officer.send("/desk/replies", title="Giờ", text="7 giờ 30 <b>", commune=HERE)
    assert "7 giờ 30 &lt;b&gt;" in await officer.page("/desk/replies")
    stranger = await house.signed_in(house.hire(places=(FAR,)))
    assert "7 giờ 30" not in await stranger.page("/desk/replies")
    changed = await stranger.send("/desk/replies", id="1", title="Giờ", text="x", commune=FAR)
    assert changed.status == 404
    assert (await stranger.send("/desk/replies/1/drop")).status == 404
    asks(house)
    await officer.send("/desk/waiting/1/take")
    assert "7 giờ 30 &lt;b&gt;</textarea>" in await officer.page("/desk/waiting/1?saved=1")
    await officer.send("/desk/replies/1/drop")
    assert "Chưa có câu nào" in await officer.page("/desk/replies")


async def test_what_is_new_is_a_number_and_needs_the_commune(house, officer):
    asks(house)
    found = await (await officer.get("/desk/waiting/1/news")).json()
    assert found["last"] > 0
    stranger = await house.signed_in(house.hire(places=(FAR,)))
    assert (await stranger.get("/desk/waiting/1/news")).status == 404
