"""Webhooks of all three channels: forged, replayed, broken in every way a body can be; nothing is lost or dies."""

import asyncio
import inspect
import json

import pytest
from hostile.hostile_stage import text_of

from bot.channels.telegram import webhook as telegram
from bot.channels.zalo_bot import channel as zalo_bot
from bot.channels.zalo_oa import signature
from bot.model import Contact

pytestmark = pytest.mark.asyncio(loop_scope="module")
CHANNELS = ("telegram", "zalo-bot", "zalo-oa")
HEADERS = {
    "telegram": "X-Telegram-Bot-Api-Secret-Token",
    "zalo-bot": "X-Bot-Api-Secret-Token",
    "zalo-oa": "X-ZEvent-Signature",
}
ACCOUNTS = {"telegram": ("telegram", "123"), "zalo-bot": ("zalo_bot", "456"), "zalo-oa": ("zalo_oa", "4242")}
NUL, HALF = "xin\x00 chào", "xin \ud83d chào"


def said(stage, channel, who="9000001"):
    with stage.store.transaction() as unit:
        return unit.messages(Contact(*ACCOUNTS[channel], who))


def wrong_signatures(right):
    """What is not the signature, though it looks like it."""
    flipped = right[:-1] + ("0" if right[-1] != "0" else "1")
    odd = [
        "",
        " ",
        "x",
        right[:-1],
        right + right[-1],
        flipped,
        right.swapcase() + "=",
        "ế" * 20,
        "０" * 64,
        right[:32],
    ]
    return [*odd, "mac=", "mac=mac=", "null", "true", "[]", "A" * 4000, right.replace(right[4], "O", 1) + "\u200b"]


@pytest.mark.parametrize("channel", CHANNELS)
async def test_a_forged_event_leads_to_nothing(stage, channel):
    body = text_of(channel, "gặp cán bộ", 900, who="9000900")
    right = stage.signed(channel, json.dumps(body).encode(), body)[HEADERS[channel]]
    for shown in wrong_signatures(right):
        sent = {HEADERS[channel]: shown.encode("utf-8", "surrogateescape").decode("latin-1")}
        status, answer = await stage.hook(channel, body, **sent)
        assert status in (401, 403), shown
        assert answer == b""
    assert said(stage, channel, "9000900") == ()


async def test_the_body_that_was_signed_is_the_only_one(stage):
    body = text_of("zalo-oa", "xin chào", 910, who="9000910")
    told = stage.signed("zalo-oa", json.dumps(body).encode(), body)
    others = [
        body | {"app_id": "1"}, body | {"timestamp": "1"}, body | {"timestamp": int(body["timestamp"])},
        body | {"sender": {"id": "1"}}, json.dumps(body, indent=1).encode(), json.dumps(body).encode() + b" ",
    ]  # fmt: skip
    for other in others:
        assert (await stage.hook("zalo-oa", other, **told))[0] == 401
    without = {k: v for k, v in body.items() if k != "timestamp"}
    assert (await stage.hook("zalo-oa", without, **told))[0] == 401
    assert said(stage, "zalo-oa", "9000910") == ()


@pytest.mark.parametrize("channel", CHANNELS)
async def test_a_replayed_event_is_answered_once(stage, channel):
    """A platform delivers again for hours, so old events are taken; what was handled is not handled again."""
    body = text_of(channel, "xin chào", 920, who="9000920")
    for _ in range(3):
        assert (await stage.hook(channel, body))[0] == 200
    await asyncio.gather(*(stage.hook(channel, body) for _ in range(5)))
    messages = said(stage, channel, "9000920")
    assert len({m.id for m in messages}) == len(messages) > 0
    assert len({m.update_id for m in messages if hasattr(m, "update_id")}) <= 1
    before = len(messages)
    assert (await stage.hook(channel, body))[0] == 200
    assert len(said(stage, channel, "9000920")) == before


async def test_signatures_are_compared_in_constant_time():
    for module in (telegram, zalo_bot, signature):
        source = inspect.getsource(module)
        assert "hmac.compare_digest" in source
        assert "secret ==" not in source
        assert "== secret" not in source


def deep(levels):
    return b'{"event_name":' + b"[" * levels + b"]" * levels + b"}"


BROKEN = (
    b"", b" ", b"{", b"[]", b"null", b"1", b'"x"', b"\xff\xfe", b"\x00", deep(90_000 // 2), b'{"a":' * 9_000,
    b"{" + b'"message":{},' * 3000 + b'"message":{}}', b'{"update_id":' + b"9" * 5000 + b"}", b'{"update_id":1e999}',
    b'{"message":{"text":NaN}}', '{"message":{"text":"\\ud83d"}}'.encode("utf-16"), b"<xml/>", b"a=1&b=2",
)  # fmt: skip


@pytest.mark.parametrize("channel", CHANNELS)
async def test_broken_bodies_are_refused_or_passed_over(stage, channel):
    for raw in BROKEN:
        status, _answer = await stage.hook(channel, raw)
        assert status in (200, 400, 401), raw[:40]
    assert (await stage.hook(channel, b"x" * 200_000))[0] in (401, 413)
    assert (await stage.hook(channel, text_of(channel, "xin chào", 930, who="9000930")))[0] == 200


def odd_values(channel):
    """A genuine event with something odd in every place that a stranger fills."""
    texts = [
        NUL,
        HALF,
        "\x00",
        "x" * 100_000,
        "\u202e ngược",
        "a\u0300" * 1000,
        "😀" * 500,
        "{{7*7}}",
        "%s%n",
        "' OR 1=1 --",
    ]
    yield from (text_of(channel, text, 940 + n, who=f"94{n:05}") for n, text in enumerate(texts))
    for n, odd in enumerate([None, 1, [], {}, True, {"text": 1}, "x\x00y", -1, 10**30, 1.5]):
        body = text_of(channel, "xin chào", 960 + n, who=f"96{n:05}")
        message = body["message"]
        for key in (*message, "photo", "caption", "contact", "attachments"):
            yield {**body, "message": {**message, key: odd}}
        yield {**body, "sender": {"id": odd}}
        yield {**body, "event_name": odd}


@pytest.mark.parametrize("channel", CHANNELS)
async def test_odd_values_in_genuine_events_never_fail_a_turn(stage, channel):
    """A 5xx would make the platform deliver it for hours."""
    for body in odd_values(channel):
        status, _ = await stage.hook(channel, body)
        assert status == 200, str(body)[:300]
    who = "9400000"
    assert said(stage, channel, who), "a person whose message holds a NUL is answered"


KINDS = (
    "act", "command", "topic", "trade", "course", "useful", "withdraw_yes", "resume", "waitlist", "more", "for", "menu",
)  # fmt: skip
RESTS = ("", "x\x00y", "ế" * 30, "x" * 60, "9" * 30, "1", "a:b:c", "\ud83d")


def tapped(channel, choice, number):
    """A button that nobody was shown, as a changed client of the platform would tap it."""
    who = f"98{number % 20:05}"
    if channel == "telegram":
        message = text_of(channel, "x", number, who)["message"]
        query = {"id": str(number), "from": message["from"], "message": message, "chat_instance": "1", "data": choice}
        return {"update_id": 10_000 + number, "callback_query": query}
    return text_of(channel, f"#{choice}" if channel == "zalo-oa" else choice, 10_000 + number, who)


@pytest.mark.parametrize("channel", CHANNELS)
async def test_buttons_that_nobody_was_shown_never_fail_a_turn(stage, channel):
    number = 0
    for kind in KINDS:
        for rest in RESTS:
            number += 1
            status, _ = await stage.hook(channel, tapped(channel, f"{kind}:{rest}", number))
            assert status == 200, (kind, rest)
