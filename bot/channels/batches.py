"""Small work of many people in one transaction (group commit): a commit costs more than the work in it (ADR 0014)."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from bot.store.channel_port import ChannelStore, ChannelUnit, Claimed, Settled

Run = Callable[..., Awaitable[Any]]
MOST = 16  # more gains little, and who comes next would wait longer
_Asked = TypeVar("_Asked")
_Done = TypeVar("_Done")


class Gathered(Generic[_Asked, _Done]):
    """Gathers what comes while a batch is worked on into the next one; what comes alone is worked on at once.

    `work(batch)` runs by `run` on the executor and gives a result for each, or the fault that it met.
    """

    def __init__(
        self, run: Run, work: Callable[[list[_Asked]], Sequence[_Done | Exception]], *, most: int = MOST
    ) -> None:
        self._run, self._work, self._most = run, work, most
        self._waiting: list[tuple[_Asked, asyncio.Future[_Done]]] = []
        self._task: asyncio.Task[None] | None = None

    async def put(self, asked: _Asked) -> _Done:
        """The result once it is committed; raises the fault. It is done even when the caller goes away."""
        done: asyncio.Future[_Done] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, done))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._all())
        return await done

    async def _all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            try:
                results = await self._run(self._work, [asked for asked, _ in batch])
            except Exception as fault:  # noqa: BLE001 - each is told, whatever it was
                results = [fault] * len(batch)
            for (_, done), result in zip(batch, results, strict=True):
                if done.cancelled():
                    continue
                if isinstance(result, Exception):
                    done.set_exception(result)
                else:
                    done.set_result(result)


Write = Callable[[ChannelUnit], None]


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that is about to go onto the wire."""

    message: int


class Batches:
    """Writes to the channels' tables, gathered. All of a batch fail together."""

    def __init__(self, store: ChannelStore, run: Run, holder: str, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._holder = holder
        self._clock = clock
        self._gathered: Gathered[Claim | Settled | Write, Claimed] = Gathered(run, self._commit)

    async def write(self, work: Settled | Write) -> None:
        """Until `work` is committed."""
        await self._gathered.put(work)

    async def claim(self, message: int) -> Claimed:
        """Once the claim is committed, or refused."""
        return await self._gathered.put(Claim(message))

    def _commit(self, works: list[Claim | Settled | Write]) -> list[Claimed]:
        now = self._clock()
        claims = [work.message for work in works if isinstance(work, Claim)]
        settled = [work for work in works if isinstance(work, Settled)]
        with self._store.channels() as unit:
            unit.settle(settled, now)
            answers = unit.claim(claims, self._holder, now)
            for work in works:
                if not isinstance(work, Claim | Settled):
                    work(unit)
        return [answers[work.message] if isinstance(work, Claim) else "mine" for work in works]
