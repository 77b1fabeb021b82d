"""While nothing may go to a channel account (429 for all, no token, no answer): one process's own view of it."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

FIRST, LONGEST = 5.0, 300.0  # seconds


class Holding:
    """Until a moment of `clock`; by the loop's clock, too, for one that is put back must not make it long."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._until: datetime | None = None
        self._steady = 0.0  # seconds of the loop's clock

    def until(self, moment: datetime) -> bool:
        """Hold until then; False when it is held as long already."""
        if self.holds() and self._until is not None and self._until >= moment:
            return False
        self._until = moment
        self._steady = asyncio.get_running_loop().time() + (moment - self._clock()).total_seconds()
        return True

    def holds(self) -> bool:
        """Whether it is held now."""
        if self._until is None or asyncio.get_running_loop().time() >= self._steady:
            return False
        return self._clock() < self._until


def backoff(times: int) -> timedelta:
    """How long a channel that is away is left alone, after it was tried so often."""
    return timedelta(seconds=min(LONGEST, FIRST * 2 ** min(10, times)))
