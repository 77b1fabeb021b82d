"""POST /chat/messages: what is taken, what is refused, nothing twice."""

import asyncio
import json

import pytest
from channels.web_stage import WIDE, new_id, running
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.web.reading import BODY_LIMIT, MOST_TEXT, said
from bot.channels.web.refusals import Refused

JSON = {"Content-Type": "application/json"}


async def test_a_message_is_taken_and_answered(browser):
    response = await browser.post({"id": new_id(), "text": "tôi muốn học nghề"})
    assert response.status == 202
    [reply] = (await response.json())["replies"]
    assert reply["text"]
    assert reply["choices"]


async def test_the_same_id_again_is_200_and_nothing_happens_twice(house, browser):
    message_id = new_id()
    first = await browser.post({"id": message_id, "text": "xin chào"})
    kept = house.messages(browser.cookie)
    second = await browser.post({"id": message_id.upper(), "text": "xin chào"})
    assert (first.status, second.status) == (202, 200)
    assert (await first.json())["replies"] == (await second.json())["replies"]
    assert house.messages(browser.cookie) == kept


async def test_the_same_id_at_the_same_moment_is_taken_once(house, browser):
    await browser.say("xin chào")
    message_id = new_id()
    answers = await asyncio.gather(*(browser.post({"id": message_id, "text": "học nghề gì?"}) for _ in range(4)))
    assert sorted(a.status for a in answers) == [200, 200, 200, 202]
    assert len([m for m in house.messages(browser.cookie) if m.update_id == message_id and not m.reply]) == 1


async def test_a_number_typed_is_the_choice_shown(browser):
    await browser.tap("topic:documents")  # the first answer of a day alone asks whether it was useful
    offered = await browser.tap("act:greeting")
    tapped = await browser.tap(offered["replies"][0]["choices"][1]["value"])
    await browser.tap("act:greeting")
    typed = await browser.say("2")
    assert typed["replies"][0]["text"] == tapped["replies"][0]["text"]


async def test_a_tap_is_kept_as_the_words_on_the_button(browser):
    offered = await browser.tap("act:greeting")
    choice = offered["replies"][0]["choices"][1]
    await browser.tap(choice["value"])
    assert (await browser.history())["messages"][1]["text"] == choice["label"]


async def test_messages_of_one_browser_are_answered_in_the_order_they_came(house, browser):
    await browser.say("xin chào")
    ids = [new_id() for _ in range(5)]
    posts = []
    for message_id in ids:
        posts.append(asyncio.ensure_future(browser.post({"id": message_id, "text": "cảm ơn"})))
        await asyncio.sleep(0.02)
    await asyncio.gather(*posts)
    order = [m.update_id for m in house.messages(browser.cookie) if m.reply is None and m.update_id in ids]
    assert order == ids


BAD = {
    "no JSON": b"{",
    "nothing": b"",
    "no object": b"[1]",
    "a bare number": b"1",
    "not a number": b"NaN",
    "deep": b"[" * 50_000,
    "long number": b'{"id": ' + b"9" * 5_000 + b"}",
    "no UTF-8": b'{"id": "\xff"}',
    "UTF-16": '{"id": "x"}'.encode("utf-16"),
    "no id": b'{"text": "x"}',
    "id of another kind": b'{"id": 7, "text": "x"}',
    "id that is no UUID": b'{"id": "abc", "text": "x"}',
    "id in braces": b'{"id": "{00000000-0000-4000-8000-000000000000}", "text": "x"}',
}
BAD_WORDS = {
    "neither text nor choice": {},
    "both": {"text": "x", "choice": "menu:"},
    "empty": {"text": ""},
    "blanks": {"text": " \n\t "},
    "text of another kind": {"text": ["x"]},
    "choice of another kind": {"choice": {"value": "menu:"}},
    "long choice": {"choice": "x" * 201},
    "NUL": {"text": "a\0b"},
    "control character": {"text": "a\x1b[31mb"},
    "later control character": {"text": "a\x85b"},
    "control character in a choice": {"choice": "menu:\x00"},
    "lone surrogate": {"text": "a\ud800b"},
}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD)
async def test_a_body_that_cannot_be_read_is_refused_with_the_reason(browser, body):
    await refused(await browser.client.post("/chat/messages", data=body, headers=JSON), 400)


@pytest.mark.parametrize("words", BAD_WORDS.values(), ids=BAD_WORDS)
async def test_words_that_cannot_be_read_are_refused_with_the_reason(browser, words):
    await refused(await browser.post({"id": new_id(), **words}), 400)


async def test_a_body_of_another_type_is_refused(browser):
    body = json.dumps({"id": new_id(), "text": "x"})
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        response = await browser.client.post("/chat/messages", data=body, headers={"Content-Type": kind})
        await refused(response, 415)


async def test_more_than_a_hundred_kilobytes_are_refused(browser):
    await refused(await browser.post({"id": new_id(), "text": "á" * BODY_LIMIT}), 413)

    async def parts():
        for _ in range(40):
            yield b" " * 4096

    await refused(await browser.client.post("/chat/messages", data=parts(), headers=JSON), 413)


async def refused(response, status):
    assert response.status == status
    body = await response.json()
    assert set(body) == {"error", "message"}
    assert body["message"].endswith(("nhé.", "em.", "ạ."))


ODD = {
    "a long paste": "a " * 40_000,
    "only emoji": "😀👩🏽‍🌾🇻🇳",
    "right to left": "\u202eمرحبا\u202c học nghề",
    "decomposed": "to\u0302i muo\u0302\u0301n ho\u0323c nghe\u0302\u0300",
    "SQL": "'; DROP TABLE leads; --",
    "HTML": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "template": "{{ 7*7 }} {0} %s ${x}",
    "zero width": "h\u200bọc\u200d ngh\ufeffề",
    "lines": "tôi\nmuốn\r\nhọc\tnghề",
    "digits": "9" * 400,
    "other digits": "٣",
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
async def test_odd_words_get_a_normal_answer(browser, text):
    answer = await browser.say(text)
    assert answer["replies"][0]["text"]
    mine = (await browser.history())["messages"][0]["text"]
    assert mine == text[:MOST_TEXT]


ORIGINS = [
    ({"Sec-Fetch-Site": "cross-site"}, 403),
    ({"Sec-Fetch-Site": "same-site"}, 403),
    ({"Sec-Fetch-Site": "same-origin"}, 202),
    ({"Origin": "https://elsewhere.example"}, 403),
    ({"Origin": "null"}, 403),
    ({}, 202),
]


@pytest.mark.parametrize(("headers", "status"), ORIGINS)
async def test_another_sites_page_cannot_speak_for_the_person(browser, headers, status):
    response = await browser.post({"id": new_id(), "text": "xin chào"}, headers=headers)
    assert response.status == status


async def test_our_own_page_may_speak(house, browser):
    origin = str(house.server.make_url("/")).rstrip("/")
    response = await browser.post({"id": new_id(), "text": "xin chào"}, headers={"Origin": origin})
    assert response.status == 202


async def test_a_fault_of_ours_is_told_kindly_and_the_message_may_be_sent_again(house, browser, monkeypatch, capsys):
    message_id = new_id()
    with monkeypatch.context() as broken:
        broken.setattr(house.app, "handle", lambda incoming: 1 / 0)
        response = await browser.post({"id": message_id, "text": "số của tôi 0900000001"})
    assert response.status == 503
    assert response.headers["Retry-After"]
    assert "Traceback" not in await response.text()
    assert "0900000001" not in "".join(capsys.readouterr())
    assert (await browser.say("xin chào", message_id))["replies"]


async def test_english_is_kept_for_the_page(browser):
    answer = await browser.say("english")
    assert answer["language"] == "en"
    page = await (await browser.client.get("/")).text()
    assert '<html lang="en"' in page


async def test_a_browser_without_cookies_gets_one(browser):
    response = await browser.post({"id": new_id(), "text": "xin chào"})
    cookie = response.headers["Set-Cookie"]
    for part in ("HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=31536000"):
        assert part in cookie
    assert "Secure" not in cookie
    assert len(browser.cookie) == 32


# Letters that have broken programs before; a fixed alphabet, since all of Unicode takes seconds to set up.
LETTERS = "aăếĐ1٣ .:{<'\"\\\n\t\0\x1b\x85\u0301\u200b\u202e\ud800\udfff\uffff😀"
words = st.text(LETTERS, max_size=40)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=5,
)
KINDS = st.sampled_from(["menu:", "act:", "form:", "field:", "correct:", "command:", "course:", "topic:", "more:"])
bodies = st.fixed_dictionaries(
    {},
    optional={
        "id": st.uuids().map(str) | anything,
        "text": words | anything,
        "choice": st.tuples(KINDS, st.text("aeinorty_1é:", max_size=12)).map("".join) | anything,
    },
)


@settings(deadline=None)
@given(st.binary(max_size=200) | bodies.map(lambda b: json.dumps(b).encode()))
def test_any_bytes_are_read_or_refused(body):
    try:
        message = said(body)
    except Refused as refusal:
        status = refusal.status
    else:
        status = 200 if (message.choice is None) == bool(message.text) else 0
    assert status in (200, 400)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(bodies, min_size=1, max_size=8))
def test_no_body_ever_breaks_the_server(understanding, catalogue, messages):
    async def talk():
        async with running(understanding, catalogue, gate=WIDE) as house, house.browser() as browser:
            await browser.tap("form:registration")
            for body in messages:
                response = await browser.post(body)
                assert response.status in (200, 202, 400), (body, response.status)

    asyncio.run(talk())
