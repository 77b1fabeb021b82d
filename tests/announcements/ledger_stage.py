"""Announcements over a store with contacts on Telegram; the test moves the clock and says what the wire answers."""

import asyncio
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from store.factories import KEY, engine_at, person

from bot.announcements.audience import Way
from bot.announcements.rates import capped
from bot.announcements.texts import message
from bot.bench.announce import composed, filled
from bot.bench.bulk_worker import LINE
from bot.channels.bulk import Bulk, Wire
from bot.channels.inbound import runner
from bot.channels.outbox import Outcome, Sent
from bot.effects import ConsentGiven, LeadRegistered
from bot.i18n import language
from bot.model import Contact, Course
from bot.store.announcement_port import Announcement
from bot.store.crypto import Cipher
from bot.store.desk_port import Scope
from bot.store.records import VIETNAM
from bot.store.sql_desk_store import SqlDeskStore

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=VIETNAM)
HERE = "99001"


class House:
    """`answers`: what the wire says to a chat; `taken`: how often each chat got the message."""

    def __init__(self, path: Any) -> None:
        self.store = SqlDeskStore(engine_at(path), Cipher(KEY))
        self.now = [NOON]
        self.taken: Counter[str] = Counter()
        self.answers: Callable[[str], Outcome] = lambda _chat: Sent()
        self._threads = ThreadPoolExecutor(1)
        self.slow = 0.0

    def clock(self) -> datetime:
        return self.now[0]

    def later(self, **time: float) -> None:
        self.now[0] += timedelta(**time)

    def announced(self, recipients: int) -> int:
        return filled(self.store, Cipher(KEY), recipients, self.now[0])

    async def send(self, message: Any) -> Outcome:
        await asyncio.sleep(self.slow)
        outcome = self.answers(message.contact.id)
        if isinstance(outcome, Sent):
            self.taken[message.contact.id] += 1
        return outcome

    def bulk(self, per_s: float | None = None, width: int = 16, **how: Any) -> Bulk:
        wire = Wire(self.send, how.get("ways", lambda _to, _now: Way()), lambda one, code: message(one, language(code)))
        return Bulk(LINE, self.store, runner(self._threads), wire, capped(per_s, width), self.clock)

    async def run(self, bulk: Bulk, until: Callable[[], bool], seconds: float = 10.0) -> None:
        bulk.start()
        try:
            await asyncio.wait_for(self._until(until), seconds)
        finally:
            await bulk.stop()

    @staticmethod
    async def _until(condition: Callable[[], bool]) -> None:
        while not condition():
            await asyncio.sleep(0.02)

    def states(self, number: int) -> dict[str, int]:
        counts: Counter[str] = Counter()
        for (state, _why), n in self.progress(number).counts.items():
            counts[state] += n
        return dict(counts)

    def progress(self, number: int) -> Any:
        with self.store.announcing() as unit:
            one = unit.announcements.one(number, Scope(None))
            assert one is not None
            return unit.audience.progress(one, self.now[0])

    def one(self, number: int) -> Announcement:
        with self.store.announcing() as unit:
            found = unit.announcements.one(number, Scope(None))
        assert found is not None
        return found

    def registers(self, number: int, *, announce: bool = True, trade: str = "cooking", **how: Any) -> Contact:
        """Person number so-and-so registers in a chat of their own (or the one given)."""
        contact: Contact = how.pop("contact", Contact(LINE.channel, LINE.account, str(1000 + number)))
        receipt = f"HN-AAAA{number:02}"
        lead = LeadRegistered(receipt, person(number, commune=HERE), trade, "Nấu ăn", "", served=True,
                              verification=how.pop("verification", "unverified"))  # fmt: skip
        with self.store.transaction() as unit:
            at = unit.lock(contact, self.now[0])
            unit.apply(at, replace(lead, **how), self.now[0])
            unit.apply(at, ConsentGiven("announce", announce, "test", receipt), self.now[0])
        return contact

    def course(self, **changes: Any) -> Course:
        one = Course("lop-1", HERE, "cooking", "Nấu ăn", "", "Nhà văn hóa", (NOON + timedelta(days=9)).date(), None, "",
                     2, (NOON + timedelta(days=6)).date(), (), "open")  # fmt: skip
        one = replace(one, **changes)
        with self.store.transaction() as unit:
            unit.save_course(one)
        return one

    def draft(self, **changes: Any) -> Announcement:
        one = replace(composed(self.now[0]), communes=(HERE,), **changes)
        with self.store.announcing() as unit:
            return replace(one, id=unit.announcements.draft(one))

    def close(self) -> None:
        self._threads.shutdown()
        self.store.close()
