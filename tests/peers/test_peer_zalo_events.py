"""The Zalo peer's webhook events: shapes, signatures, retries, echoes; and the peer started by hand."""

import hashlib
import hmac
import json
import subprocess
import sys
from pathlib import Path

import pytest
import pytest_asyncio

from peers.zalo_events import BOT_MEDIA, MEDIA, mac
from peers.zalo_stage import staged

VECTOR = (
    '{"app_id":"3608465248940903967","sender":{"id":"246845883529197922"},"user_id_by_app":"552177279717587730",'
    '"recipient":{"id":"388613280878808645"},"event_name":"user_send_text","message":{"text":"Chào trung tâm, còn lớp '
    'may không?","msg_id":"96d3cdf3af150460909"},"timestamp":"1789033572455"}'
).encode()


@pytest_asyncio.fixture
async def zalo():
    async with staged() as stage:
        yield stage


@pytest_asyncio.fixture
async def bot():
    async with staged(product="bot") as stage:
        await stage.bot("setWebhook", url=stage.webhook, secret_token=stage.peer.credentials.bot_secret)
        yield stage


def test_signature_vectors():
    assert len(VECTOR) == 298
    right = "35626d3cf8a1d2593c2e89204169bb15dfab6d63914b9ff739061f5270bca73c"
    assert mac("3608465248940903967", VECTOR, "1789033572455", "OASECRETKEYexample0123") == right
    tiny = "2f1ef5aabe67e8396a459ca89562e108ad541f82ba5022c85f645bd6b7220cb9"
    assert mac("X", b"BODY", "1234567890", "Y") == tiny


async def test_oa_text_is_signed_over_its_bytes(zalo):
    done = await zalo.peer.says("An", "còn lớp may không?")
    (heard,) = zalo.heard
    mine, stamp = zalo.peer.credentials, heard.json["timestamp"]
    assert heard.headers["X-ZEvent-Signature"] == "mac=" + mac(mine.app_id, heard.body, stamp, mine.webhook_key)
    assert "còn lớp may không?".encode() in heard.body
    assert set(heard.json) == set(json.loads(VECTOR))
    assert (heard.json["message"]["msg_id"], done.status) == (done.event.msg_id, 200)
    assert heard.json["sender"]["id"] == zalo.peer.person("An").user_id


async def test_oa_signatures_may_be_wrong_missing_or_hmac(zalo):
    event = zalo.peer.oa.text(zalo.peer.person("An"), "alo")
    for signing in ("right", "wrong", "missing", "hmac"):
        await zalo.peer.deliver(event, signing)
    right, wrong, missing, keyed = [h.headers.get("X-ZEvent-Signature") for h in zalo.heard]
    assert missing is None
    assert len({right, wrong, keyed}) == 3
    digits = hmac.new(zalo.peer.credentials.webhook_key.encode(), event.body, hashlib.sha256).hexdigest()
    assert keyed == f"mac={digits}"


async def test_oa_retries_keep_body_and_timestamp(zalo):
    zalo.answers = 503
    first = await zalo.peer.says("An", "alo")
    zalo.later(days=8)
    zalo.answers = 200
    (second,) = await zalo.peer.mail.again()
    assert (first.status, second.status, second.tries) == (503, 200, 2)
    assert zalo.heard[0].body == zalo.heard[1].body
    assert zalo.heard[0].headers["X-ZEvent-Signature"] == zalo.heard[1].headers["X-ZEvent-Signature"]
    assert [h.headers.get("num_retry") for h in zalo.heard] == [None, "1"]
    assert await zalo.peer.mail.again() == []
    assert (await zalo.cs("An"))["error"] == -230, "an old event opened the window again"


async def test_slow_programs_count_as_silent(zalo):
    zalo.peer.mail.deadline, zalo.late = 0.05, 0.2
    assert (await zalo.peer.says("An", "alo")).status == 0
    zalo.late = 0
    assert [d.status for d in await zalo.peer.mail.again()] == [200]


async def test_oa_events_come_twice_and_out_of_order(zalo):
    person = zalo.peer.person("An")
    first, second = zalo.peer.oa.text(person, "một"), zalo.peer.oa.text(person, "hai")
    for event in (second, first, second):
        await zalo.peer.deliver(event)
    assert [h.json["message"]["text"] for h in zalo.heard] == ["hai", "một", "hai"]


async def test_oa_events_without_a_sender(zalo):
    await zalo.peer.follow("An")
    await zalo.peer.deliver(zalo.peer.oa.chat_now(zalo.peer.person("An")))
    await zalo.peer.unfollow("An")
    user = zalo.peer.person("An").user_id
    assert [h.json["event_name"] for h in zalo.heard] == ["follow", "user_click_chatnow", "unfollow"]
    assert [h.json.get("follower", {}).get("id") or h.json["user_id"] for h in zalo.heard] == [user] * 3
    assert not any({"sender", "recipient", "message"} & set(h.json) for h in zalo.heard)


async def test_oa_contact_details_in_both_shapes(zalo):
    await zalo.peer.submits("An")
    await zalo.peer.submits("An", legacy=True, phone=84900000001)
    new, old = [h.json["info"] for h in zalo.heard]
    assert set(new["full_address"]) == {"user_city", "user_ward", "user_address"}
    assert (old["phone"], old["district"]) == (84900000001, "Đức Trọng")
    assert (await zalo.cs("An"))["error"] == -230, "sharing details is not among the acts that open the window"


async def test_oa_media_receipts_and_the_rest(zalo):
    person, oa = zalo.peer.person("An"), zalo.peer.oa
    for kind in MEDIA:
        await zalo.peer.sends("An", kind)
    assert [h.json["message"]["attachments"][0]["type"] for h in zalo.heard] == list(MEDIA)
    assert "text" not in oa.media(person, "sticker", text=None).payload["message"]
    assert oa.seen(person, "a", "b").payload["message"] == {"msg_ids": ["a", "b"]}
    assert oa.seen(person, "a", old=True).payload["message"] == {"msg_id": "a"}
    assert oa.received(person, "a").payload["sender"] == {"id": zalo.peer.credentials.oa_id}
    assert oa.tagged("lop-may", person).payload["tag"]["user_ids"] == [person.user_id]
    assert oa.anonymous("cho hỏi").payload["message"]["conversation_id"]
    assert "oaId" in oa.daily_quota(500, 250).payload
    await zalo.peer.deliver(oa.phone_received("84900000001", "m1", "c42"))
    assert zalo.heard[-1].headers["X-ZEvent-Server"] == "ZNS"
    assert zalo.heard[-1].json["recipient"]["id"] == "84900000001"
    await zalo.peer.probe()
    assert (zalo.heard[-1].body, "X-ZEvent-Signature" in zalo.heard[-1].headers) == (b"", False)


async def test_own_messages_come_back_as_echo_and_receipt():
    async with staged(echoes=True) as zalo:
        await zalo.peer.says("An", "alo")
        message_id = (await zalo.cs("An"))["data"]["message_id"]
        await zalo.peer.mail.settled()
        await zalo.peer.officer_says("An", "Chào chị, tôi là cán bộ")
        said, echo, receipt, officer = [h.json for h in zalo.heard]
        assert said["event_name"] == "user_send_text"
        assert (echo["event_name"], echo["message"]["msg_id"]) == ("oa_send_text", message_id)
        assert (receipt["event_name"], receipt["message"]["msg_id"]) == ("user_received_message", message_id)
        assert ("admin_id" in echo["sender"], "admin_id" in officer["sender"]) == (False, True)


async def test_taps_come_as_typed_text(zalo):
    await zalo.peer.says("An", "alo")
    buttons = [{"title": "May", "type": "oa.query.hide", "payload": "#class:1"}]
    assert await zalo.payload("An", "Chọn", buttons=buttons) == 0
    await zalo.peer.taps("An", "May")
    assert zalo.heard[-1].json["message"]["text"] == "#class:1"
    with pytest.raises(LookupError, match="May"):
        await zalo.peer.taps("An", "Hàn")


async def test_bot_events_flat_and_wrapped(bot):
    person, secret = bot.peer.person("An"), bot.peer.credentials.bot_secret
    await bot.peer.says("An", "alo")
    await bot.peer.deliver(bot.peer.bot.text(person, "alo", wrapped=True))
    flat, wrapped = bot.heard
    assert flat.headers["X-Bot-Api-Secret-Token"] == secret
    assert set(flat.json) == {"event_name", "message"} == set(wrapped.json["result"])
    for kind in BOT_MEDIA:
        await bot.peer.sends("An", kind)
    assert [h.json["event_name"] for h in bot.heard[2:]] == [f"message.{k}.received" for k in BOT_MEDIA]
    assert "photo" in bot.peer.bot.media(person, "image", documented=True).payload["message"]
    group = bot.peer.bot.text(person, "@Bot alo", group="f414").payload["message"]
    assert (group["chat"], group["from"]["id"]) == ({"chat_type": "GROUP", "id": "f414"}, person.chat_id)
    await bot.peer.deliver(bot.peer.bot.text(person, "x"), "wrong")
    assert bot.heard[-1].headers["X-Bot-Api-Secret-Token"] != secret
    await bot.peer.probe()
    assert (bot.heard[-1].body, bot.heard[-1].headers.get("Content-Type")) == (b"", None)


def test_by_hand():
    """It starts from the root, tells its settings, keeps a message for polling, and ends with its input."""
    root = Path(__file__).parents[2]
    command = (sys.executable, "-m", "tests.peers.zalo", "bot")
    done = subprocess.run(command, cwd=root, input="xin chào\n/tap May\n", capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stderr
    assert "HOCNGHE_ZALO_BOT_API_URL=http://127.0.0.1:" in done.stdout
    assert "no button 'May'" in done.stdout
