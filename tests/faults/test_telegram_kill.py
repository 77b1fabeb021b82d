"""kill -9 while Telegram is served, by webhook and by polling: nothing is lost, nothing is answered twice."""

import asyncio
import contextlib
import random
from pathlib import Path

import pytest
from aiohttp import ClientConnectorError, ClientSession
from aiohttp.test_utils import unused_port
from faults.stage import Program
from peers.telegram import TelegramPeer
from peers.telegram_state import Rules
from sqlalchemy import text

from bot import wiring
from bot.demo import CODE
from bot.model import Contact
from bot.settings import Settings

pytestmark = pytest.mark.process
SCRIPT = Path(__file__).with_name("telegram_program.py")
PATIENCE = 60  # seconds, on a busy machine
ENOUGH, FEW = 4, 10  # kills that must fall; updates left when no kill can be counted on to fall any more
PHONE = "their phone"
SAID = ("/dangky", "đồng ý cả ba", "may công nghiệp", "Nà Pàn", "Thôn Ví Dụ", "Nguyễn Thị Mẫu", "1990", PHONE, "đúng")


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    started = Program(tmp_path_factory.mktemp("home"), SCRIPT)
    yield started
    started.close()


@pytest.mark.parametrize(("webhook", "apart"), [(True, 0), (True, 1), (False, 1)], ids=["riding", "sending", "polling"])
async def test_killed_over_and_over_everybody_is_answered_once(program, tmp_path, webhook, apart):
    chance = random.Random(20261127 + 2 * webhook + apart)
    await survive(program, tmp_path, chance, webhook=webhook, apart=apart)


async def survive(program, folder, chance, *, webhook, apart, kills=4):
    """Several times as many people as kills register; each kill falls soon after the program has begun to answer."""
    people = range(9000001, 9000001 + 4 * kills)
    async with TelegramPeer(rules=Rules(retry_most=0.05, redeliveries=10**6)) as peer:
        order = _order(peer, folder, webhook=webhook, apart=apart)
        for words in SAID:
            for person in people:
                await peer.says(person, f"0900000{person % 1000:03d}" if words == PHONE else words)
        done = 0
        while done < kills and len(peer.updates.pending) > FEW:
            done += 1
            before = len(peer.sent)
            await _started(program, order)
            await peer.wait_for(before + chance.randint(1, 5), seconds=PATIENCE)
            await asyncio.sleep(chance.uniform(0, 0.03))
            assert await asyncio.to_thread(program.kill)
        assert done >= min(kills, ENOUGH), "the program was through before it had been killed often enough"
        await _started(program, order)
        await peer.quiet(PATIENCE)
        await _all_sent(order["port"])
        await asyncio.to_thread(program.end)
        _assert_all_is_well(Settings(**order["settings"]), peer, people)


def _order(peer, folder, *, webhook, apart):
    port = unused_port()
    settings = {
        "data_dir": str(folder),
        "telegram_token": peer.token,
        "telegram_api_url": peer.url,
        "telegram_webhook_secret": peer.secret,
        "public_url": f"http://127.0.0.1:{port}" if webhook else "",
        "telegram_reply_in_webhook": webhook and not apart,
    }
    return {"settings": settings, "port": port, "apart": apart}


async def _all_sent(port):
    """Until the outbox is empty, as /healthz tells."""
    async with asyncio.timeout(PATIENCE), ClientSession() as session:
        while True:
            with contextlib.suppress(ClientConnectorError):  # it polls before it listens
                async with session.get(f"http://127.0.0.1:{port}/healthz") as answer:
                    if (await answer.json())["channels"]["telegram"]["waiting"] == 0:
                        return
            await asyncio.sleep(0.05)


async def _started(program, order):
    await asyncio.to_thread(program.start, order)
    await asyncio.to_thread(program.until, "ready")


def _assert_all_is_well(settings, peer, people):
    """What each person saw is what the rows say was sent, each once, in order; a cut-off one at most once."""
    store = wiring.open_store(settings)
    try:
        with store.engine.connect() as db:
            assert [row[0] for row in db.execute(text("PRAGMA integrity_check"))] == ["ok"]
            fates = dict(tuple(row) for row in db.execute(text("SELECT id, fate FROM messages WHERE outgoing")))
        assert set(fates.values()) <= {"sent", "unknown"}
        with store.transaction() as unit:
            assert len(unit.leads(CODE)) == len(people), [s.text for s in peer.sent_to(people[0])]
            for person in people:
                talk = unit.messages(Contact("telegram", peer.token.partition(":")[0], str(person)))
                answers = [(m.reply.text, fates[m.id]) for m in talk if m.reply is not None]
                assert len(answers) == len({m.update_id for m in talk}) == len(SAID)
                _assert_seen(iter(s.text for s in peer.sent_to(person)), answers)
    finally:
        store.close()


def _assert_seen(seen, answers):
    shown = next(seen, None)
    for words, fate in answers:
        if shown == words.strip():
            shown = next(seen, None)
        else:
            assert fate == "unknown", f"{words[:40]!r} was lost or came out of turn"
    assert shown is None, f"{shown[:40]!r} came twice"
