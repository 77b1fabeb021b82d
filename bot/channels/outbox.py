"""What is sent through a platform's API: in order for each person, each message once, nothing lost by a crash.

A message is claimed (committed) before it goes onto the wire and settled after. A crash in between leaves it claimed:
its fate is unknown; it is counted and not sent again. Claims and settlements of many people share a transaction.
"""

import asyncio
import contextlib
from bisect import insort
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Literal

import structlog

from bot.channels.batches import Batches, Run, Write
from bot.channels.holder import new_holder, surely_gone
from bot.channels.port import Line
from bot.channels.reaching import Reaching
from bot.model import Contact
from bot.store.channel_port import ChannelStore, ChannelUnit, Fate, Quota, Settled
from bot.store.faults import unavailable
from bot.store.port import StoredMessage

log = structlog.get_logger()
MOST_TRIES = 8
LOOK = 5.0  # seconds between looks for what other processes queued or left
ANSWERS = frozenset({"429", "426", "403"})  # why a message waits although the platform answered
BEHIND = 0.3  # seconds until it is looked again whether an older message is out


@dataclass(frozen=True, slots=True)
class Sent:
    """The platform took it; `quota` is what it said about free replies."""

    quota: Quota | None = None


@dataclass(frozen=True, slots=True)
class Retry:
    """It was surely not taken: again after so many seconds; other people's messages go on."""

    after: float
    why: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Nothing can be sent on this channel now (no valid token): all wait so many seconds, nothing is lost."""

    after: float
    why: str


@dataclass(frozen=True, slots=True)
class Failed:
    """It will not be sent: `fate` is unknown (it may have arrived), refused, or unreachable (the person)."""

    fate: Fate
    why: str


Outcome = Sent | Retry | Hold | Failed
Send = Callable[[StoredMessage], Awaitable[Outcome]]


class Outbox:
    """Sends what was committed. `run(f, *args)` runs blocking work on the turns' executor; `send` never raises."""

    def __init__(
        self, line: Line, store: ChannelStore, run: Run, send: Send, *, clock: Callable[[], datetime], width: int = 32
    ) -> None:
        self._channel, self._account = line.channel, line.account
        self._store = store
        self._run = run
        self._send = send
        self._clock = clock
        self._holder = new_holder()
        self._batches = Batches(store, run, self._holder, clock)
        self._wire = asyncio.Semaphore(width)
        self._lanes: dict[Contact, list[StoredMessage]] = {}
        self._known: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._watch: asyncio.Task[None] | None = None
        self._held_until = 0.0
        self._doubt, self._strays = False, frozenset[int]()
        self._stopping = asyncio.Event()
        self.counts: Counter[str] = Counter()
        self.reaching = Reaching(clock)

    async def start(self) -> None:
        """Count what a process that ended was cut off from, send what it had not begun to send, and look again soon."""
        await self._look()
        self._watch = asyncio.create_task(self._keep_looking())

    async def again(self) -> None:
        """Take up what was given up for a while (the platform was away for long), and what other processes queued."""
        self.put(await self._run(self._pending, frozenset(self._known)))

    async def _look(self) -> None:
        lost = await self._run(self._interrupted)
        if lost:
            log.warning("messages of unknown fate: their process has ended", channel=self._channel, count=lost)
            self.counts["unknown"] += lost
        await self.again()

    async def _keep_looking(self) -> None:
        while not await self._stopped(LOOK):
            try:
                await self._look()
            except Exception as fault:  # noqa: BLE001 - the database is full or gone: it waits and looks again
                log.error("the outbox waits for the database", channel=self._channel, fault=type(fault).__name__)

    async def stop(self, patience: float = 5.0) -> None:
        """Let what is on the wire end; what waits stays unsent for the next start."""
        self._stopping.set()
        tasks = [*self._tasks, *([self._watch] if self._watch else [])]
        if tasks:
            await asyncio.wait(tasks, timeout=patience)
        for task in tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)

    def busy(self, contact: Contact) -> bool:
        """Whether something is still to be sent to this contact, so that nothing may overtake it."""
        return contact in self._lanes

    @property
    def waiting(self) -> int:
        """Messages not settled yet."""
        return len(self._known)

    def put(self, messages: Iterable[StoredMessage]) -> None:
        """Send these, those of one person in this order; settled ones and those on their way are left out."""
        for message in messages:
            if message.sent_at is not None or message.id in self._known:
                continue
            self._known.add(message.id)
            lane = self._lanes.get(message.contact)
            if lane is not None:
                insort(lane, message, key=_number)
                continue
            lane = self._lanes[message.contact] = [message]
            task = asyncio.create_task(self._drain(message.contact, lane))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def idle(self) -> None:
        """Until everything is settled (tests, an orderly end)."""
        while self._tasks:
            await asyncio.wait(list(self._tasks))

    async def _drain(self, contact: Contact, lane: list[StoredMessage]) -> None:
        try:
            while lane and not self._stopping.is_set():
                message = lane[0]
                if not await self._over(message):  # an older one, of another process or left before, goes first
                    await self.again()
                    await self._stopped(BEHIND)
                    continue
                lane.remove(message)
                self._known.discard(message.id)
        finally:
            self._known.difference_update(m.id for m in lane)
            if self._lanes.get(contact) is lane:
                del self._lanes[contact]

    async def _over(self, message: StoredMessage) -> bool:
        """Whether this process is through with the message: settled, taken by another one, or left for later."""
        try:
            return await self._one(message)
        except Exception as fault:  # noqa: BLE001 - the row stays; it is taken up again
            log.error("a message could not be sent", channel=self._channel, fault=type(fault).__name__)
            self._doubt = True
            return True

    async def _one(self, message: StoredMessage) -> bool:
        tries = 0
        while tries < MOST_TRIES:
            outcome = await self._tried(message)
            if isinstance(outcome, str):
                return outcome == "taken"
            if isinstance(outcome, Sent | Failed):
                await self._settle(message, outcome)
                return True
            await self._kept(lambda unit: unit.release([message.id]))
            if isinstance(outcome, Hold):
                self._held_until = max(self._held_until, asyncio.get_running_loop().time() + outcome.after)
            else:
                tries += 1
            self.counts["retried"] += 1
            log.info("sending again later", channel=self._channel, why=outcome.why, after=outcome.after, tries=tries)
            if await self._stopped(outcome.after):
                return True
        self.counts["left"] += 1  # the next look, or the person's next message, tries again
        return True

    async def _stopped(self, seconds: float) -> bool:
        """Wait so long; True as soon as the outbox is to stop."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
        return self._stopping.is_set()

    async def _tried(self, message: StoredMessage) -> Outcome | Literal["taken", "behind"]:
        loop = asyncio.get_running_loop()
        while (wait := self._held_until - loop.time()) > 0:
            if await self._stopped(wait):
                return Hold(0, "stopping")
        async with self._wire:
            claimed = await self._batches.claim(message.id)
            if claimed != "mine":
                return claimed
            outcome = await self._sent(message)
        self._note(outcome)
        return outcome

    async def _sent(self, message: StoredMessage) -> Outcome:
        try:
            return await self._send(message)
        except Exception as fault:  # noqa: BLE001 - it may have left: never again by itself
            log.error("a message could not be sent", channel=self._channel, fault=type(fault).__name__)
            return Failed("unknown", type(fault).__name__)

    async def _kept(self, work: Settled | Write) -> None:
        """Written down, however long the database is away: what became of the message is known here alone."""
        while True:
            try:
                return await self._batches.write(work)
            except Exception as fault:
                if not unavailable(fault) or await self._stopped(LOOK):
                    raise
                log.warning("the outbox waits for the database", channel=self._channel, fault=type(fault).__name__)

    def _note(self, outcome: Outcome) -> None:
        """What this says of the platform itself; 429 and a refusal of one message are answers."""
        if isinstance(outcome, Sent) or (isinstance(outcome, Failed) and outcome.fate != "unknown"):
            self.reaching.answered()
        elif isinstance(outcome, Hold | Failed) or outcome.why not in ANSWERS:
            self.reaching.failed(outcome.why)

    async def _settle(self, message: StoredMessage, outcome: Sent | Failed) -> None:
        fate: Fate = "sent" if isinstance(outcome, Sent) else outcome.fate
        why = "" if isinstance(outcome, Sent) else outcome.why
        quota = outcome.quota if isinstance(outcome, Sent) else None

        self.counts[fate] += 1
        if fate != "sent":
            log.warning("a message was not delivered", channel=self._channel, fate=fate, why=why)
        settled = Settled(message.id, fate, why)
        if fate == "unreachable" or quota is not None:
            await self._kept(partial(self._settle_with, message.contact, settled, quota))
        else:
            await self._kept(settled)

    def _settle_with(self, contact: Contact, settled: Settled, quota: Quota | None, unit: ChannelUnit) -> None:
        """The message, and what its sending told about the person."""
        now = self._clock()
        unit.settle([settled], now)
        if settled.fate == "unreachable":
            unit.unreachable(contact, settled.why, now)
        if quota is not None:
            unit.quota(contact, quota)

    def _interrupted(self) -> int:
        """A claim of our own that nothing here knows of was made as the database went: it surely did not leave.

        Found so at two looks, for between the two a claim on its way becomes known.
        """
        with self._store.channels() as unit:
            if self._doubt:
                strays = unit.claimed(self._channel, self._account, self._holder) - self._known
                unit.release(strays & self._strays)
                self._doubt, self._strays = bool(strays - self._strays), strays
            gone = partial(surely_gone, mine=self._holder)
            return unit.interrupted(self._channel, self._account, gone, self._clock(), self._holder)

    def _pending(self, known: frozenset[int]) -> tuple[StoredMessage, ...]:
        with self._store.channels() as unit:
            return unit.pending(self._channel, self._account, known)


def _number(message: StoredMessage) -> int:
    return message.id
