"""The Telegram peer's profile, limits and disturbances; polled, and with a library as its client."""

import asyncio

import pytest
from aiohttp import ClientConnectionError

from peers.telegram_state import Rules

AN, BINH, GROUP = 9000001, 9000002, -5001
PNG = b"\x89PNG\r\n\x1a\n made up"


async def test_profile(peer, api):
    commands = [{"command": "bat_dau", "description": "Bắt đầu"}]
    private = {"type": "all_private_chats"}
    assert (await api("setMyCommands", commands=commands, scope=private, language_code="vi"))[0] == 200
    assert (await api("getMyCommands", scope=private, language_code="vi"))[1]["result"] == commands
    assert (peer.profile.seen_by(AN, "vi"), peer.profile.seen_by(AN, "en")) == (["bat_dau"], [])
    for wrong in (
        [{"command": "Bắt", "description": "x"}],
        [{"command": "x", "description": ""}],
        commands * 101,
        [{"command": "x", "description": "x" * 257}],
    ):
        assert (await api("setMyCommands", commands=wrong))[0] == 400
    assert (await api("setMyCommands", commands=commands, scope={"type": "everywhere"}))[0] == 400
    assert (await api("deleteMyCommands", scope=private, language_code="vi"))[0] == 200
    assert peer.profile.seen_by(AN, "vi") == []
    for ending, name, most in (("Name", "name", 64), ("Description", "description", 512)):
        assert (await api(f"setMy{ending}", **{name: "x" * most}, language_code="vi"))[0] == 200
        assert (await api(f"getMy{ending}", language_code="vi"))[1]["result"] == {name: "x" * most}
        assert (await api(f"setMy{ending}", **{name: "x" * (most + 1)}))[0] == 400
    assert (await api("setMyShortDescription", short_description="x" * 121))[0] == 400
    app = {"type": "web_app", "text": "Mở", "web_app": {"url": "http://example.org"}}
    assert (await api("setChatMenuButton", menu_button=app))[0] == 400
    assert (await api("setChatMenuButton", menu_button={"type": "commands"}))[0] == 200
    assert (await api("getChatMenuButton"))[1]["result"] == {"type": "commands"}


async def test_speed_limits(peer, api, clock):
    for chat in (AN, BINH):
        await peer.starts(chat)
    peer.rules.per_chat, peer.rules.burst = 1, 2

    async def tell(chat):
        status, told = await api("sendMessage", chat_id=chat, text="x")
        return told["parameters"]["retry_after"] if status == 429 else status

    assert [await tell(AN) for _ in range(4)] == [200, 200, 1, 1]
    assert [c.early for c in peer.calls] == [False, False, False, True]
    assert await tell(BINH) == 200
    clock.forward(1)
    assert [await tell(AN) for _ in range(2)] == [200, 1]
    peer.rules.per_chat = None
    peer.flood.stop(AN, 344)
    assert (await tell(AN), await tell(BINH)) == (344, 200)
    clock.forward(344)
    assert await tell(AN) == 200
    peer.rules.overall = 2
    assert [await tell(BINH) for _ in range(3)] == [200, 200, 1]


async def test_a_group_has_its_own_limit_shared_by_edits(peer, api, clock):
    await peer.says(GROUP, "/start", by=BINH)
    peer.rules.per_group_minute = 2
    _, told = await api("sendMessage", chat_id=GROUP, text="x")
    at = {"chat_id": GROUP, "message_id": told["result"]["message_id"]}
    clock.forward(10)
    assert (await api("editMessageText", **at, text="y"))[0] == 200
    status, told = await api("editMessageText", **at, text="z")
    assert (status, told["parameters"], told["description"]) == (
        429,
        {"retry_after": 50},
        "Too Many Requests: retry after 50",
    )


async def test_forced_faults(peer, api):
    for chat in (AN, BINH):
        await peer.starts(chat)

    async def tell(chat):
        try:
            return (await api("sendMessage", chat_id=chat, text="x"))[0]
        except ClientConnectionError:
            return "cut"

    peer.faults.error(500, chat=AN, times=2)
    assert [await tell(AN), await tell(BINH), await tell(AN), await tell(AN)] == [500, 200, 500, 200]
    peer.faults.error(429, method="sendMessage", retry_after=7)
    assert (await tell(AN), peer.calls[-1].code) == (429, 429)
    before = len(peer.sent)
    peer.faults.cut_before()
    assert (await tell(AN), len(peer.sent) - before, peer.calls[-1].code) == ("cut", 0, -1)
    peer.faults.cut_after()
    assert (await tell(AN), len(peer.sent) - before, peer.calls[-1].code) == ("cut", 1, 0)
    peer.faults.slow(0.05)
    started = asyncio.get_running_loop().time()
    assert await tell(AN) == 200
    assert asyncio.get_running_loop().time() - started >= 0.05
    peer.faults.page()
    async with api.session.post(f"{peer.url}/bot{peer.token}/getMe") as response:
        assert (response.status, response.content_type) == (502, "text/html")


async def test_polling(peer, api):
    for text in ("một", "hai", "ba"):
        await peer.says(AN, text)
    first = (await api("getUpdates", limit=2))[1]["result"]
    assert [u["message"]["text"] for u in first] == ["một", "hai"]
    rest = (await api("getUpdates", offset=first[-1]["update_id"] + 1))[1]["result"]
    assert [u["message"]["text"] for u in rest] == ["ba"]
    await api("getUpdates", offset=rest[-1]["update_id"] + 1)
    waiting = asyncio.create_task(api("getUpdates", timeout=5, allowed_updates=["callback_query"]))
    await asyncio.sleep(0.02)
    assert await peer.says(AN, "nobody wants it") == 0
    younger = asyncio.create_task(api("getUpdates", timeout=5, allowed_updates=["message"]))
    status, told = await waiting
    assert (status, "terminated by other getUpdates" in told["description"]) == (409, True)
    await peer.edits(AN, rest[0]["message"]["message_id"], "bốn")
    assert await peer.says(AN, "năm")
    assert [u["message"]["text"] for u in (await younger)[1]["result"]] == ["năm"]
    assert (await api("setWebhook", url="https://example.org/hook"))[0] == 200
    status, told = await api("getUpdates")
    assert (status, "while webhook is active" in told["description"]) == (409, True)


async def test_waiting_in_vain_tells_what_happened(peer, api):
    await api("sendMessage", chat_id=AN, text="x")
    with pytest.raises(AssertionError, match="chat not found"):
        await peer.wait_for(1, AN, seconds=0.01)


async def test_the_bot_of_python_telegram_bot_talks_to_it(peer, monkeypatch):
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # else it warns, and warnings are errors here
    telegram = pytest.importorskip("telegram")
    if not hasattr(telegram, "Bot"):
        pytest.skip("python-telegram-bot is not installed")
    await peer.says(AN, "chào")
    await peer.says(GROUP, "cả nhà", by=BINH)
    keys = telegram.InlineKeyboardMarkup([[telegram.InlineKeyboardButton("Có", callback_data="co")]])
    bot = telegram.Bot(peer.token, base_url=f"{peer.url}/bot", base_file_url=f"{peer.url}/file/bot")
    async with bot:
        updates = await bot.get_updates(timeout=0)
        assert [u.message.text for u in updates] == ["chào", "cả nhà"]
        message = await bot.send_message(AN, "<b>Chào</b>", parse_mode="HTML", reply_markup=keys)
        assert message.reply_markup == keys
        await bot.send_photo(AN, PNG, caption="Ảnh")
        assert peer.sent[1].photo == PNG
        await peer.taps(AN, "Có")
        (tap,) = await bot.get_updates(offset=updates[-1].update_id + 1, timeout=0)
        assert await tap.callback_query.answer()
        await tap.callback_query.edit_message_text("Rồi")
        await bot.set_my_commands([telegram.BotCommand("lop", "Các lớp")], language_code="vi")
        await peer.sends(AN, "voice", b"OggS")
        (voice,) = await bot.get_updates(offset=tap.update_id + 1, timeout=0)
        assert await (await voice.message.voice.get_file()).download_as_bytearray() == b"OggS"
        await peer.blocks(AN)
        with pytest.raises(telegram.error.Forbidden, match="blocked by the user"):
            await bot.send_message(AN, "x")
        peer.flood.stop(GROUP, 9)
        with pytest.raises(telegram.error.RetryAfter):
            await bot.send_message(GROUP, "x")
        with pytest.raises(telegram.error.BadRequest):
            await bot.send_message(BINH + 1, "x")
        peer.faults.cut_after()
        with pytest.raises(telegram.error.NetworkError):
            await bot.get_me()


def test_limits_are_off_until_asked_for():
    rules = Rules()
    assert (rules.per_chat, rules.overall, rules.per_group_minute) == (None, None, None)
