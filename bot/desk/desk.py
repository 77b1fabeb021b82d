"""The desk built: its pages, its door, its store; the routes are in `bot.desk.routes`."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeVar

import structlog
from aiohttp import web

from bot.announcements.steps import TermsOf
from bot.channels.outreach import terms_of
from bot.channels.web.limits import Gate
from bot.desk import routes
from bot.desk.errands import Errands
from bot.desk.guard import Guard, Visit
from bot.desk.importing import Uploads
from bot.desk.in_talk import Tools
from bot.desk.pages import Pages
from bot.desk.scopes import scope_of
from bot.dialogue.office_hours import USUAL, OfficeHours
from bot.dialogue.world import Understanding
from bot.health.watch import Watch
from bot.i18n import Language
from bot.inbox.talks import Counter
from bot.leads.report import Plan
from bot.store.port import StoredMessage
from bot.store.sql_desk import SqlDesk
from intents.places import PlaceBook

_T = TypeVar("_T")
READERS = 2  # pages that are looked at wait for no turn, and no turn for them
Post = Callable[[str, str, str], Awaitable[None]]  # (to, subject, text): sends a letter
Hook = Callable[[str, str], Awaitable[None]]  # (address, key): sends a signed test
Push = Callable[[tuple[StoredMessage, ...]], None]


def _nowhere(_messages: tuple[StoredMessage, ...]) -> None:
    """They wait in the database for the next start."""


def _nothing(_text: str) -> str:
    """No topic."""
    return ""


class DeskStore(Protocol):
    """A store that the desk can work with."""

    def desk(self) -> AbstractContextManager[SqlDesk]:
        """To change."""

    def reading(self) -> AbstractContextManager[SqlDesk]:
        """To look."""


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """What the desk is told about the house. `base`: where it is reached; `trades`: id -> name by language.

    `telegram`: the bot's name, `zalo_oa`: the account's id, both "" when there is none; `post` sends letters, `hook` a
    test to another program (address, key). `trade_names`: all names a trade goes by. `exports`: where files to be
    downloaded are made; `after_erasure`: what follows when somebody was erased (blocking).
    `understanding`: how the assistant reads what people write, to try lessons out.
    `farming`: trades of the fields, woods and waters; `plans`: province -> what its plan says of the yearly report.
    `push` hands committed messages to the channels; `understood`: the topic read in a text, "?" at a loss.
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
    hook: Hook | None = None
    trade_names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exports: Path | None = None
    after_erasure: Callable[[], None] = lambda: None
    understanding: Understanding | None = None
    farming: frozenset[str] = frozenset()
    plans: Mapping[str, Plan] = field(default_factory=dict)
    office: OfficeHours = USUAL
    push: Push = _nowhere
    understood: Callable[[str], str] = _nothing
    terms: TermsOf = field(default_factory=lambda: terms_of(frozenset(), {}))


class Sheets:
    """The list to be read portion by portion, without the writer's lock."""

    def __init__(self, store: DeskStore) -> None:
        self._store = store

    @contextmanager
    def people(self) -> Iterator[SqlDesk]:
        """One portion's transaction."""
        with self._store.reading() as desk:
            yield desk


class Desk:
    """What every page works with. Changes run on `writer`, the one thread that turns run on, too."""

    def __init__(
        self, store: DeskStore, writer: Executor, clock: Callable[[], datetime], settings: DeskSettings
    ) -> None:
        self._store = store
        self._writer = writer
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="desk")
        self._letters: set[asyncio.Task[None]] = set()
        self.sheets = Sheets(store)
        self.errands = Errands(settings.exports or Path(tempfile.gettempdir(), "hocnghe-exports"))
        self.uploads = Uploads()
        self.clock = clock
        self.watch: Watch | None = None  # how the program is, where it runs
        self.settings = settings
        self.book = settings.book
        self.counter = counter_of(settings.book, settings.office, settings.base)
        self.tools = Tools(self.counter, lambda officer: scope_of(officer, settings.book))
        self.pages = Pages(settings.book, settings.trades, demo=settings.demo)
        self.guard = Guard(self, settings.gate, secure_cookies=settings.secure_cookies)

    def setup(self, application: web.Application) -> None:
        """Add the routes."""
        for route in routes.ROUTES:
            application.router.add_route(route.method, route.path, self.guard.guarded(route))

        async def stop(_application: web.Application) -> None:
            self.errands.stop()

        application.on_shutdown.append(stop)

        async def close(_application: web.Application) -> None:
            for letter in self._letters:
                letter.cancel()
            self._readers.shutdown(wait=True)
            self.errands.close()

        application.on_cleanup.append(close)

    def troubled_since(self, say: Language) -> str:
        """Since when the database is away, in words; of the last look, or of this moment."""
        since = self.watch.facts.database.since if self.watch else None
        at = (since or self.clock()).astimezone(self.clock().tzinfo)
        return f"{at:%H:%M} {say.short_day(at)}"

    async def ask(self, work: Callable[[SqlDesk], _T]) -> _T:
        """Look something up, beside everything else."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self.look, work)

    def look(self, work: Callable[[SqlDesk], _T]) -> _T:
        """The same, blocking: within an errand."""
        with self._store.reading() as desk:
            return work(desk)

    async def change(self, work: Callable[[SqlDesk], _T]) -> _T:
        """One transaction, to its end even when the browser goes away."""
        return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._writer, self._change, work))

    def write(self, work: Callable[[SqlDesk], _T]) -> _T:
        """The same, blocking: within an errand, whose portions let turns go in between."""
        return self._writer.submit(self._change, work).result()

    def _change(self, work: Callable[[SqlDesk], _T]) -> _T:
        with self._store.desk() as desk:
            return work(desk)

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

    async def erased(self) -> None:
        """Somebody was: files made before, workbooks that wait, and what lies outside the database."""
        self.uploads.forget()
        await asyncio.get_running_loop().run_in_executor(self._readers, self.settings.after_erasure)

    def trades(self, say: Language) -> list[tuple[str, str]]:
        """(id, name), by name."""
        return sorted(((t, self.pages.trade(say, t)) for t in self.pages.trades), key=lambda pair: pair[1])

    def province_codes(self, province: str) -> frozenset[str]:
        """All communes of a province, served here or not."""
        return frozenset(code for code, (_name, of) in self.book.communes.items() if of == province)

    async def served(self, visit: Visit) -> dict[str, str]:
        """The served communes that the officer may see: code -> name, by name."""
        served = await self.ask(lambda d: d.served())
        return dict(self.communes(visit.scope.communes, served))

    def communes(self, codes: "frozenset[str] | None", served: frozenset[str]) -> list[tuple[str, str]]:
        """(code, name) of the served communes among these, by name."""
        among = [c for c in served if codes is None or c in codes]
        return sorted(((c, self.pages.commune(c)) for c in among), key=lambda pair: pair[1])


def counter_of(book: PlaceBook, office: OfficeHours, base: str) -> Counter:
    """What answering people needs to know of places, hours and the desk's address ("" when it is reached from
    nowhere)."""
    return Counter(
        office,
        lambda code: book.communes.get(code, (code, ""))[0],
        lambda code: book.communes.get(code, ("", ""))[1],
        f"{base}/desk" if base else "",
    )
