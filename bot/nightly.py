"""A copy of the data every night, made by the one process that does what is done once."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from bot.background import BackgroundTask
from bot.model import BotError
from bot.store import copy_folders

LOOK = 60.0  # seconds between looks whether it is time
HOUR = 2  # of the night, local
SOON, LATE = timedelta(hours=12), timedelta(hours=26)  # an office PC is off at night: then as soon as it runs
AGAIN = timedelta(hours=1)  # after one that failed
Copy = Callable[[datetime], Awaitable[Path]]
log = structlog.get_logger()


def due(last: datetime | None, now: datetime) -> bool:
    """Whether a copy is to be made; `last` is when one was made: ahead of now by a clock that ran ahead."""
    if last is None or last > now + AGAIN:
        return True
    return now - last > LATE or (now.hour == HOUR and now - last > SOON)


class Nightly:
    """`record`: the folder that tells how the last copies went; `copy` makes one and records it.

    `leads`: whether this process does it; `believed`: whether the clock is to be gone by.
    """

    def __init__(
        self,
        record: Path,
        copy: Copy,
        clock: Callable[[], datetime],
        *,
        leads: Callable[[], bool],
        believed: Callable[[], bool],
    ) -> None:
        self._record, self._copy, self._clock = record, copy, clock
        self._leads, self._believed = leads, believed
        self._task = BackgroundTask()
        self._failed_at: datetime | None = None

    async def start(self) -> None:
        """Look every minute from now on."""
        self._task.begin(self._forever())

    async def stop(self) -> None:
        """A copy that is being made is left; half a file does not stay under its name."""
        await self._task.cancel()

    async def _forever(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            await self.look()

    async def look(self) -> None:
        """Make one if it is time. A failure is told and tried again in an hour."""
        now = self._clock()
        failed = self._failed_at is not None and timedelta(0) <= now - self._failed_at < AGAIN
        if failed or not (self._leads() and self._believed()):
            return
        if not due(copy_folders.last(self._record), now):
            return
        try:
            file = await self._copy(now)
        except Exception as fault:  # noqa: BLE001 - the program goes on; the desk and the log tell
            self._failed_at = now
            why = {"why": str(fault)} if isinstance(fault, BotError) else {}
            log.error("no copy of the data was made: it is tried again in an hour", fault=type(fault).__name__, **why)
        else:
            log.info("the data were copied", file=file.name)
