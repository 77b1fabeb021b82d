"""Updates that are fetched: one poller at a time; an update is confirmed only after its turn was committed."""

import asyncio
import contextlib
import os
import socket
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.channels.port import Base
from bot.channels.reaching import Reaching
from bot.channels.telegram.request import AioRequest
from bot.channels.telegram.sending import seconds
from bot.channels.telegram.updates import KINDS
from bot.store.faults import unavailable

LONG_POLL = 25  # seconds that Telegram waits for something to tell
SLACK = 15  # seconds after which a poll that did not end is given up
LEASE = timedelta(seconds=90)
STANDBY = 10.0  # seconds between two looks whether the other poller still lives
PATIENCE = 90.0  # seconds without a successful poll until health tells
MOST_TRIES = 5  # turns of one update, before it is given up so that the others go on
TOKEN_PAUSE, CONFLICT_PAUSE, FIRST_PAUSE, LONGEST_PAUSE = 60.0, 10.0, 1.0, 30.0
log = structlog.get_logger()

Take = Callable[[Any], Coroutine[Any, Any, Any]]


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to poll for one bot; kept in the database, so that two programs on one database do not compete."""

    base: Base
    name: str
    holder: str

    @classmethod
    def of(cls, base: Base, account: str) -> "Lease":
        """This process's claim. A host and process number is never two living programs' at once."""
        return cls(base, f"telegram.poll.{account}", f"{socket.gethostname()[:60]}:{os.getpid()}")

    async def taken(self) -> bool:
        """Take or renew it; one left by a dead process of this machine is taken over at once."""
        return bool(await self.base.run(self._take))

    async def give_up(self) -> None:
        """For the next one."""
        await self.base.run(self._give_up)

    def _take(self) -> bool:
        now: datetime = self.base.clock()
        with self.base.store.channels() as unit:
            if unit.lease(self.name, self.holder, now, now + LEASE):
                return True
            other = unit.leaseholder(self.name)
            if not _is_dead(other):
                return False
            unit.give_up(self.name, other)
            return unit.lease(self.name, self.holder, now, now + LEASE)

    def _give_up(self) -> None:
        with self.base.store.channels() as unit:
            unit.give_up(self.name, self.holder)


def _is_dead(holder: str) -> bool:
    host, _, number = holder.rpartition(":")
    if host != socket.gethostname()[:60] or not number.isdigit():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


class Poller:
    """Fetches and hands on. `take` does one update and raises when it must come again."""

    def __init__(
        self, request: AioRequest, url: str, take: Take, lease: Lease, reaching: Reaching | None = None
    ) -> None:
        self._request, self._url, self._take, self._lease = request, url, take, lease
        self._reaching = reaching or Reaching(lease.base.clock)
        self._offset = 0
        self._tries: Counter[int] = Counter()
        self._task: asyncio.Task[None] | None = None
        self._working = False
        self._last = asyncio.get_running_loop().time()
        self._trouble = ""
        self._standby = False
        self.given_up = 0

    def start(self) -> None:
        """Poll until `stop`."""
        self._task = asyncio.create_task(self._run())

    async def stop(self, patience: float = 5.0) -> None:
        """The turns under way end; the lease is free for the next one."""
        if self._task is None:
            return
        task, self._task = self._task, None
        if self._working:
            await asyncio.wait([task], timeout=patience)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await self._lease.give_up()

    def health(self) -> Mapping[str, Any]:
        """Not ok when the last successful poll is too long ago; a poller that waits for another one's end is well."""
        if self._standby:
            return {"ok": True, "mode": "standby"}
        age = asyncio.get_running_loop().time() - self._last
        well = age <= PATIENCE and self._trouble != InvalidToken.__name__
        told = {"ok": well, "mode": "polling", "last_poll_seconds": round(age)}
        return {**told, **({"trouble": self._trouble} if self._trouble else {}), "given_up": self.given_up}

    async def _run(self) -> None:
        pause = FIRST_PAUSE
        while self._task is not None:
            try:
                self._standby = not await self._lease.taken()
                if self._standby:
                    await asyncio.sleep(STANDBY)
                    continue
                await self._round()
                self._trouble, pause = "", FIRST_PAUSE
            except Exception as fault:  # noqa: BLE001 - the poller must live; health tells
                wait = _pause(fault) or pause
                pause = min(2 * pause, LONGEST_PAUSE)
                self._trouble = type(fault).__name__
                if isinstance(fault, TelegramError | TimeoutError):
                    self._reaching.failed(self._trouble)
                log.warning("polling failed: trying again", channel="telegram", fault=self._trouble, after=wait)
                await asyncio.sleep(wait)

    async def _round(self) -> None:
        """One poll and its turns; those of one chat one after another, as `take` keeps them."""
        asked: dict[str, Any] = {"timeout": LONG_POLL, "allowed_updates": KINDS}
        if self._offset:
            asked["offset"] = self._offset
        async with asyncio.timeout(LONG_POLL + SLACK):  # a poll that hangs for ever would look like silence
            updates = await self._request.call(self._url, asked, read=LONG_POLL + SLACK)
        self._last = asyncio.get_running_loop().time()
        self._reaching.answered()
        if not updates:
            return
        self._working = True
        try:
            tasks = [asyncio.create_task(self._take(update)) for update in updates]
            results = await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            self._working = False
        self._confirm([u["update_id"] for u in updates], results)

    def _confirm(self, numbers: list[int], results: list[Any]) -> None:
        """Up to the first one that has to come again."""
        failed = [(n, r) for n, r in zip(numbers, results, strict=True) if isinstance(r, BaseException)]
        again = [(n, fault) for n, fault in failed if not self._gives_up(n, fault)]
        self._offset = min((n for n, _ in again), default=max(numbers) + 1)
        if again:
            raise again[0][1]
        self._tries.clear()

    def _gives_up(self, number: int, fault: BaseException) -> bool:
        """Whether this update has failed too often; a database that is full or gone is not its fault."""
        if unavailable(fault):
            return False
        self._tries[number] += 1
        if self._tries[number] < MOST_TRIES:
            return False
        self.given_up += 1
        log.error("an update was given up", channel="telegram", update=number, fault=type(fault).__name__)
        return True


def _pause(fault: Exception) -> float:
    """Seconds that this fault asks for; 0 when it does not say."""
    if isinstance(fault, RetryAfter):
        return seconds(fault)
    if isinstance(fault, InvalidToken):
        return TOKEN_PAUSE
    return CONFLICT_PAUSE if isinstance(fault, Conflict) else 0.0
