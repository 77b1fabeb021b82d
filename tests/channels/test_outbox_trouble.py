"""The outbox when the database goes while a message is on its way, and when the clock jumps."""

import asyncio
import contextlib
import errno
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from store.factories import sqlite_store

from bot.channels import outbox as outbox_module
from bot.channels.inbound import runner
from bot.channels.outbox import Outbox, Sent
from bot.channels.port import Line
from bot.model import Contact, Reply
from bot.store.engines import connect
from bot.store.migrate import upgrade

NOW = datetime(2026, 11, 27, 5, tzinfo=UTC)
LINE = Line("zalo_oa", "app")


@pytest.fixture
def store(tmp_path):
    path = tmp_path / "box.sqlite3"
    upgrade(connect(f"sqlite:///{path}"))
    store = sqlite_store(path)
    yield store
    store.close()


@pytest.fixture
def run():
    with ThreadPoolExecutor(1) as pool:
        yield runner(pool)


def queued(store, name, *texts):
    with store.transaction() as unit:
        number = unit.lock(Contact("zalo_oa", "app", name), NOW)
        unit.remember(number, "u1", "hỏi", NOW)
        return unit.queue(number, "u1", [Reply(t) for t in texts], NOW)


class Flaky:
    """A store whose channels' transactions can fail before or after the commit."""

    def __init__(self, store):
        self._store, self.fails = store, ""

    def __getattr__(self, name):
        return getattr(self._store, name)

    @contextlib.contextmanager
    def channels(self):
        if self.fails == "before":
            raise sqlite_full()
        with self._store.channels() as unit:
            yield unit
        if self.fails == "after":
            self.fails = "before"
            raise sqlite_full()


def sqlite_full():
    return OSError(errno.ENOSPC, "no room")


async def test_what_became_of_a_message_is_kept_until_the_database_is_back(store, run, monkeypatch):
    monkeypatch.setattr(outbox_module, "LOOK", 0.05)
    flaky = Flaky(store)

    async def send(message):
        flaky.fails = "before"  # the database goes while the message is on the wire
        return Sent()

    box = Outbox(LINE, flaky, run, send, clock=lambda: NOW)
    box.put(queued(store, "A", "một"))
    await asyncio.sleep(0.2)
    assert store_fates(store) != {"sent": 1}
    flaky.fails = ""
    await box.idle()
    assert store_fates(store) == {"sent": 1}
    await box.stop()


async def test_a_claim_made_as_the_database_went_is_let_go_and_sent_once(store, run, monkeypatch):
    monkeypatch.setattr(outbox_module, "LOOK", 0.05)
    flaky, sent = Flaky(store), []

    async def send(message):
        sent.append(message.reply.text)
        return Sent()

    box = Outbox(LINE, flaky, run, send, clock=lambda: NOW)
    await box.start()
    flaky.fails = "after"  # the claim is committed, and nobody hears of it
    box.put(queued(store, "A", "một", "hai"))
    await asyncio.sleep(0.2)
    assert not sent
    flaky.fails = ""
    async with asyncio.timeout(5):
        while store_fates(store) != {"sent": 2}:
            await asyncio.sleep(0.02)
    assert sent == ["một", "hai"]
    await box.stop()


async def test_a_clock_that_jumps_ahead_makes_no_message_on_the_wire_unknown(store, run, monkeypatch):
    monkeypatch.setattr(outbox_module, "LOOK", 0.02)
    now, gone = [NOW], asyncio.Event()

    async def send(message):
        now[0] = NOW + timedelta(hours=5)
        await gone.wait()
        return Sent()

    box = Outbox(LINE, store, run, send, clock=lambda: now[0])
    await box.start()
    box.put(queued(store, "A", "một"))
    await asyncio.sleep(0.2)
    gone.set()
    await box.idle()
    assert store_fates(store) == {"sent": 1}
    await box.stop()


def store_fates(store):
    with store.channels() as unit:
        return dict(unit.fates("zalo_oa"))
