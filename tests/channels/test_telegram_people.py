"""What people do on Telegram: taps, links, contacts, groups, commands."""

import asyncio
import time

import pytest
import pytest_asyncio
from channels.telegram_stage import AN, BINH, GROUP, copied, running

from bot.channels.telegram import sending


@pytest_asyncio.fixture
async def stage(telegram_base, tmp_path, understanding, catalogue, monkeypatch):
    monkeypatch.setattr(sending, "APART", 0)  # people in tests write faster than people
    async with running(copied(telegram_base, tmp_path), understanding, catalogue, webhook=True) as stage:
        yield stage


async def test_a_tap_is_answered_before_its_turn_ends(stage, monkeypatch):
    await stage.says(AN, "đăng ký học may")
    handle = stage.app.handle
    seen = []

    def later(*arguments):
        tap = next(iter(stage.peer.world.taps.values()))
        for _ in range(100):
            if tap.answers:
                break
            time.sleep(0.01)
        seen.append(bool(tap.answers))
        return handle(*arguments)

    monkeypatch.setattr(stage.app, "handle", later)
    assert len(await stage.taps(AN, "Đồng ý cả ba (a, b, c)")) == 1
    assert seen == [True]


async def test_a_tap_too_old_to_be_answered_is_heard_all_the_same(stage):
    await stage.says(AN, "đăng ký học may")
    stage.peer.rules.query_seconds = -1
    (reply,) = await stage.taps(AN, "Đồng ý cả ba (a, b, c)")
    assert "xã (phường) nào" in reply.text


async def test_an_old_button_says_kindly_that_it_is_past(stage):
    (consent,) = await stage.says(AN, "đăng ký học may")
    await stage.taps(AN, "Đồng ý cả ba (a, b, c)")
    told, asked = await stage.taps(AN, "Chỉ đồng ý a", message_id=consent.message_id)
    assert told.text == "Nút này là của câu hỏi trước ạ."
    assert "xã (phường) nào" in asked.text


async def test_the_phone_is_shared_by_one_key_and_only_ones_own_counts(stage):
    for words in ("đăng ký học may", "đồng ý cả ba", "xã nà pàn", "bỏ qua", "Lò Thị Mẫu"):
        await stage.says(AN, words)
    (asked,) = await stage.says(AN, "1990")
    assert (asked.keyboard.buttons[0].does, asked.labels[0]) == ("contact", "📱 Gửi số của tôi")
    refused = await stage.after(AN, stage.peer.shares_contact(AN, own=False))
    assert "Em chưa dùng được danh thiếp này" in refused[0].text
    assert refused[-1].labels == asked.labels
    (summary,) = await stage.after(AN, stage.peer.taps(AN, "📱 Gửi số của tôi"))
    assert "Điện thoại: 0900000001" in summary.text
    assert summary.labels == ("✅ Đúng, gửi đăng ký", "✏️ Sửa")
    assert "HN-" in (await stage.taps(AN, "Đúng, gửi đăng ký"))[0].text


async def test_a_link_opens_the_registration_for_its_class(stage):
    (asked,) = await stage.after(AN, stage.peer.starts(AN, "c-vi-du-2"))
    assert "đồng ý từng việc" in asked.text
    (place,) = await stage.taps(AN, "Đồng ý cả ba (a, b, c)")
    assert "thôn" in place.text.lower()  # trade and commune are the class's own


@pytest.mark.parametrize(
    ("payload", "words"), [("xyz", []), ("", []), ("c-khong-co", ["Lớp này không còn nhận tên nữa ạ."])]
)
async def test_a_link_nobody_knows_greets(stage, payload, words):
    *before, hello = await stage.after(AN, stage.peer.starts(AN, payload))
    assert [s.text for s in before] == words
    assert hello.text.startswith("Chào anh/chị!")
    assert hello.keyboard.persistent


async def test_a_group_gets_one_polite_line_a_day(stage):
    (line,) = await stage.after(GROUP, stage.peer.joins(GROUP, by=AN))
    assert line.text.endswith("https://t.me/hocnghe_thu_bot")
    assert await stage.after(GROUP, stage.peer.says(GROUP, "chào em", by=AN)) == ()
    assert await stage.after(GROUP, stage.peer.says(GROUP, "/start", by=BINH)) == ()
    stage.later(days=1)
    assert len(await stage.after(GROUP, stage.peer.says(GROUP, "/start", by=BINH))) == 1
    assert stage.fates() == {}


async def test_a_value_too_long_for_a_button_is_found_again(stage, monkeypatch):
    long = "topic:" + "x" * 80
    monkeypatch.setattr("bot.dialogue.acts.menu", lambda talk: (talk.choice(long, "menu.ask"),))
    await stage.says(AN, "chào em")
    heard = []
    handle = stage.app.handle
    monkeypatch.setattr(stage.app, "handle", lambda i, *more: (heard.append(i.choice), handle(i, *more))[1])
    await stage.taps(AN, "Hỏi việc khác")
    assert heard == [long]


async def test_what_people_see_before_they_talk_is_set_once(telegram_base, tmp_path, understanding, catalogue):
    path = copied(telegram_base, tmp_path)
    async with running(path, understanding, catalogue, webhook=True) as stage:
        peer = stage.peer
        await asyncio.wait_for(_until(lambda: ("short_description", "en") in peer.profile.words), 5)
        assert peer.profile.seen_by(AN, "vi") == ["start", "lop", "dangky", "dieukien", "canbo"]
        assert peer.profile.seen_by(AN, "en") == peer.profile.seen_by(AN, "fr")
        assert "Start" in peer.profile.words["description", "en"]
        made = [c.method for c in peer.calls if c.method.startswith("setMy")]
        async with running(path, understanding, catalogue, webhook=True, peer=peer):
            await asyncio.wait_for(_until(lambda: peer.calls[-1].method == "getChatMenuButton"), 5)
            await asyncio.sleep(0.05)
        assert [c.method for c in peer.calls if c.method.startswith("setMy")] == made


async def _until(true):
    while not true():
        await asyncio.sleep(0.01)
