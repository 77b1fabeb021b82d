"""The Bot Platform of the Zalo peer is as strict as the papers."""

import asyncio
import unicodedata

import pytest
import pytest_asyncio
from aiohttp import ClientError

from peers.zalo import Rules
from peers.zalo_stage import staged


@pytest_asyncio.fixture
async def bot():
    async with staged(product="bot", rules=Rules(longest_poll=0.05)) as stage:
        yield stage


async def test_bot_wants_its_token_and_known_methods(bot):
    assert await bot.bot("getMe", token="junk") == {"ok": False, "description": "Unauthorized", "error_code": 401}
    assert (await bot.bot("getMe"))["result"]["account_type"] == "BASIC"
    assert (await bot.bot("getme"))["error_code"] == 404
    assert (await bot.bot("getMe", limit="5"))["error_code"] == 400


async def test_bot_gives_one_update_and_then_is_idle(bot):
    await bot.peer.says("An", "xin chào")
    await bot.peer.says("An", "còn lớp may không")
    first, second = [(await bot.bot("getUpdates", timeout="1"))["result"] for _ in range(2)]
    assert (first["event_name"], first["message"]["text"]) == ("message.text.received", "xin chào")
    assert first["message"]["chat"]["id"] == first["message"]["from"]["id"] == bot.peer.person("An").chat_id
    assert second["message"]["text"] == "còn lớp may không"
    assert await bot.bot("getUpdates") == {"ok": False, "description": "Request timeout", "error_code": 408}
    assert (await bot.bot("getUpdates", timeout=30))["error_code"] == 400


async def test_bot_update_comes_to_a_waiting_poll(bot):
    bot.peer.rules.longest_poll = 5
    waiting = asyncio.create_task(bot.bot("getUpdates", timeout="5"))
    await asyncio.sleep(0.02)
    await bot.peer.says("An", "alo")
    assert (await waiting)["result"]["message"]["text"] == "alo"


async def test_bot_update_is_gone_once_it_was_fetched(bot):
    await bot.peer.says("An", "alo")
    bot.peer.faults.cut_after("getUpdates")
    with pytest.raises(ClientError):
        await bot.bot("getUpdates")
    assert (await bot.bot("getUpdates"))["error_code"] == 408


async def test_bot_takes_queries_and_forms_too(bot):
    await bot.peer.says("An", "alo")
    url = f"{bot.peer.url}/bot{bot.peer.credentials.bot_token}/sendMessage"
    message = {"chat_id": bot.peer.person("An").chat_id, "text": "chào"}
    for call in (bot.client.get(url, params=message), bot.client.post(url, data=message)):
        async with call as response:
            assert (await response.json())["ok"]
    async with bot.client.post(url, data=b"{", headers={"Content-Type": "application/json"}) as response:
        assert (response.status, (await response.json())["error_code"]) == (200, 400)


async def test_bot_webhook_and_polling_exclude_each_other(bot):
    good = {"url": "https://bot.example.vn/z", "secret_token": "x" * 8}
    for wrong in ({"url": "http://bot.example.vn"}, {"secret_token": "x" * 7}, {"secret_token": "x" * 257}):
        assert (await bot.bot("setWebhook", **(good | wrong)))["error_code"] == 400
    assert (await bot.bot("setWebhook", url=good["url"]))["error_code"] == 400
    assert (await bot.bot("setWebhook", **good))["result"]["url"] == good["url"]
    assert (await bot.bot("getUpdates"))["error_code"] == 400
    assert (await bot.bot("getWebhookInfo"))["result"]["url"] == good["url"]
    assert (await bot.bot("deleteWebhook"))["result"]["url"] == ""
    assert (await bot.bot("getUpdates"))["error_code"] == 408


async def test_bot_writes_only_to_who_wrote_and_within_limits(bot):
    chat = bot.peer.person("An").chat_id
    assert (await bot.bot("sendMessage", chat_id=chat, text="x"))["error_code"] == 404
    await bot.peer.says("An", "alo")
    assert (await bot.bot("sendMessage", chat_id=chat, text=""))["error_code"] == 400
    assert (await bot.bot("sendMessage", chat_id=chat, text="ữ" * 2001))["error_code"] == 400
    assert (await bot.bot("sendMessage", chat_id=chat, text="x", reply_markup={}))["error_code"] == 400
    assert (await bot.bot("sendMessage", chat_id=chat, text="x", parse_mode="MarkdownV2"))["error_code"] == 400
    decomposed = unicodedata.normalize("NFD", "ữ" * 2000)
    assert (await bot.bot("sendMessage", chat_id=chat, text=decomposed))["result"]["date"] == bot.peer.ledger.now_ms()
    assert [(s.product, s.method, s.user) for s in bot.peer.sent] == [("bot", "sendMessage", chat)]


async def test_bot_photos_stickers_and_typing(bot):
    await bot.peer.says("An", "alo")
    chat = bot.peer.person("An").chat_id
    for photo in ("http://127.0.0.1:8080/a.jpg", "file:///a.jpg", "https://10.0.0.1/a.jpg", "https://[bad"):
        assert (await bot.bot("sendPhoto", chat_id=chat, photo=photo))["error_code"] == 400
    photo = {"chat_id": chat, "photo": "https://example.vn/a.jpg"}
    assert (await bot.bot("sendPhoto", **photo, caption="x" * 2001))["error_code"] == 400
    assert (await bot.bot("sendPhoto", **photo, caption="Lớp may"))["ok"]
    assert (await bot.bot("sendSticker", chat_id=chat, sticker="0e078a"))["ok"]
    assert await bot.bot("sendChatAction", chat_id=chat, action="typing") == {"ok": True}
    assert (await bot.bot("sendChatAction", chat_id=chat, action="dancing"))["error_code"] == 400
    assert [s.kind for s in bot.peer.sent] == ["photo", "sticker"]
    bot.peer.rules.bot_messages = 0
    assert (await bot.bot("sendMessage", chat_id=chat, text="x"))["error_code"] == 429
    bot.peer.faults.code(426)
    assert (await bot.bot("sendMessage", chat_id=chat, text="x"))["errorCode"] == 426
