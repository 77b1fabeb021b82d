"""Small writes of many people in one transaction (group commit)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from bot.store.channel_port import ChannelStore, ChannelUnit

Run = Callable[..., Awaitable[Any]]


class Batches:
    """Gathers what comes while a transaction runs into the next one."""

    def __init__(self, store: ChannelStore, run: Run) -> None:
        self._store = store
        self._run = run
        self._waiting: list[tuple[Callable[[ChannelUnit], None], asyncio.Future[None]]] = []
        self._task: asyncio.Task[None] | None = None

    async def write(self, work: Callable[[ChannelUnit], None]) -> None:
        """Until `work` is committed."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, done))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._write())
        await done

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                await self._run(self._commit, [work for work, _ in batch])
            except Exception as fault:  # noqa: BLE001 - each writer is told, whatever it was
                for _, done in batch:
                    if not done.done():
                        done.set_exception(fault)
            else:
                for _, done in batch:
                    if not done.done():
                        done.set_result(None)

    def _commit(self, works: list[Callable[[ChannelUnit], None]]) -> None:
        with self._store.channels() as unit:
            for work in works:
                work(unit)
