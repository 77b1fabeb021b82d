"""Sends the ledger of announcements through one channel account: each row once, in the account's pace, replies first.

Rows are claimed in batches (nobody else takes them), marked in small groups just before their requests leave, and
settled after: one transaction settles what is done, marks what has a free place on the wire and claims what comes next.
What a crash cuts off between the wire and the settling is of unknown fate: never more than the wire is wide, counted,
not sent again unasked. What was claimed and not marked waits again.
"""

import asyncio
import contextlib
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol, cast

import structlog

from bot import hours
from bot.announcements.audience import Ways
from bot.announcements.rates import Rate
from bot.announcements.texts import offer
from bot.channels.batches import Run
from bot.channels.holding import Holding, backoff
from bot.channels.outbox import Failed, Hold, Send, Sent
from bot.channels.outbox import Outcome as Fate
from bot.channels.port import Line
from bot.model import Reply
from bot.store.announcement_port import Announcement, OnItsWay, Outcome, Pace, Taken
from bot.store.port import StoredMessage
from bot.store.sql_announcing import Announcing
from bot.store.sql_ledger import MOST_TRIES

log = structlog.get_logger()
IDLE, TROUBLE = 5.0, 3.0  # seconds between looks when nothing is to be done; after a fault of the database
YIELD, YIELDS = 0.02, 25  # seconds an announcement stands back for somebody's answer, and how often at most
GATHER = 0.1  # seconds over which outcomes are gathered into one transaction
MARKS = 0.08  # seconds, at most, over which a capped channel's marks are gathered
COMMIT = 0.03  # seconds that a commit takes on a busy machine
# So many one after another that did not go (429, no connection, no answer): it is the channel, not the chats. Then all
# wait, one row at a time is tried, and none of it counts against the rows.
AWAY = 8
Compose = Callable[[Announcement, str], Reply]  # (announcement, language) -> what is sent


class LedgerStore(Protocol):
    """A store with announcements."""

    def announcing(self) -> AbstractContextManager[Announcing]:
        """One transaction over them."""


@dataclass(frozen=True, slots=True)
class Wire:
    """How a row gets out: `send` never raises; `ways` is asked once more just before; `compose` makes the message.

    `people`: how many of people's own messages are under way. `believed`: whether the clock is; else all waits.
    """

    send: Send
    ways: Ways
    compose: Compose
    people: Callable[[], int] = lambda: 0
    believed: Callable[[], bool] = lambda: True


@dataclass(frozen=True, slots=True)
class _Work:
    """What one transaction does: outcomes, rows to mark, a hold of all, whether more are claimed."""

    done: tuple[Outcome, ...]
    leaving: tuple[int, ...]
    held: tuple[timedelta, str] | None
    claim: bool


class Bulk:
    """One worker of one account; any number of them, in any number of processes, share the ledger and the pace."""

    def __init__(
        self, line: Line, store: LedgerStore, run: Run, wire: Wire, rate: Rate, clock: Callable[[], datetime]
    ) -> None:
        self.line, self._store, self._run, self._wire = line, store, run, wire
        self._rate, self._clock = rate, clock
        self._pace = Pace(f"{line.channel}.{line.account}", rate.per_s, rate.batch)
        # A low cap leaves places on the wire free: marks are gathered for a moment, else while a commit takes its time.
        self._marks = max(0.0, min(MARKS, rate.width / rate.per_s / 2 - COMMIT)) if rate.per_s else 0.0
        self._low = rate.batch if rate.per_s else rate.batch // 2  # rows on the wire at which more are claimed
        self._worker, self._holding = secrets.token_hex(8), Holding(clock)
        self._places = asyncio.Semaphore(rate.width)
        self._flying: dict[int, asyncio.Task[None]] = {}
        self._done: list[Outcome] = []
        self._asking: dict[int, asyncio.Future[bool]] = {}  # rows with a place on the wire that are to be marked
        self._held: tuple[timedelta, str] | None = None  # to be written down; a moment may be past a clock put back
        self._replies: dict[tuple[int, str], Reply] = {}
        self._marked: set[int] = set()  # on the wire
        self._wake, self._landed = asyncio.Event(), asyncio.Event()  # `_landed`: nothing is on it any more
        self._missed, self._stopping = 0, False  # rows in a row that did not go
        self._task: asyncio.Task[None] | None = None
        self.counts: Counter[str] = Counter()
        self.trouble = ""

    def start(self) -> None:
        """Begin to look for what is due."""
        self._task = asyncio.create_task(self._forever())

    def nudge(self) -> None:
        """Something was planned or resumed: look at once."""
        self._wake.set()

    async def stop(self, patience: float = 10.0) -> None:
        """What is on the wire comes to its end and is settled; what was only claimed waits again."""
        self._stopping = True
        self._wake.set()
        if self._task is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        for asked in self._asking.values():
            asked.set_result(False)
        self._asking = {}
        if self._flying:
            await asyncio.wait(list(self._flying.values()), timeout=patience)
        with contextlib.suppress(Exception):  # the lease runs out: then they are counted as unknown
            await self._turn_over(claim=False)

    @property
    def flying(self) -> int:
        """Rows claimed and not settled."""
        return len(self._flying) + len(self._done)

    async def _forever(self) -> None:
        while not self._stopping:
            try:
                await self._gather()
                taken = await self._turn_over(claim=self._may_claim())
                self.trouble = ""
            except Exception as fault:  # noqa: BLE001 - the database is full or gone: it waits and goes on
                self.trouble = type(fault).__name__
                log.error("announcements wait for the database", channel=self.line.channel, fault=self.trouble)
                await self._rest(TROUBLE)
                continue
            for row in taken.rows:
                self._flying[row.id] = asyncio.create_task(self._deliver(row, taken.announcements[row.announcement]))
            if not taken.rows:
                await self._rest(self._pause(taken))
            elif not self._room():
                await self._rest(GATHER)

    async def _gather(self) -> None:
        """Marks of a low cap come together; what lands meanwhile is settled at once: a kill leaves little in doubt."""
        if not self._marks or not 0 < len(self._asking) <= self._rate.width // 4:
            return
        marks = asyncio.create_task(asyncio.sleep(self._marks))
        if self._marked:
            self._landed.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._landed.wait(), self._marks)
        await self._turn_over(claim=False, mark=False)
        await marks

    def _pause(self, taken: Taken) -> float:
        if self._flying or self._done:
            return GATHER
        return IDLE if taken.wait is None else min(max(taken.wait, 0.01), IDLE)

    def _room(self) -> bool:
        """The next batch is claimed while some of the last one fly: the wire never stands still."""
        if self._missed >= AWAY:
            return self.flying == 0
        return len(self._flying) <= self._low

    def _may_claim(self) -> bool:
        return self._room() and self._wire.believed() and hours.awake(self._clock())

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), seconds)
        self._wake.clear()

    async def _turn_over(self, *, claim: bool, mark: bool = True) -> Taken:
        """Settle what is done, mark what leaves now, claim what comes next: one transaction.

        On a fault nothing is forgotten: what was to be marked is marked later, before it leaves.
        """
        work = _Work(tuple(self._done), tuple(self._asking) if mark else (), self._held, claim)
        if not (work.done or work.leaving or work.held or claim):
            return Taken()
        self._done, self._held = [], None
        try:
            taken, marked = await self._run(self._transact, work)
        except Exception:
            self._done = [*work.done, *self._done]
            self._held = self._held or work.held
            raise
        self._marked |= marked
        for row in work.leaving:
            if (asked := self._asking.pop(row, None)) is not None:
                asked.set_result(row in marked)
        return cast("Taken", taken)

    def _transact(self, work: _Work) -> tuple[Taken, frozenset[int]]:
        now = self._clock()
        with self._store.announcing() as unit:
            unit.ledger.settle(work.done, self._worker, now)
            if work.held is not None:
                unit.ledger.hold(self._pace, now + work.held[0], work.held[1], now)
            marked = unit.ledger.mark(work.leaving, self._worker, self._pace.lease_s, now)
            if not work.claim:
                return Taken(), marked
            pace = replace(self._pace, batch=1) if self._missed >= AWAY else self._pace
            return unit.ledger.claim(pace, self.line.channel, self.line.account, self._worker, now), marked

    async def _deliver(self, row: OnItsWay, one: Announcement) -> None:
        outcome = Outcome(row.id, row.reach.id, None, "stopping", begun=False)
        try:
            wait = (row.at - self._clock()).total_seconds()
            if wait > 0:
                await asyncio.sleep(min(wait, self._pace.lease_s / 4))
            async with self._places:
                await self._people_first()
                if not self._stopping and not self._holding.holds():
                    outcome = self._refusal(row, one) or await self._sent(row, one) or outcome
        except Exception as fault:  # noqa: BLE001 - it may have left: never again by itself
            outcome = Outcome(row.id, row.reach.id, "unknown", type(fault).__name__)
        finally:
            del self._flying[row.id]
            self._done.append(outcome)
            self.counts[outcome.fate or "again"] += 1
            if len(self._flying) == self._low or len(self._done) >= self._rate.batch:
                self._wake.set()
            self._marked.discard(row.id)
            if self._marks and not self._marked:
                self._landed.set()
                self._wake.set()

    async def _people_first(self) -> None:
        """Answers go out before announcements; one that hangs holds nothing up for long."""
        for _ in range(YIELDS):
            if not self._wire.people():
                return
            await asyncio.sleep(YIELD)

    def _refusal(self, row: OnItsWay, one: Announcement) -> Outcome | None:
        way = self._wire.ways(row.reach, self._clock())
        if way.why or (way.paid and not one.paid):  # Zalo's window ended since it was planned
            return Outcome(row.id, row.reach.id, "refused", way.why or "paid")
        return None

    async def _sent(self, row: OnItsWay, one: Announcement) -> Outcome | None:
        """Marked, then sent. None: it may not leave any more (paused, ended, another worker's)."""
        reply = self._reply(one, row.language)
        asked = self._asking[row.id] = asyncio.get_running_loop().create_future()
        self._wake.set()
        if not await asked or self._stopping or self._holding.holds():
            return None
        message = StoredMessage(-row.id, row.contact, f"announcement-{one.id}", self._clock(), reply)
        return self._outcome(row, one, await self._wire.send(message))

    def _reply(self, one: Announcement, language: str) -> Reply:
        if (one.id, language) not in self._replies:
            self._replies = {k: v for k, v in self._replies.items() if k[0] == one.id}
            self._replies[one.id, language] = self._wire.compose(one, language)
        return self._replies[one.id, language]

    def _outcome(self, row: OnItsWay, one: Announcement, fate: Fate) -> Outcome:
        now, contact = self._clock(), row.reach.id
        if isinstance(fate, Sent):
            self._missed = 0
            return Outcome(row.id, contact, "sent", quota=fate.quota, offer=offer(one))
        if isinstance(fate, Failed):
            self._missed = self._missed + 1 if fate.fate == "unknown" else 0
            if self._missed >= AWAY:
                self._hold(now + backoff(self._missed - AWAY), "no answer")
            shown = offer(one) if fate.fate == "unknown" else ""
            return Outcome(row.id, contact, fate.fate, fate.why, offer=shown)
        again = now + timedelta(seconds=fate.after)
        if isinstance(fate, Hold):
            self._hold(again, fate.why)
            return Outcome(row.id, contact, None, "held")
        self._missed += 1
        if self._missed >= AWAY:
            self._hold(max(again, now + backoff(self._missed - AWAY)), fate.why)
            return Outcome(row.id, contact, None, "held")
        if row.tries + 1 >= MOST_TRIES:
            return Outcome(row.id, contact, "refused", fate.why)
        return Outcome(row.id, contact, None, fate.why, again_at=again)

    def _hold(self, until: datetime, why: str) -> None:
        """All wait; what was claimed and has not begun goes back."""
        if self._holding.until(until):
            self._held = (until - self._clock(), why)
        self._wake.set()

    def health(self) -> Mapping[str, object]:
        """Counts of this process; what is the matter, for the operator."""
        trouble = {"trouble": self.trouble} if self.trouble else {}
        return {"counts": dict(self.counts), "flying": self.flying, **trouble}
