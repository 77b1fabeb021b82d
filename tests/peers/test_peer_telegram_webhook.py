"""The Telegram peer's webhook side: order, repetition, answers that carry a method, a program that dies."""

import asyncio

import pytest
from aiohttp import web

from peers.telegram import TelegramPeer
from peers.telegram_client import Client

AN, BINH, CHAU = 9000001, 9000002, 9000003


class Program:
    """A stand-in for the program: notes what arrives, answers what it is told to."""

    def __init__(self, port=0):
        self.port, self.got, self.secrets, self.at_once = port, [], set(), 0
        self.answers, self.gate, self._busy = [], asyncio.Event(), 0
        self.gate.set()

    async def _hook(self, request):
        update = await request.json()
        self.secrets.add(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        self.got.append(update)
        self._busy += 1
        self.at_once = max(self.at_once, self._busy)
        try:
            await self.gate.wait()
        finally:
            self._busy -= 1
        answer = self.answers.pop(0) if self.answers else 200
        return web.json_response(answer) if isinstance(answer, dict) else web.Response(status=answer)

    async def __aenter__(self):
        app = web.Application()
        app.router.add_post("/hook", self._hook)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.05)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_):
        await self._runner.cleanup()

    @property
    def texts(self):
        return [u["message"]["text"] for u in self.got if "message" in u]


@pytest.fixture
async def peer():
    async with TelegramPeer() as peer:
        yield peer


@pytest.fixture
async def program(peer):
    async with Program() as program:
        await hook(peer, program.port)
        yield program


async def call(peer, method, **args):
    async with Client(peer) as api:
        return await api(method, **args)


async def hook(peer, port, **more):
    url = f"http://127.0.0.1:{port}/hook"
    assert (await call(peer, "setWebhook", url=url, secret_token=peer.secret, **more))[0] == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "http://example.org/hook"},
        {"url": "https://example.org:9000/hook"},
        {"url": "https://example.org", "secret_token": "có dấu"},
        {"url": "https://example.org", "secret_token": "x" * 257},
        {"url": "https://example.org", "allowed_updates": ["mesage"]},
    ],
    ids=str,
)
async def test_settings_that_are_refused(peer, wrong):
    assert (await call(peer, "setWebhook", **wrong))[0] == 400
    assert (await call(peer, "getWebhookInfo"))[1]["result"]["url"] == ""


async def test_a_chat_is_told_in_order_and_chats_side_by_side(peer, program):
    program.gate.clear()
    for number in range(3):
        for chat in (AN, BINH):
            await peer.says(chat, f"{chat}:{number}")
    await asyncio.sleep(0.05)
    assert program.texts == [f"{AN}:0", f"{BINH}:0"]
    program.gate.set()
    await peer.quiet()
    assert program.at_once == 2
    assert [t for t in program.texts if t.startswith(str(AN))] == [f"{AN}:{n}" for n in range(3)]
    assert program.secrets == {peer.secret}


async def test_no_more_connections_than_asked_for(peer, program):
    await hook(peer, program.port, max_connections=2)
    program.gate.clear()
    for chat in range(AN, AN + 5):
        await peer.says(chat, "x")
    await asyncio.sleep(0.05)
    program.gate.set()
    await peer.quiet()
    assert (program.at_once, len(program.got)) == (2, 5)


async def test_refused_updates_come_again_before_the_next_of_the_chat(peer, program):
    program.answers = [500, 403, 200]
    await peer.says(AN, "một")
    await peer.says(AN, "hai")
    await peer.quiet()
    assert program.texts == ["một", "một", "một", "hai"]
    assert [(d.tried, d.status) for d in peer.deliveries] == [(1, 500), (2, 403), (3, 200), (1, 200)]
    info = (await call(peer, "getWebhookInfo"))[1]["result"]
    assert (info["pending_update_count"], info["last_error_message"]) == (0, "Wrong response from the webhook: 403")


async def test_an_update_is_dropped_after_the_last_try(peer, program):
    peer.rules.redeliveries, program.answers = 2, [500, 500, 500]
    update = await peer.says(AN, "một")
    await peer.says(AN, "hai")
    await peer.quiet()
    assert (peer.updates.dropped, program.texts) == ([update], ["một"] * 3 + ["hai"])


async def test_a_slow_answer_counts_as_none(peer, program):
    peer.rules.webhook_timeout = 0.05
    program.gate.clear()
    await peer.says(AN, "một")
    await asyncio.sleep(0.08)
    program.gate.set()
    await peer.quiet()
    assert peer.deliveries[0].status == 0
    assert program.texts[:2] == ["một", "một"]


async def test_the_answer_may_carry_one_method(peer, program):
    said = {"method": "sendMessage", "chat_id": AN, "text": "Chào <b>bạn</b>", "parse_mode": "HTML"}
    program.answers = [said | {"reply_markup": {"keyboard": [["Có"]]}}, said | {"chat_id": 77}, {"method": "getMe"}]
    update = await peer.says(AN, "một")
    (reply,) = await peer.wait_for(1, AN)
    assert (reply.via, reply.text, reply.labels, reply.update_id) == ("webhook", "Chào bạn", ("Có",), update)
    await peer.says(AN, "hai")
    await peer.says(AN, "ba")
    await peer.quiet()
    assert [d.replied for d in peer.deliveries] == ["sendMessage", "sendMessage", ""]
    assert peer.deliveries[1].refused.description == "Bad Request: chat not found"
    assert [c.code for c in peer.calls if c.via == "webhook"] == [0, 400]


async def test_asking_and_tapping(peer, program):
    buttons = {"inline_keyboard": [[{"text": "Có", "callback_data": "co"}]]}
    program.answers = [{"method": "sendMessage", "chat_id": AN, "text": "Học nghề?", "reply_markup": buttons}]
    assert (await peer.asks(AN, "chào")).text == "Học nghề?"
    await peer.taps(AN, "Có")
    await peer.quiet()
    assert program.got[-1]["callback_query"]["data"] == "co"


async def test_duplicates_and_another_order_on_demand(peer, program):
    first = await peer.says(AN, "một")
    await peer.quiet()
    assert (await peer.redelivers(first)).status == 200
    peer.rules.extra_deliveries = 1
    await peer.says(AN, "hai")
    await peer.quiet()
    peer.rules.extra_deliveries, peer.updates.held = 0, True
    await peer.says(AN, "ba")
    await peer.says(AN, "bốn")
    peer.updates.release(backwards=True)
    await peer.quiet()
    assert program.texts == ["một", "một", "hai", "hai", "bốn", "ba"]


async def test_taps_can_overtake_texts_as_in_the_real_service(peer, program):
    peer.rules.taps_apart = True
    buttons = {"inline_keyboard": [[{"text": "Có", "callback_data": "co"}]]}
    program.answers = [{"method": "sendMessage", "chat_id": AN, "text": "x", "reply_markup": buttons}]
    await peer.asks(AN, "chào")
    await peer.quiet()
    program.gate.clear()
    await peer.says(AN, "một")
    await peer.taps(AN, "Có")
    await asyncio.sleep(0.05)
    assert len(program.got) == 3
    program.gate.set()
    await peer.quiet()


async def test_a_program_that_dies_finds_everything_when_it_is_back(peer):
    async with Program() as program:
        await hook(peer, program.port)
        await peer.says(AN, "trước")
        await peer.quiet()
    for chat in (AN, BINH, CHAU):
        await peer.says(chat, "khi tắt")
    await asyncio.sleep(0.05)
    with pytest.raises(AssertionError, match="unconfirmed"):
        await peer.quiet(0.01)
    async with Program(program.port) as program:
        await peer.quiet()
        assert program.texts == ["khi tắt"] * 3


async def test_a_peer_can_take_a_fixed_port_again():
    async with TelegramPeer() as peer:
        port = int(peer.url.rsplit(":", 1)[1])
    async with TelegramPeer(port=port) as again:
        assert again.environment()["HOCNGHE_TELEGRAM_API_URL"] == peer.url


async def test_by_hand(capsys, monkeypatch):
    from peers import telegram_hand

    monkeypatch.setattr("sys.stdin", ["chào\n", "/contact\n", "/tap không có\n"])
    await telegram_hand._talk(0)
    told = capsys.readouterr().out
    assert "HOCNGHE_TELEGRAM_TOKEN=" in told
    assert "nothing to tap is called 'không có'" in told
