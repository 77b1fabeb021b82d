"""The page, its files, the greeting that opens a new talk."""

import re

import pytest
from channels.web_stage import running

from bot.channels.web import assets
from bot.i18n import catalogue as texts

WEIGHT = 60 * 1024


async def test_every_answer_carries_the_security_headers(browser):
    script = next(a for a in assets.by_name() if a.startswith("chat.") and a.endswith(".js"))
    paths = ("/", "/chat/history", "/chat/events", f"/static/chat/{script}", "/static/chat/none.js")
    for path in paths:
        response = await browser.client.get(path)
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "geolocation=()" in response.headers["Permissions-Policy"]
        response.close()
    refused = await browser.post({})
    assert "Content-Security-Policy" in refused.headers


async def test_the_page_is_light_and_asks_nobody_else(browser):
    page = await (await browser.client.get("/")).text()
    files = re.findall(r'(?:src|href)="(/[^"]+)"', page)
    weight = len(page.encode())
    for path in files:
        response = await browser.client.get(path)
        assert response.status == 200
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        body = await response.read()
        assert b"innerHTML" not in body
        assert not re.search(rb"\?\.|\?\?|catch \{|\.\.\.|replaceChildren|structuredClone", body), (
            "newer than Chrome 60"
        )
        weight += len(body)
    assert len(files) == 5
    assert weight <= WEIGHT
    assert not re.findall(r"(?:src|href)=\"(?:https?:)?//", page)
    assert not re.search(r"<script(?![^>]*(?:src=|application/json))|\son\w+=|style=", page)


async def test_a_file_is_packed_for_browsers_that_unpack(browser):
    style = next(a for a in assets.by_name().values() if a.kind == "css")
    packed = await browser.client.get(f"/static/chat/{style.name}", headers={"Accept-Encoding": "gzip"})
    plain = await browser.client.get(f"/static/chat/{style.name}", headers={"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert await packed.read() == await plain.read() == style.body


async def test_a_file_that_is_not_there_is_404(browser):
    response = await browser.client.get("/static/chat/..%2f..%2fchat.py")
    assert response.status == 404


async def test_the_page_speaks_vietnamese_unless_asked(browser):
    page = await (await browser.client.get("/?lang=xx")).text()
    assert '<html lang="vi"' in page
    assert "Máy trả lời tự động" in page
    english = await (await browser.client.get("/?lang=en")).text()
    assert "Automatic assistant" in english
    assert "Automatic assistant" in await (await browser.client.get("/")).text()


async def test_the_page_says_that_it_is_a_demonstration_only_when_it_is(house, browser, understanding, catalogue):
    assert "Bản xem thử" not in await (await browser.client.get("/")).text()
    async with running(understanding, catalogue, demo=True) as showing, showing.browser() as visitor:
        assert "Bản xem thử: dữ liệu ví dụ" in await (await visitor.client.get("/")).text()


async def test_the_page_without_script_says_what_to_do(browser):
    page = await (await browser.client.get("/")).text()
    assert re.search(r"<noscript>.*Phòng Văn hóa – Xã hội.*</noscript>", page)


@pytest.mark.parametrize("secure", [True, False])
async def test_the_cookie_is_secure_where_the_page_is(understanding, catalogue, secure):
    async with running(understanding, catalogue, secure_cookies=secure) as house, house.browser() as browser:
        response = await browser.client.get("/")
        assert ("; Secure" in response.headers["Set-Cookie"]) is secure


async def test_a_cookie_that_we_did_not_make_is_replaced(house):
    async with house.browser("me") as browser:
        await browser.client.get("/")
        assert len(browser.cookie) == 32


async def test_a_reload_does_not_greet_twice(house, browser):
    opening = (await browser.history())["greeting"]
    assert (await browser.history())["greeting"] == opening
    assert (await browser.post(opening)).status == 202
    assert (await browser.post(opening)).status == 200
    talk = await browser.history()
    assert "greeting" not in talk
    assert len(talk["messages"]) == 1
    assert "Em là trợ lý tự động" in talk["messages"][0]["text"]


async def test_a_new_sitting_is_greeted_anew(house, browser):
    first = (await browser.history())["greeting"]
    await browser.post(first)
    for pause in ({"minutes": 31}, {"hours": 20}, {"days": 2}):
        house.later(**pause)
        again = (await browser.history())["greeting"]
        assert again["id"] != first["id"]
        assert (await browser.post(again)).status == 202
        first = again


async def test_opening_the_page_keeps_nothing(house, browser):
    await browser.client.get("/")
    await browser.history()
    with house.store.transaction() as unit:
        assert unit.counts()["contacts"] == 0


def test_every_text_of_the_page_stands_in_both_languages():
    assert {k for k in texts("vi") if k.startswith("web.")} == {k for k in texts("en") if k.startswith("web.")}
