"""Replies that another process committed (a second server, the worker, the desk there), for the pages open here."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from bot.background import BackgroundTask
from bot.channels.web.chat import CHANNEL, WebChat
from bot.model import Contact
from bot.store.channel_port import ChannelStore
from bot.store.port import StoredMessage

LOOK = 1.0  # seconds
OVERLAP = 10  # looks: a slower process may commit a message with a smaller number later
log = structlog.get_logger()


class Elsewhere:
    """Looks for the messages of the pages that are open here: unsent ones, and new ones that another process has shown.

    For a page may have left a stream behind there that looks alive (its network changed), or be open twice. `others`:
    whether there may be another process that shows pages.
    """

    def __init__(
        self, chat: WebChat, store: ChannelStore, run: Callable[..., Awaitable[Any]], *, others: bool = False
    ) -> None:
        self._chat, self._store, self._run, self._others = chat, store, run, others
        self._task = BackgroundTask()
        self._newest: deque[int] = deque(maxlen=OVERLAP if others else 1)

    async def start(self) -> None:
        """Begin to look."""
        self._task.begin(self._forever())

    async def stop(self) -> None:
        """What was not shown is shown when the page opens its next stream."""
        await self._task.cancel()

    async def _forever(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            open_here = tuple(Contact(CHANNEL, "", cookie) for cookie in self._chat.watching())
            if not (open_here or self._others):
                continue
            try:
                self._chat.deliver(await self._run(self._fresh, open_here))
            except Exception as fault:  # noqa: BLE001 - the database is away: the next look finds what waits
                if open_here:
                    log.error("the web chat waits for the database", fault=type(fault).__name__)

    def _fresh(self, contacts: tuple[Contact, ...]) -> tuple[StoredMessage, ...]:
        with self._store.channels() as unit:
            self._newest.append(unit.newest())
            return unit.fresh_to(contacts, self._newest[0]) if contacts else ()
