"""The outbox when the database goes while a message is on its way, and when the clock jumps."""

import asyncio
import contextlib
import errno
from datetime import timedelta

from channels.outbox.outbox_stage import LINE, NOW, fates, queued

from bot.channels import outbox as outbox_module
from bot.channels.outbox import Outbox, Sent


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
    assert fates(store) != {"sent": 1}
    flaky.fails = ""
    await box.idle()
    assert fates(store) == {"sent": 1}
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
        while fates(store) != {"sent": 2}:
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
    assert fates(store) == {"sent": 1}
    await box.stop()
