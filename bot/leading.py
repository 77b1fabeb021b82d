"""Which process of those on one database does what has to be done once: a lease there, renewed while it lives.

Everything that runs under it may be cut off or overlap for a moment without harm (each step has one winner in the
database); the lease keeps a dozen processes from doing the same looks a dozen times.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any

import structlog

from bot.background import BackgroundTask
from bot.channels.holder import new_holder, surely_gone
from bot.store.channel_port import ChannelStore
from bot.store.faults import unavailable

NAME = "background"
LEASE = timedelta(seconds=45)  # a process that died on another machine is followed after so long
RENEW = 10.0  # seconds
log = structlog.get_logger()
Run = Callable[..., Awaitable[Any]]


class Leader:
    """One claim of one process. `run(work)` runs blocking work on an executor."""

    def __init__(self, store: ChannelStore, run: Run, clock: Callable[[], datetime], name: str = NAME) -> None:
        self._store, self._run, self._clock, self._name = store, run, clock, name
        self._holder = new_holder()
        self._until = 0.0  # of the loop's clock, which nobody sets
        self._task = BackgroundTask()
        self.trouble = ""  # why the last look failed: full, gone, busy, or the fault's name
        self.well_at = perf_counter()

    def leads(self) -> bool:
        """Whether this process does it now: it renewed its lease in time."""
        return asyncio.get_running_loop().time() < self._until

    async def start(self) -> None:
        """Take it if it is to be had, before anything asks."""
        await self._look()
        self._task.begin(self._forever())

    async def stop(self) -> None:
        """For the next one; a database that is away frees it by time."""
        await self._task.cancel()
        self._until = 0.0
        with contextlib.suppress(Exception):
            await self._run(self._give_up)

    async def _forever(self) -> None:
        while True:
            await asyncio.sleep(RENEW)
            await self._look()

    async def _look(self) -> None:
        asked, led = asyncio.get_running_loop().time(), self.leads()
        try:
            if await self._run(self._take):
                self._until = asked + LEASE.total_seconds()
            else:
                self._until = 0.0
            self.trouble, self.well_at = "", perf_counter()
        except Exception as fault:  # noqa: BLE001 - the database is away: what is held runs out by itself
            self.trouble = unavailable(fault) or type(fault).__name__
            log.error("the lease of the background work could not be renewed", fault=type(fault).__name__)
        if self.leads() != led:
            log.info("background work", here=self.leads())

    def _take(self) -> bool:
        """What a dead process of this machine held is taken over at once."""
        now = self._clock()
        with self._store.channels() as unit:
            if unit.lease(self._name, self._holder, now, now + LEASE):
                return True
            other = unit.leaseholder(self._name)
            if not surely_gone(other, mine=self._holder):
                return False
            unit.give_up(self._name, other)
            return unit.lease(self._name, self._holder, now, now + LEASE)

    def _give_up(self) -> None:
        with self._store.channels() as unit:
            unit.give_up(self._name, self._holder)
