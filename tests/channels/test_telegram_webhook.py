"""Updates that Telegram posts: who may, what rides in the answer, and what comes twice or in the wrong order."""

import asyncio
import json
import random

import pytest_asyncio
from aiohttp import ClientSession
from channels.telegram_stage import AN, BINH, SECRET, copied, running
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from peers.telegram_state import Rules

from bot.channels.telegram import sending
from bot.channels.telegram.webhook import HEADER


@pytest_asyncio.fixture
async def stage(telegram_base, tmp_path, understanding, catalogue, monkeypatch):
    monkeypatch.setattr(sending, "APART", 0)  # people in tests write faster than people
    async with running(copied(telegram_base, tmp_path), understanding, catalogue, webhook=True, answers=True) as stage:
        yield stage


@pytest_asyncio.fixture
async def session():
    async with ClientSession() as session:
        yield session


def an_update(number=1, text="chào em", chat=AN):
    person = {"id": chat, "is_bot": False, "first_name": "An"}
    message = {"message_id": 1, "date": 1, "from": person, "chat": {"id": chat, "type": "private"}, "text": text}
    return {"update_id": number, "message": message}


async def posted(session, stage):
    async with session.post(stage.hook, json=an_update(), headers={HEADER: SECRET}) as answer:
        return await answer.read()


async def test_only_telegram_may_post(stage, session):
    for headers in ({}, {HEADER: "wrong"}, {HEADER: SECRET + "x"}, {HEADER: "sécret"}):
        async with session.post(stage.hook, json=an_update(), headers=headers) as answer:
            assert (answer.status, await answer.read()) == (403, b"")
    assert stage.messages(AN) == ()


async def test_it_registers_itself_with_the_secret_and_the_kinds_it_wants(stage):
    hook, updates = stage.peer.updates.webhook, stage.peer.updates
    assert (hook.url, hook.secret, hook.connections) == (stage.hook, SECRET, 40)
    assert updates.allowed == {"message", "callback_query", "my_chat_member"}
    assert stage.channel.health()["ok"]


async def test_a_lone_reply_rides_in_the_answer_and_counts_as_sent_with_the_commit(stage):
    (reply,) = await stage.says(AN, "chào em")
    assert reply.via == "webhook"
    assert stage.fates() == {"sent": 1}
    assert stage.channel.health()["counts"]["unconfirmed"] == 1
    assert [c.method for c in stage.peer.calls if c.method == "sendMessage"] == ["sendMessage"]


async def test_several_replies_go_through_the_api_in_their_order(stage):
    for words in ("đăng ký học may", "đồng ý cả ba", "xã nà pàn", "bỏ qua", "Lò Thị Mẫu"):
        await stage.says(AN, words)
    told = await stage.says(AN, "học có mất tiền không")
    assert [s.via for s in told] == ["api", "api"]
    assert "sinh năm nào" in told[1].text


async def test_nothing_overtakes_what_still_waits_for_the_same_chat(stage):
    for words in ("đăng ký học may", "đồng ý cả ba", "xã nà pàn", "bỏ qua", "Lò Thị Mẫu"):
        await stage.says(AN, words)
    stage.peer.faults.error(429, method="sendMessage", chat=AN, retry_after=1)
    before = len(stage.peer.sent_to(AN))
    await stage.peer.says(AN, "học có mất tiền không")
    await stage.peer.quiet()
    await stage.peer.says(AN, "1990")
    await stage.settled()
    told = stage.peer.sent_to(AN)[before:]
    assert [s.via for s in told] == ["api"] * 3
    assert "Số điện thoại" in told[2].text


async def test_an_answer_that_did_not_arrive_comes_again_with_the_update(stage, monkeypatch):
    slow, fast = asyncio.Event(), stage.channel._inbound.take

    async def held(incoming, answers):
        handled = await fast(incoming, answers)
        if not slow.is_set():
            slow.set()
            await asyncio.sleep(0.4)  # longer than Telegram waits
        return handled

    monkeypatch.setattr(stage.channel._inbound, "take", held)
    stage.peer.rules.webhook_timeout = 0.2
    told = await stage.says(AN, "chào em")
    assert len(told) == 1
    *late, last = [d.status for d in stage.peer.deliveries]  # a slow machine may be late more than once
    assert (set(late), last) == ({0}, 200)
    assert stage.fates() == {"sent": 1}


async def test_an_update_that_comes_again_after_its_answer_says_nothing_twice(stage):
    stage.peer.rules.extra_deliveries = 2
    assert len(await stage.says(AN, "chào em")) == 1
    assert len(stage.peer.deliveries) == 3


async def test_the_same_update_twice_at_once_is_answered_once(stage, session):
    await stage.says(AN, "chào em")

    async def post():
        async with session.post(stage.hook, json=an_update(9), headers={HEADER: SECRET}) as answer:
            assert answer.status == 200
            return await answer.read()

    answers = await asyncio.gather(*(post() for _ in range(5)))
    assert len([a for a in answers if a]) == 1
    assert json.loads(next(a for a in answers if a))["method"] == "sendMessage"


async def test_a_new_process_that_finds_the_answer_sent_gives_it_to_the_update_that_comes_again(
    telegram_base, tmp_path, understanding, catalogue, session
):
    """Killed between the commit and the answer: Telegram got no 200, the row says sent."""
    path = copied(telegram_base, tmp_path)
    async with running(path, understanding, catalogue, webhook=True, answers=True) as stage:
        first = await posted(session, stage)
    async with running(path, understanding, catalogue, webhook=True, answers=True) as stage:
        await stage.peer.starts(AN)  # opens the chat
        assert await posted(session, stage) == first != b""
        assert await posted(session, stage) == b""


async def test_a_turn_that_fails_is_delivered_again_and_tells_nobody_why(stage, monkeypatch):
    handle, failing = stage.app.handle, iter((True, True))

    def sometimes(*arguments):
        if next(failing, False):
            raise OSError("disk full: /var/secret")
        return handle(*arguments)

    monkeypatch.setattr(stage.app, "handle", sometimes)
    assert len(await stage.says(AN, "chào em")) == 1
    assert [d.status for d in stage.peer.deliveries] == [503, 503, 200]


async def test_updates_in_the_wrong_order_are_each_answered_once(stage):
    stage.peer.updates.held = True
    for person in range(AN, AN + 20):
        await stage.peer.says(person, "chào em")
        await stage.peer.says(person, "còn lớp may không")
    stage.peer.updates.release(backwards=True)
    await stage.settled()
    assert {len(stage.peer.sent_to(p)) for p in range(AN, AN + 20)} == {2}


async def test_many_people_at_once_with_everything_going_wrong_are_answered_once(
    telegram_base, tmp_path, understanding, catalogue
):
    chance, people = random.Random(20261127), range(AN, AN + 10)
    options = {"webhook": True, "rules": Rules(extra_deliveries=1)}
    async with running(copied(telegram_base, tmp_path), understanding, catalogue, **options) as stage:
        for _ in range(6):
            stage.peer.faults.error(429, method="sendMessage", retry_after=1, chat=AN + chance.randrange(10))
        for words in ("đăng ký học may", "đồng ý cả ba", "xã nà pàn", "bỏ qua", "học có mất tiền không"):
            for person in people:
                await stage.peer.says(person, words)
        await stage.settled()
        assert {len(stage.peer.sent_to(p)) for p in people} == {6}
        assert set(stage.fates()) == {"sent"}


async def test_nothing_rides_where_telegram_might_refuse_it_unseen(stage, monkeypatch):
    """Telegram does not tell whether it took what rode in an answer."""
    monkeypatch.undo()
    (first,) = await stage.says(AN, "chào em")
    (second,) = await stage.says(AN, "còn lớp may không")  # within a second
    (other,) = await stage.says(BINH, "chào em")
    assert [s.via for s in (first, second, other)] == ["webhook", "api", "webhook"]
    stage.peer.faults.error(429, method="sendMessage", chat=AN, retry_after=1)
    await stage.says(AN, "còn lớp hàn không")
    (careful,) = await stage.says(BINH + 1, "chào em")  # a flood was told of: for a while nobody's rides
    assert careful.via == "api"


# Whatever is posted.

_BODIES = st.one_of(
    st.binary(max_size=200),
    st.text(max_size=200).map(str.encode),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["update_id", "message", "chat", "id", "text", "type", "data"]), inner)
        ),
        max_leaves=12,
    ).map(lambda value: json.dumps(value).encode()),
    st.text(max_size=60).map(lambda text: json.dumps(an_update(3, text)).encode()),
)


async def test_no_body_makes_it_fail(stage, session):
    @settings(max_examples=80, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(bodies=st.lists(_BODIES, min_size=1, max_size=4))
    def collected(bodies):
        asked.extend(bodies)

    asked = [b"[" * 100_000, b'{"update_id": 1e999}', b'{"update_id": NaN}', b"\xff", b'{"a":"\\ud800"}']
    await asyncio.to_thread(collected)
    surrogate = json.dumps(an_update(77, "\ud83d chào")).encode()
    for number, body in enumerate([*asked, surrogate]):
        async with session.post(stage.hook, data=body, headers={HEADER: SECRET}) as answer:
            assert answer.status in (200, 400), (number, body[:80])
    async with session.post(stage.hook, data=b"x" * 200_000, headers={HEADER: SECRET}) as answer:
        assert answer.status == 413
