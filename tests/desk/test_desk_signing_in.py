"""Getting in: links, codes, letters, sessions; and not getting in."""

import re

import pytest
from desk.desk_stage import HERE

from bot.desk import guard
from bot.desk.sessions import plain_code
from bot.model import Contact

ZALO = Contact("zalo_oa", "oa", "officer-1")


async def test_a_link_lets_in_once(house):
    number = house.hire()
    token = house.token(number)
    browser = house.browser()
    page = await (await browser.get(f"/desk/sign-in/{token}")).text()
    assert "Vào bàn làm việc" in page
    assert (await browser.get(f"/desk/sign-in/{token}")).status == 200  # looking at it does not use it up
    entered = await browser.post(f"/desk/sign-in/{token}")
    assert (entered.status, entered.headers["Location"]) == (303, "/desk")
    cookie = entered.cookies[guard.COOKIE]
    assert cookie["httponly"]
    assert cookie["path"] == "/desk"
    assert cookie["samesite"] == "Lax"
    assert not cookie["max-age"]  # a shared machine: gone with the browser
    assert "Hôm nay" in await browser.page("/desk")
    assert (await house.browser().post(f"/desk/sign-in/{token}")).status == 410
    assert (await house.browser().get(f"/desk/sign-in/{token}")).status == 410


async def test_an_answer_that_was_lost_is_given_again_to_the_same_browser_alone(house):
    """The power went between the commit and the answer: the session stands, its cookie never came."""
    token = house.token(house.hire())
    path, browser, other = f"/desk/sign-in/{token}", house.browser(), house.browser()
    await other.get(path)  # was shown the page, too: a mark of its own
    await browser.get(path)
    first = (await browser.post(path, own="1")).cookies[guard.COOKIE]
    browser.client.session.cookie_jar.clear(lambda cookie: cookie.key == guard.COOKIE)
    assert (await browser.get("/desk")).status == 303, "not signed in"
    for late in (house.browser(), other):
        assert ((await late.post(path)).status, (await late.get(path)).status) == (410, 410)
    assert "Vào bàn làm việc" in await browser.page(path)
    again = (await browser.post(path)).cookies[guard.COOKIE]
    assert again.value == first.value, "no second session"
    assert again["max-age"], "as it was asked for"
    assert "Hôm nay" in await browser.page("/desk")
    assert [act for _o, act, _s in house.audited()] == ["signed_in"]
    house.later(minutes=3)
    assert ((await browser.post(path)).status, (await browser.get(path)).status) == (410, 410)


async def test_a_session_that_was_ended_is_not_given_again(house):
    path, browser = f"/desk/sign-in/{house.token(house.hire())}", house.browser()
    await browser.get(path)
    await browser.post(path)
    await browser.send("/desk/sign-out")
    assert (await browser.post(path)).status == 410


async def test_a_late_link_and_one_of_somebody_who_left_let_nobody_in(house):
    number = house.hire()
    late, kept = house.token(number, minutes=10), house.token(number)
    house.later(minutes=11)
    assert (await house.browser().post(f"/desk/sign-in/{late}")).status == 410
    browser = await house.signed_in(number)
    with house.store.desk() as desk:
        desk.officers.end(number, house.clock[0])
    assert (await house.browser().post(f"/desk/sign-in/{kept}")).status == 410
    assert (await browser.get("/desk")).headers["Location"] == "/desk/sign-in"


async def test_a_thousand_tries_let_nobody_in_and_shut_nobody_out(house):
    house.desk.guard._sign_ins = guard.Buckets(30, 3600)
    number = house.hire()
    token = house.token(number)
    browser, statuses = house.browser(), []
    for n in range(1000):
        guess = token[:-1] + chr(97 + n % 26) if n % 2 else f"guess-{n}"
        if guess != token:
            statuses.append((await browser.post(f"/desk/sign-in/{guess}")).status)
    assert set(statuses) == {410, 429}
    assert statuses.count(410) <= 40
    house.desk.guard._sign_ins = guard.Buckets(30, 3600)  # the officer comes from another address
    assert (await house.browser().post(f"/desk/sign-in/{token}")).status == 303


async def test_too_many_pages_from_one_address_are_told_to_wait(house, officer):
    house.desk.guard._pages = guard.Buckets(5, 60)
    answers = [await officer.get("/desk") for _ in range(7)]
    assert [a.status for a in answers] == [200] * 5 + [429] * 2
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert "chờ" in await answers[-1].text()


async def test_a_letter_brings_a_link_and_tells_nobody_whose_addresses_are_known(house):
    house.hire()
    known = await house.browser().post("/desk/sign-in", email="Officer@Example.org")
    unknown = await house.browser().post("/desk/sign-in", email="nobody@example.org")
    assert (known.status, known.headers["Location"]) == (unknown.status, unknown.headers["Location"])
    [(to, _subject, text)] = house.letters
    assert to == "officer@example.org"
    link = re.search(r"http://127\.0\.0\.1:8080(/desk/sign-in/\S+)", text)
    assert link
    assert (await house.browser().post(link[1])).status == 303
    for _ in range(5):
        await house.browser().post("/desk/sign-in", email="officer@example.org")
    assert len(house.letters) == 3  # an hour: nobody's mailbox is flooded


async def test_a_code_links_a_chat_and_the_chat_gives_links(house, officer):
    assert not any("sign-in" in text for text in house.says("bàn làm việc", ZALO))
    shown = await (await officer.send("/desk/account/code")).text()
    code = re.search(r"BLV-\w{4}-\w{4}", shown)
    assert code
    [told] = house.says(code[0].lower().replace("-", " "), ZALO)
    assert "Đã nối" in told
    [unknown] = house.says(code[0], Contact("zalo_oa", "oa", "somebody-else"))
    assert "không đúng hoặc đã hết hạn" in unknown
    [given] = house.says("ban lam viec", ZALO)
    path = re.search(r"/desk/sign-in/\S+", given)
    assert path
    house.later(minutes=9)
    assert (await house.browser().post(path[0])).status == 303
    assert "Zalo" in await officer.page("/desk/account")
    unlink = re.search(r"/desk/account/chats/\d+/unlink", await officer.page("/desk/account"))
    assert unlink
    await officer.send(unlink[0])
    assert not any("sign-in" in text for text in house.says("bàn làm việc", ZALO))


async def test_a_code_is_late_after_ten_minutes_and_on_a_shared_page_the_link_ends_with_the_day(house, officer):
    shown = await (await officer.send("/desk/account/code")).text()
    code = re.search(r"BLV-\w{4}-\w{4}", shown)[0]
    house.later(minutes=11)
    assert "hết hạn" in house.says(code, ZALO)[0]
    shown = await (await officer.send("/desk/account/code")).text()
    web = Contact("web", "", "c" * 32)
    assert "8 giờ" in house.says(re.search(r"BLV-\w{4}-\w{4}", shown)[0], web)[0]
    assert "/desk/sign-in/" in house.says("bàn làm việc", web)[0]
    house.later(hours=9)
    assert "/desk/sign-in/" not in house.says("bàn làm việc", web)[0]


@pytest.mark.parametrize("text", ["BLV", "BLV-7KQ4", "blv 7kq4 me9b1", "BLV-0000-0000", "học nghề", ""])
def test_what_is_no_code_is_none(text):
    assert plain_code(text) == ""


async def test_sessions_are_seen_and_ended(house, officer):
    number = 1
    other = await house.signed_in(number)
    page = await officer.page("/desk/account")
    assert page.count("/end") >= 1
    ends = re.findall(r"/desk/account/sessions/(\d+)/end", page)
    assert len(ends) == 1
    assert (await officer.send(f"/desk/account/sessions/{ends[0]}/end")).status == 303
    assert (await other.get("/desk")).status == 303
    third = await house.signed_in(number)
    await officer.send("/desk/account/sessions/end-others")
    assert (await third.get("/desk")).status == 303
    assert (await officer.get("/desk")).status == 200
    await officer.send("/desk/sign-out")
    assert (await officer.get("/desk")).headers["Location"] == "/desk/sign-in"


async def test_a_session_ends_by_itself_and_one_on_an_own_machine_later(house):
    number = house.hire()
    shared, own = await house.signed_in(number), await house.signed_in(number, own=True)
    house.later(hours=3)
    assert (await shared.get("/desk")).status == 200  # used: it lasts four hours from now
    house.later(hours=3)
    assert (await shared.get("/desk")).status == 200
    house.later(hours=5)
    assert (await shared.get("/desk")).status == 303
    assert (await own.get("/desk")).status == 200
    house.later(days=15)
    assert (await own.get("/desk")).status == 303


async def test_nothing_that_lets_in_stands_in_the_database(house, officer):
    token = house.token(1)
    cookie = next(c.value for c in officer.client.session.cookie_jar if c.key == guard.COOKIE)
    raw = b"".join(p.read_bytes() for p in _files(house))
    assert token.encode() not in raw
    assert cookie.encode() not in raw
    assert "Cán bộ ví dụ".encode() not in raw
    assert b"officer@example.org" not in raw


def _files(house):
    from pathlib import Path

    path = Path(house.store.engine.url.database)
    return [p for p in path.parent.iterdir() if p.name.startswith(path.name)]


async def test_an_admin_adds_officers_gives_links_and_ends_access(house):
    admin = await house.signed_in(house.hire("Quản trị ví dụ", "admin", ()))
    added = await admin.send("/desk/officers", name="Cán bộ mới", role="officer", places=HERE)
    path = re.search(r"/desk/sign-in/\S+?(?=<)", await added.text())
    assert path
    new = house.browser()
    assert (await new.post(path[0])).status == 303
    assert (await new.get("/desk")).status == 200
    again = await (await admin.send("/desk/officers/2/link")).text()
    assert "/desk/sign-in/" in again
    await admin.send("/desk/officers/2/end")
    assert (await new.get("/desk")).status == 303
    assert (await admin.send("/desk/officers/1/end")).status == 400
    assert (await admin.send("/desk/officers", name="X", role="officer", places="00000")).status == 400
    assert (await admin.send("/desk/officers", name="X", role="king", places=HERE)).status == 400


async def test_a_linked_chat_is_told_of_new_registrations_when_the_officer_wants_it(house, officer):
    code = re.search(r"BLV-\w{4}-\w{4}", await (await officer.send("/desk/account/code")).text())[0]
    house.says(code, ZALO)
    assert "Báo vào chat này" in await officer.page("/desk/account")

    def told():
        with house.store.people() as unit:
            return [(n.commune, n.every) for n in unit.notices.of(1)]

    for every in ("each", "day"):
        await officer.send("/desk/account/chats/1/notices", every=every)
        assert told() == [(HERE, every)]
    assert '<option value="day" selected' in await officer.page("/desk/account")
    stranger = await house.signed_in(house.hire("Người khác"))
    assert (await stranger.send("/desk/account/chats/1/notices", every="")).status == 404
    await officer.send("/desk/account/chats/1/notices", every="")
    assert told() == []
    await officer.send("/desk/account/chats/1/notices", every="each")
    await officer.send("/desk/account/chats/1/unlink")
    assert told() == [], "a chat that is linked no more is told nothing"


async def test_a_shared_screen_is_told_nothing(house, officer):
    code = re.search(r"BLV-\w{4}-\w{4}", await (await officer.send("/desk/account/code")).text())[0]
    house.says(code, Contact("web", "", "w" * 32))
    assert "Báo vào chat này" not in await officer.page("/desk/account")
    assert (await officer.send("/desk/account/chats/1/notices", every="each")).status == 404
