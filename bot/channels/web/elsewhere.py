"""Replies that another process committed (a second server, the worker, the desk there), for the pages open here."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from bot.background import BackgroundTask
from bot.channels.web.chat import CHANNEL, WebChat
from bot.model import Contact
from bot.store.channel_port import ChannelStore
from bot.store.port import StoredMessage

LOOK = 1.0  # seconds
log = structlog.get_logger()


class Elsewhere:
    """Looks while a page is open; asks for the unsent messages of those pages alone, by the index of unsent ones."""

    def __init__(self, chat: WebChat, store: ChannelStore, run: Callable[..., Awaitable[Any]]) -> None:
        self._chat, self._store, self._run = chat, store, run
        self._task = BackgroundTask()

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
            try:
                if open_here:
                    self._chat.deliver(await self._run(self._unsent, open_here))
            except Exception as fault:  # noqa: BLE001 - the database is away: the next look finds what waits
                log.error("the web chat waits for the database", fault=type(fault).__name__)

    def _unsent(self, contacts: tuple[Contact, ...]) -> tuple[StoredMessage, ...]:
        with self._store.channels() as unit:
            return unit.unsent_to(contacts)
