"""Turns of a platform's webhook or poller: those of one person one after another, answered after the commit.

Turns of different people that come together share a transaction.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import Executor
from datetime import datetime, timedelta
from functools import partial
from time import perf_counter
from typing import Any
from weakref import WeakValueDictionary

from bot.app import Answers, App, Asked, Handled, Shape
from bot.channels.batches import Gathered
from bot.effects import Effect
from bot.meters import METERS
from bot.model import Contact, Incoming
from bot.store.faults import unavailable
from bot.store.port import StoredMessage

CLOCKS = timedelta(minutes=1)  # a platform's and ours may differ so much


def still_so(at: datetime, since: datetime, now: datetime) -> bool:
    """Whether news of moment `at` (they left; they are back) still holds, when the contrary was known `since`.

    Fresh news is believed whatever stands in the row: our clock may have run ahead when that was written.
    """
    return at > now - CLOCKS or since <= at + CLOCKS


def runner(executor: Executor) -> Callable[..., Awaitable[Any]]:
    """`run(work, *arguments)` on the turns' executor, to its end even when the caller goes away."""

    async def run(work: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.shield(asyncio.get_running_loop().run_in_executor(executor, work, *arguments))

    return run


class Inbound:
    """Takes messages in the order in which they came; `put` gets the replies of each once its turn is committed.

    `shape`: the replies of one turn as the channel sends them, a message each.
    """

    def __init__(
        self,
        app: App,
        run: Callable[..., Awaitable[Any]],
        put: Callable[[Iterable[StoredMessage]], None],
        *,
        shape: Shape = tuple,
    ) -> None:
        self._app = app
        self._run = run
        self._put = put
        self._shape = shape
        self._gathered: Gathered[Asked, Handled] = Gathered(run, app.handle_together)
        self._turns: WeakValueDictionary[Contact, asyncio.Lock] = WeakValueDictionary()
        self.busy = 0  # messages whose turn is not through

    async def take(self, incoming: Incoming, answers: Answers | None = None) -> Handled:
        """One message through its turn. Raises what the turn raised: the platform then delivers it again.

        `answers`: whether such replies go with the answer to the platform's request (`App.handle`).

        A message delivered again puts the replies that are not settled yet once more; the outbox knows those that are
        on their way.
        """
        self.busy += 1
        began, channel = perf_counter(), incoming.contact.channel
        try:
            async with self._turns.setdefault(incoming.contact, asyncio.Lock()):
                handled = await self._gathered.put(Asked(incoming, self._shape, answers))
                self._put(handled.messages)
        except Exception as fault:
            METERS.failed[channel] += 1
            METERS.database[unavailable(fault)] += 1
            raise
        finally:
            self.busy -= 1
        METERS.turn(channel, handled.tally, perf_counter() - began, duplicate=handled.duplicate)
        return handled

    async def note(self, incoming: Incoming, *effects: Effect, left: str = "") -> None:
        """What needs no answer, in its place among this person's messages."""
        async with self._turns.setdefault(incoming.contact, asyncio.Lock()):
            await self._run(partial(self._app.note, incoming, *effects, left=left))
