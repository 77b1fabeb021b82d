"""The desk built: its pages, its door, its store; the routes are in `bot.desk.routes`."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

import structlog
from aiohttp import web

from bot.announcements.steps import TermsOf
from bot.channels.outreach import terms_of
from bot.channels.web.limits import Gate
from bot.desk import routes
from bot.desk.guard import Guard
from bot.desk.pages import Pages
from bot.store.sql_desk import SqlDesk
from intents.places import PlaceBook

_T = TypeVar("_T")
READERS = 2  # pages that are looked at wait for no turn, and no turn for them
Post = Callable[[str, str, str], Awaitable[None]]  # (to, subject, text): sends a letter


class DeskStore(Protocol):
    """A store that the desk can work with."""

    def desk(self) -> AbstractContextManager[SqlDesk]:
        """To change."""

    def reading(self) -> AbstractContextManager[SqlDesk]:
        """To look."""


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """What the desk is told about the house. `base`: where it is reached; `trades`: id -> name by language.

    `telegram`: the bot's name, `zalo_oa`: the account's id, both "" when there is none; `post` sends letters.
    """

    base: str
    book: PlaceBook
    trades: Mapping[str, Mapping[str, str]]
    receipts: Callable[[], str]
    demo: bool = False
    secure_cookies: bool = False
    gate: Gate = field(default_factory=Gate)
    telegram: str = ""
    zalo_oa: str = ""
    post: Post | None = None
    terms: TermsOf = field(default_factory=lambda: terms_of(frozenset(), {}))


class Desk:
    """What every page works with. Changes run on `writer`, the one thread that turns run on, too."""

    def __init__(
        self, store: DeskStore, writer: Executor, clock: Callable[[], datetime], settings: DeskSettings
    ) -> None:
        self._store = store
        self._writer = writer
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="desk")
        self._letters: set[asyncio.Task[None]] = set()
        self.clock = clock
        self.settings = settings
        self.book = settings.book
        self.pages = Pages(settings.book, settings.trades, demo=settings.demo)
        self.guard = Guard(self, settings.gate, secure_cookies=settings.secure_cookies)

    def setup(self, application: web.Application) -> None:
        """Add the routes."""
        for route in routes.ROUTES:
            application.router.add_route(route.method, route.path, self.guard.guarded(route))

        async def close(_application: web.Application) -> None:
            for letter in self._letters:
                letter.cancel()
            self._readers.shutdown(wait=True)

        application.on_cleanup.append(close)

    async def ask(self, work: Callable[[SqlDesk], _T]) -> _T:
        """Look something up, beside everything else."""

        def reading() -> _T:
            with self._store.reading() as desk:
                return work(desk)

        return await asyncio.get_running_loop().run_in_executor(self._readers, reading)

    async def change(self, work: Callable[[SqlDesk], _T]) -> _T:
        """One transaction, to its end even when the browser goes away."""

        def changing() -> _T:
            with self._store.desk() as desk:
                return work(desk)

        return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._writer, changing))

    def send_later(self, to: str, subject: str, text: str) -> None:
        """A letter, without the page waiting for it (its time would tell whether the address is known)."""
        if self.settings.post is None:
            return
        task = asyncio.ensure_future(self.settings.post(to, subject, text))
        self._letters.add(task)
        task.add_done_callback(self._settled)

    def _settled(self, task: "asyncio.Future[None]") -> None:
        self._letters.discard(task)
        if not task.cancelled() and task.exception() is not None:
            structlog.get_logger().warning("a letter was not sent", fault=type(task.exception()).__name__)

    def communes(self, codes: "frozenset[str] | None", served: frozenset[str]) -> list[tuple[str, str]]:
        """(code, name) of the served communes among these, by name."""
        among = [c for c in served if codes is None or c in codes]
        return sorted(((c, self.pages.commune(c)) for c in among), key=lambda pair: pair[1])
