"""GET /chat/events: replies as they come, again after a lost connection, nothing lost."""

import asyncio

import pytest
from channels.web_stage import new_id, running

from bot.channels.web import Gate, events
from bot.model import Contact, Incoming


async def test_a_reply_is_streamed_to_every_open_page_and_then_marked_as_sent(house, browser):
    await browser.say("xin chào")
    async with browser.listening() as first, browser.listening(after="1") as second:
        await first.event()
        answer = await browser.say("học ở đâu?")
        for page in (first, second):
            assert (await page.event("said"))["text"] == "học ở đâu?"
            reply = await page.event()
            assert reply["last"] == reply["id"] == answer["replies"][0]["id"]
            assert reply["text"] == answer["replies"][0]["text"]
            assert reply["to"] == answer["id"]
            assert all(set(c) == {"value", "label"} for c in reply["choices"])
        await settled(house, browser)


async def settled(house, browser):
    for _ in range(100):
        if all(m.sent_at for m in house.messages(browser.cookie)):
            return
        await asyncio.sleep(0.01)
    raise AssertionError("a streamed reply was not marked as sent")


async def test_what_was_committed_and_never_streamed_comes_with_the_next_connection(house, browser):
    await browser.say("xin chào")
    # The process is killed between commit and stream: the turn is taken behind the channel's back.
    incoming = Incoming(new_id(), Contact("web", "", browser.cookie), house.clock[0], text="cần giấy gì?")
    house.app.handle(incoming)
    async with browser.listening() as page:
        replies = [await page.event(), await page.event()]
    assert [r["id"] for r in replies] == [str(m.id) for m in house.messages(browser.cookie) if m.reply]
    await settled(house, browser)
    async with browser.listening() as page:
        assert await page.silent()


@pytest.mark.parametrize("how", ["header", "query"])
async def test_a_lost_connection_goes_on_after_the_last_reply_it_had(house, browser, how):
    async with browser.listening() as page:
        [first] = (await browser.say("xin chào"))["replies"]
        [second] = (await browser.say("cảm ơn"))["replies"]
        await page.event()
        await page.event()
    resumed = browser.listening(**({"Last-Event-ID": first["id"]} if how == "header" else {"after": first["id"]}))
    async with resumed as page:
        assert (await page.event())["id"] == second["id"]
        assert await page.silent()


@pytest.mark.parametrize("after", ["abc", "-1", "9" * 40, "１", "1; DROP"])
async def test_a_strange_last_id_is_as_none(browser, after):
    await browser.say("xin chào")
    async with browser.listening(**{"Last-Event-ID": after.encode("ascii", "replace").decode()}) as page:
        assert await page.event()


async def test_nobody_hears_another_persons_talk(house, browser):
    await browser.say("xin chào")
    async with house.browser() as neighbour:
        await neighbour.say("xin chào")
        async with neighbour.listening() as page:
            await page.event()
            await browser.say("tôi là hộ nghèo")
            assert await page.silent()


async def test_a_quiet_stream_beats(browser, monkeypatch):
    monkeypatch.setattr(events, "HEARTBEAT_SECONDS", 0.05)
    async with browser.listening() as page:
        assert (await page.response.content.readline()).startswith(b": ")


async def test_streams_end_when_the_program_stops(understanding, catalogue):
    async with running(understanding, catalogue) as house, house.browser() as browser, browser.listening() as page:
        stop = asyncio.ensure_future(house.server.close())
        assert await page.ends()
        await stop


async def test_after_half_an_hour_a_shared_screen_shows_nothing_of_before(house, browser):
    await browser.say("tôi là hộ nghèo ở Nà Pàn")
    house.later(minutes=29)
    assert (await browser.history())["messages"]
    house.later(minutes=2)
    assert (await browser.history())["messages"] == []
    async with browser.listening(after="0") as page:
        assert await page.silent()
    await browser.say("xin chào")
    assert [m["text"] for m in (await browser.history())["messages"] if m["from"] == "me"] == ["xin chào"]


async def test_a_talk_with_short_pauses_is_shown_whole(house, browser):
    for text in ("xin chào", "học nghề gì?", "cảm ơn"):
        await browser.say(text)
        house.later(minutes=25)
    said = [m for m in (await browser.history())["messages"] if m["from"] == "me"]
    assert [m["text"] for m in said] == ["xin chào", "học nghề gì?", "cảm ơn"]
    assert said[0]["at"] == "2026-11-23T12:00:00+07:00"


async def test_forgetting_answers_gives_a_new_cookie_and_tells_the_other_pages(house, browser):
    await browser.say("tôi là hộ nghèo")
    old = browser.cookie
    async with browser.listening() as page:
        answer = await browser.tap("command:forget")
        await page.event("forgotten")
        assert await page.ends()
    assert answer["forgotten"]
    assert answer["replies"][0]["text"]
    assert browser.cookie != old
    assert (await browser.history())["messages"] == []
    assert all("hộ nghèo" not in m.text for m in house.messages(old))


async def test_forgetting_works_when_its_answer_was_lost(house, browser):
    await browser.say("tôi là hộ nghèo")
    message_id, old = new_id(), browser.cookie
    await browser.post({"id": message_id, "choice": "command:forget"})
    async with house.browser(old) as again:
        response = await again.post({"id": message_id, "choice": "command:forget"})
        assert (await response.json())["forgotten"]
        assert again.cookie != old


async def test_the_oldest_of_too_many_pages_gives_way(browser):
    await browser.say("xin chào")
    async with browser.listening() as oldest, browser.listening(), browser.listening(), browser.listening() as newest:
        assert await oldest.event("moved") is not None
        assert await oldest.ends()
        await browser.say("cảm ơn")
        assert await newest.event()


async def test_an_address_has_only_so_many_streams(understanding, catalogue):
    here = running(understanding, catalogue, gate=Gate(streams_an_address=2))
    async with here as house, house.browser() as one, house.browser() as two, house.browser() as three:
        async with one.listening(), two.listening():
            response = await three.client.get("/chat/events")
            assert response.status == 429
            assert response.headers["Retry-After"] == "10"
            assert (await response.json())["message"]
        await asyncio.sleep(0.05)
        async with three.listening():
            pass


def test_a_page_that_does_not_read_loses_its_stream():
    stream = events.Stream("cookie", "address", None)
    for _ in range(events.MOST_QUEUED + 1):
        stream.put(events.Event("said", {}))
    assert stream.queue.get_nowait() is None
