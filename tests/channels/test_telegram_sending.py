"""What goes out through the Bot API: errors obeyed, nothing twice, nobody held up by another."""

import asyncio

import pytest
import pytest_asyncio
from channels.telegram_stage import AN, BINH, SECRET, copied, running
from peers.telegram import TelegramPeer
from peers.telegram_state import Rules
from telegram import Bot
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter, TimedOut

from bot.channels.outbox import Failed, Hold, Retry, Sent
from bot.channels.telegram import sending
from bot.channels.telegram.request import AioRequest
from bot.channels.telegram.sending import Sender, outcome_of
from bot.model import Contact, Reply
from bot.store.port import StoredMessage

PNG = b"\x89PNG\r\n\x1a\n" + b"made up"


@pytest_asyncio.fixture
async def stage(telegram_base, tmp_path, understanding, catalogue, monkeypatch):
    """Polling: every reply goes through the API."""
    monkeypatch.setattr(sending, "NETWORK_PAUSE", 0.05)
    async with running(copied(telegram_base, tmp_path), understanding, catalogue, webhook=False) as stage:
        yield stage


@pytest_asyncio.fixture
async def peer():
    async with TelegramPeer() as peer:
        yield peer


@pytest_asyncio.fixture
async def request_():
    request = AioRequest(read=0.3)
    await request.initialize()
    yield request
    await request.shutdown()


async def test_429_stops_one_chat_for_as_long_as_the_server_says_and_no_other(stage):
    await stage.says(AN, "chào em")
    loop = asyncio.get_running_loop()
    stage.peer.faults.error(429, chat=AN, method="sendMessage", retry_after=1)
    begun = loop.time()
    await stage.peer.says(AN, "còn lớp may không")
    await stage.peer.asks(BINH, "chào em")
    assert loop.time() - begun < 0.9
    await stage.channel.outbox.idle()
    assert loop.time() - begun >= 1
    assert len(stage.peer.sent_to(AN)) == 2
    assert not any(c.early for c in stage.peer.calls)
    assert set(stage.fates()) == {"sent"}


@pytest.mark.parametrize("webhook", [True, False])
async def test_a_storm_of_429_loses_nothing_and_keeps_the_order(
    webhook, telegram_base, tmp_path, understanding, catalogue
):
    rules = Rules(per_chat=1, burst=1, overall=60)
    path = copied(telegram_base, tmp_path)
    peer = TelegramPeer(rules=rules)  # its clock runs
    async with peer, running(path, understanding, catalogue, webhook=webhook, peer=peer) as stage:
        people = range(AN, AN + 8)
        for round_ in ("chào em", "còn lớp may không"):
            for person in people:
                await peer.says(person, round_)
        await stage.settled()
        for person in people:
            first, second = peer.sent_to(person)
            assert "trợ lý tự động" in first.text
            assert "trợ lý tự động" not in second.text
        assert stage.fates() == {"sent": 16}
        assert any(c.code == 429 for c in peer.calls)


async def test_403_marks_the_person_and_my_chat_member_brings_them_back(stage):
    await stage.says(AN, "chào em")
    await stage.peer.blocks(AN)
    await stage.settled()
    assert stage.reach(AN).unreachable_why == "blocked"
    await stage.peer.unblocks(AN)
    await stage.settled()
    assert stage.reach(AN).unreachable_at is None


async def test_what_telegram_delivers_again_undoes_no_newer_block_or_unblock(stage):
    await stage.says(AN, "chào em")
    said = max(stage.peer.updates.made)
    blocked = await stage.peer.blocks(AN)
    await stage.settled()
    await stage.peer.redelivers(said)
    await stage.settled()
    assert stage.reach(AN).unreachable_why == "blocked"
    back = await stage.peer.unblocks(AN)
    await stage.settled()
    await stage.peer.redelivers(blocked)
    await stage.settled()
    assert stage.reach(AN).unreachable_at is None
    await stage.peer.blocks(AN)
    await stage.peer.redelivers(back)
    await stage.settled()
    assert stage.reach(AN).unreachable_why == "blocked"


async def test_somebody_who_blocks_while_being_answered_is_unreachable_until_they_write(stage):
    await stage.says(AN, "chào em")
    stage.peer.faults.error(403, method="sendMessage", chat=AN)
    assert await stage.says(AN, "còn lớp không") == ()
    assert stage.reach(AN).unreachable_why == "403 bot was blocked by the user"
    assert stage.fates() == {"sent": 1, "unreachable": 1}
    assert len(await stage.says(AN, "chào em")) == 1
    assert stage.reach(AN).unreachable_at is None


async def test_400_is_for_good(stage):
    stage.peer.faults.error(400, method="sendMessage")
    assert await stage.says(AN, "chào em") == ()
    assert stage.fates() == {"refused": 1}


async def test_what_was_cut_off_is_not_sent_again_whether_it_arrived_or_not(stage):
    stage.peer.faults.cut_after(method="sendMessage")
    assert len(await stage.says(AN, "chào em")) == 1
    stage.peer.faults.cut_before(method="sendMessage")
    assert await stage.says(AN, "còn lớp không") == ()
    assert stage.fates() == {"unknown": 2}


async def test_a_gateway_that_never_reached_the_service_is_tried_again(stage):
    stage.peer.faults.page(method="sendMessage")
    assert len(await stage.says(AN, "chào em")) == 1
    assert stage.fates() == {"sent": 1}


async def test_an_answer_that_never_comes_is_a_time_out(peer, request_):
    await peer.says(AN, "chào")
    peer.faults.slow(0.6, method="sendMessage")
    sender = Sender(request_, f"{peer.url}/bot{peer.token}")
    assert await sender.send(stored("Dạ")) == Failed("unknown", "no answer")


def stored(text, number=1):
    return StoredMessage(number, Contact("telegram", "900100200", str(AN)), "u", None, Reply(text))


async def test_nobody_at_the_other_end_is_tried_again(request_, unused_tcp_port_factory):
    sender = Sender(request_, f"http://127.0.0.1:{unused_tcp_port_factory()}/bot1:x")
    assert await sender.send(stored("Dạ")) == Retry(sending.NETWORK_PAUSE, "no connection")


async def test_a_long_text_goes_on_with_the_part_that_was_refused_a_moment(peer, request_):
    await peer.says(AN, "chào")
    long = stored("Một câu dài. " * 700)  # 9,100 characters
    peer.faults.cut_after(method="sendMessage")  # the first part arrives, but nobody knows
    sender = Sender(request_, f"{peer.url}/bot{peer.token}")
    assert await sender.send(long) == Failed("unknown", "no answer")
    assert "".join(s.text for s in peer.sent).replace(" ", "") == "Mộtcâudài." * 700

    peer.world.sent.clear()
    peer.faults.error(429, method="sendMessage", retry_after=0.01, times=None, chat=BINH)
    texts = []
    peer.world.watchers.append(lambda sent: (texts.append(sent.text), peer.flood.stop(AN, 0.05)))
    long = stored("Một câu dài. " * 700, number=2)
    outcome = await sender.send(long)
    while isinstance(outcome, Retry):
        await asyncio.sleep(outcome.after / 10)
        outcome = await sender.send(long)
    assert outcome == Sent()
    assert "".join(texts).replace(" ", "") == "Mộtcâudài." * 700


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (RetryAfter(344), Retry(344, "429")),
        (Forbidden("Forbidden: user is deactivated"), Failed("unreachable", "403 user is deactivated")),
        (InvalidToken("Unauthorized"), Hold(60, "token refused")),
        (BadRequest("Bad Request: chat not found"), Failed("unreachable", "400 chat not found")),
        (BadRequest("Bad Request: message is too long"), Failed("refused", "400 message is too long")),
        (TimedOut("x"), Failed("unknown", "no answer")),
        (NetworkError("x"), Retry(sending.NETWORK_PAUSE, "no connection")),
    ],
)
def test_what_each_error_means(fault, outcome):
    assert outcome_of(fault) == outcome


async def test_the_librarys_bot_uploads_and_fetches_over_the_same_request(peer, request_):
    await peer.says(AN, "chào")
    await peer.sends(AN, "photo", PNG)
    (file_id, *_) = peer.world.files
    bot = Bot(
        peer.token,
        base_url=f"{peer.url}/bot",
        base_file_url=f"{peer.url}/file/bot",
        request=request_,
        get_updates_request=AioRequest(),
    )
    async with bot:
        await bot.send_photo(AN, PNG, caption="Sơ đồ <đường đi>")
        assert (peer.sent[-1].photo, peer.sent[-1].text) == (PNG, "Sơ đồ <đường đi>")
        assert await (await bot.get_file(file_id)).download_as_bytearray() == PNG
        with pytest.raises(BadRequest, match="Chat not found"):
            await bot.send_message(1, "x")
    with pytest.raises(NetworkError):
        await request_.call(f"{peer.url}/bot{peer.token}/getMe", {})  # closed with the bot


async def test_no_error_of_a_broken_line_holds_the_token(request_, unused_tcp_port_factory):
    url = f"http://127.0.0.1:{unused_tcp_port_factory()}/bot1:{SECRET}/getMe"
    with pytest.raises(NetworkError) as told:
        await request_.call(url, {})
    assert SECRET not in repr(told.value)
    assert told.value.__cause__ is None
