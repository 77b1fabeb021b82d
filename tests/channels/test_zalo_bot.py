"""The Bot Platform over real HTTP: webhook and polling, both shapes, numbered lists, errors with HTTP 200."""

import asyncio

import pytest
import pytest_asyncio
from aiohttp import ClientSession
from channels.zalo_house import housed

from bot.channels.zalo_bot import api
from bot.model import Reply
from knowledge.directory import Contact as Office


@pytest_asyncio.fixture
async def house(understanding, catalogue, tmp_path, monkeypatch):
    """With a webhook."""
    monkeypatch.setattr(api, "FIRST_WAIT", 0.01)
    async with housed(understanding, catalogue, tmp_path / "db.sqlite3", "bot", public=True) as house:
        yield house


@pytest_asyncio.fixture
async def polling(understanding, catalogue, tmp_path):
    """Without a public address."""
    async with housed(understanding, catalogue, tmp_path / "db.sqlite3", "bot") as house:
        yield house


async def test_a_question_is_answered_once_with_a_numbered_list(house):
    assert (await house.peer.says("An", "còn lớp may không")).status == 200
    [sent] = await house.peer.wait_for(1, "An")
    assert "\n1. " in sent.text
    await house.peer.says("An", "1")
    assert len(await house.answers("An")) == 2
    assert house.channel.health()["mode"] == "webhook"


async def test_polling_gives_the_same_answers(polling):
    await polling.peer.says("An", "còn lớp may không")
    [sent] = await polling.peer.wait_for(1, "An")
    assert "\n1. " in sent.text
    assert "polling" in polling.channel.health()["mode"]


async def test_an_idle_poll_is_no_fault(understanding, catalogue, tmp_path):
    from peers.zalo import Rules

    rules = Rules(longest_poll=0.02)
    async with housed(understanding, catalogue, tmp_path / "db.sqlite3", "bot", rules=rules) as house:
        await asyncio.sleep(0.1)
        assert house.channel.health()["ok"]
        await house.peer.says("An", "chào")
        await house.peer.wait_for(1, "An")


async def test_flat_and_wrapped_bodies_are_read_and_delivered_once(house):
    an = house.peer.person("An")
    for wrapped in (False, True):
        event = house.peer.bot.text(an, "chào", wrapped=wrapped)
        for _ in range(2):
            assert (await house.peer.deliver(event)).status == 200
    assert len(await house.answers("An")) == 2


async def test_whoever_does_not_show_the_secret_changes_nothing(house):
    event = house.peer.bot.text(house.peer.person("An"), "chào")
    assert [(await house.peer.deliver(event, signing=s)).status for s in ("wrong", "missing", "hmac")] == [403] * 3
    with house.store.transaction() as unit:
        assert unit.counts()["contacts"] == 0
    assert (await house.peer.probe()).status == 200


async def test_pictures_voices_and_what_zalo_shields_are_met_with_a_word(house):
    kinds = ("image", "voice", "sticker", "link", "unsupported")
    for kind in kinds:
        await house.peer.sends("An", kind)
    told = await house.answers("An")
    assert len(told) == len(kinds)
    assert "Zalo không chuyển cho em" in told[-1]


async def test_whom_zalo_shields_gets_the_page_and_the_way_to_the_officer(house):
    house.app.site = "https://hocnghe.example"
    await house.peer.sends("An", "unsupported")
    [told] = await house.answers("An")
    assert "https://hocnghe.example" in told
    assert "cán bộ" in told


async def test_the_officers_number_is_told_where_the_places_pack_holds_it(house, catalogue, monkeypatch):
    office = Office("o", {"vi": "Xã"}, {"vi": "Hỏi"}, "phone.child", "", ("contact_officer",), None)
    monkeypatch.setattr(type(catalogue), "contacts", lambda *_args, **_options: (office,))
    await house.peer.sends("An", "unsupported")
    assert "gọi cán bộ: 111" in (await house.answers("An"))[0]


async def test_a_talk_in_a_group_is_not_taken(house):
    event = house.peer.bot.text(house.peer.person("An"), "@Bot chào", group="f414c8f76fa586fbdfb4")
    assert (await house.peer.deliver(event)).status == 200
    with house.store.transaction() as unit:
        assert unit.counts()["contacts"] == 0


@pytest.mark.parametrize("code", [429, 426, 403])
async def test_what_may_be_taken_later_is_sent_again(house, code):
    house.peer.faults.code(code, "sendMessage", times=2)
    await house.peer.says("An", "chào")
    assert len(await house.answers("An")) == 1


@pytest.mark.parametrize(("code", "fate"), [(403, "unreachable"), (404, "unreachable"), (400, "refused")])
async def test_what_is_not_taken_is_settled_with_its_reason(house, code, fate):
    house.peer.faults.code(code, "sendMessage", times=None)
    await house.peer.says("An", "chào")
    assert await house.fates() == {fate: 1}


async def test_a_wrong_token_holds_everything_and_health_says_what_to_do(house, monkeypatch):
    monkeypatch.setattr(api, "HOLD", 0.05)
    house.peer.faults.code(401, "sendMessage", times=2)
    await house.peer.says("An", "chào")
    while house.channel.health()["ok"]:
        await asyncio.sleep(0.01)
    assert "HOCNGHE_ZALO_BOT_TOKEN" in house.channel.health()["trouble"]
    assert len(await house.answers("An")) == 1
    assert house.channel.health()["ok"]


async def test_a_lost_answer_is_an_unknown_fate(house):
    house.peer.faults.cut_after("sendMessage")
    await house.peer.says("An", "chào")
    assert await house.fates() == {"unknown": 1}
    assert len(house.peer.sent_to("An")) == 1


async def test_a_picture_goes_by_its_public_address_and_in_words_where_it_has_none(house):
    await house.peer.says("An", "chào")
    await house.channel.outbox.idle()
    with house.store.transaction() as unit:
        number = unit.lock(house.contact("An"), house.clock[0])
        images = ("https://example.vn/may.jpg", "http://127.0.0.1/may.jpg")
        messages = unit.queue(number, "made", [Reply("Lớp may", (), i) for i in images], house.clock[0])
    house.channel.outbox.put(messages)
    await house.channel.outbox.idle()
    assert [(s.kind, s.text) for s in house.peer.sent_to("An")[1:]] == [("photo", "Lớp may"), ("text", "Lớp may")]


async def test_a_slow_turn_shows_that_somebody_is_typing(house, monkeypatch):
    import time

    house.channel._slow = 0.02
    handle = house.app.handle
    monkeypatch.setattr(house.app, "handle", lambda *a: (time.sleep(0.2), handle(*a))[1])
    await house.peer.says("An", "chào")
    await house.answers("An")
    assert "sendChatAction" in [c.method for c in house.peer.calls]


async def test_the_platform_is_away_at_the_start_and_the_webhook_is_set_when_it_is_back(
    understanding, catalogue, tmp_path, monkeypatch
):
    from peers.zalo import ZaloPeer

    from bot.channels.zalo_bot import channel

    monkeypatch.setattr(channel, "FIRST_WAIT", 0.01)
    peer = ZaloPeer(product="bot")
    peer.faults.status(502, "setWebhook", times=2)
    async with housed(understanding, catalogue, tmp_path / "db.sqlite3", "bot", public=True, peer=peer) as house:
        while not house.channel.health()["ok"]:
            await asyncio.sleep(0.01)
        await house.peer.says("An", "chào")
        assert len(await house.answers("An")) == 1


async def test_broken_bodies_are_no_fault_of_ours(house):
    headers = {"X-Bot-Api-Secret-Token": house.peer.credentials.bot_secret}
    async with ClientSession(headers=headers) as client:
        for body, status in ((b"", 200), (b"{}", 200), (b"\xff", 400), (b"[" * 50_000, 400), (b'{"result":7}', 200)):
            async with client.post(f"{house.url}/webhooks/zalo-bot", data=body) as response:
                assert response.status == status, body[:10]


async def test_nothing_secret_or_personal_is_logged(house, capfd):
    house.peer.faults.code(401, "sendChatAction")
    house.peer.faults.cut_after("sendMessage")
    await house.peer.says("An", "mật khẩu 0900000123")
    await house.answers("An")
    await house.peer.deliver(house.peer.bot.text(house.peer.person("An"), "lén"), signing="wrong")
    told = "".join(capfd.readouterr())
    mine = house.peer.credentials
    for secret in (mine.bot_token, mine.bot_secret, "0900000123", "mật khẩu", "lén", house.peer.person("An").chat_id):
        assert secret not in told
