"""One task beside everything else: begun once, cancelled and awaited when its owner ends."""

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any


class BackgroundTask:
    """What `start` of a service begins and its `stop` ends. Built, it runs nothing yet."""

    def __init__(self) -> None:
        self._task: asyncio.Task[Any] | None = None

    def begin(self, work: Coroutine[Any, Any, Any]) -> None:
        """On the running loop, until it ends by itself or by `cancel`."""
        self._task = asyncio.create_task(work)

    async def cancel(self) -> None:
        """Ended when this returns; nothing where nothing was begun. Raises what the work died of."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
