"""The Telegram channel over the real dialogue and SQLite, against the Telegram of the tests, on loopback."""

import itertools
import shutil
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port
from peers.telegram import TelegramPeer
from peers.telegram_state import Rules, Sent
from sqlalchemy import event
from store.factories import database, sqlite_store

from bot import demo
from bot.app import App
from bot.channels.port import Base
from bot.channels.telegram import Account, Telegram
from bot.channels.telegram.channel import PATH
from bot.dialogue.world import Understanding
from bot.model import Contact
from bot.store.port import StoredMessage
from bot.store.sql import SqlStore
from knowledge.catalogue import Catalogue

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=ZONE)
PATIENCE = 20  # seconds, on a busy machine
AN, BINH, GROUP = 9000001, 9000002, -5000001
SECRET = "made-up_secret-of-the-peer"


@dataclass
class Stage:
    """One running bot, its Telegram, and what lies behind it."""

    app: App
    store: SqlStore
    peer: TelegramPeer
    channel: Telegram
    clock: list[datetime]
    hook: str

    def later(self, **time: float) -> None:
        self.clock[0] += timedelta(**time)

    async def settled(self) -> None:
        """Every update is confirmed and every reply is out."""
        await self.peer.quiet(PATIENCE)
        await self.channel.outbox.idle()

    async def says(self, chat: int, text: str) -> tuple[Sent, ...]:
        """Somebody types; all they get for it."""
        return await self.after(chat, self.peer.says(chat, text))

    async def taps(self, chat: int, label: str, **more: int) -> tuple[Sent, ...]:
        """Somebody taps what reads so, whatever picture stands before it."""
        if not more:
            label = next(shown for shown in reversed(self.peer.screen(chat).labels) if shown.endswith(label))
        return await self.after(chat, self.peer.taps(chat, label, **more))

    async def after(self, chat: int, act) -> tuple[Sent, ...]:
        before = len(self.peer.sent_to(chat))
        await act
        await self.settled()
        return self.peer.sent_to(chat)[before:]

    def messages(self, chat: int) -> tuple[StoredMessage, ...]:
        with self.store.transaction() as unit:
            return unit.messages(Contact("telegram", self.channel.outbox._account, str(chat)))

    def fates(self) -> dict[str, int]:
        with self.store.channels() as unit:
            return dict(unit.fates("telegram"))

    def reach(self, chat: int):
        with self.store.channels() as unit:
            return unit.reach(Contact("telegram", self.channel.outbox._account, str(chat)))


def template(folder: Path) -> Path:
    """A database of this schema, made once."""
    path = folder / "template.sqlite3"
    engine = database(path)
    with engine.connect() as db:
        db.exec_driver_sql("COMMIT")
        db.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


def demonstration(unit, now: datetime) -> None:
    demo.seed(unit, now)


@asynccontextmanager
async def running(
    path: Path,
    understanding: Understanding,
    catalogue: Catalogue,
    *,
    webhook: bool,
    now: datetime = NOON,
    place: str = "",
    rules: Rules | None = None,
    prepare: Callable[..., None] = demonstration,
    answers: bool = False,
    peer: TelegramPeer | None = None,
    token: str = "",
) -> AsyncIterator[Stage]:
    """Everything started and ready; ended in order.

    With `peer` the Telegram of before goes on; with a `token` of one's own nothing gets ready.
    """
    clock, store = [now], sqlite_store(path)
    if store.engine.dialect.name == "sqlite":  # no power fails here
        event.listen(store.engine, "connect", lambda db, _: db.execute("PRAGMA synchronous=OFF"))
    store.engine.dispose()
    with store.transaction() as unit:
        prepare(unit, now)
    receipts = (f"HN-{''.join(drawn)}A" for drawn in itertools.product("ACDEFGH", repeat=5))
    app = App(store, understanding, catalogue, lambda: clock[0], receipts=lambda: next(receipts), place=place)
    port = unused_port()
    own = peer or TelegramPeer(lambda: clock[0], rules=rules)
    with ThreadPoolExecutor(1) as turns:
        if peer is None:
            await own.__aenter__()
        public = f"http://127.0.0.1:{port}" if webhook else ""
        channel = Telegram(
            Base(app, store, turns, lambda: clock[0], public), Account(token or own.token, SECRET, own.url, answers)
        )
        site = web.Application(client_max_size=128 * 1024)
        channel.setup(site)
        async with TestServer(site, port=port):
            await channel.start()
            if not token:
                await own.world.bell.until(lambda: channel.health()["ok"], PATIENCE)
            try:
                yield Stage(app, store, own, channel, clock, f"{public}{PATH}")
            finally:
                await channel.stop()
                if peer is None:
                    await own.__aexit__()
    store.close()


def copied(base: Path, folder: Path) -> Path:
    """A database of its own."""
    return Path(shutil.copy(base, folder / "data.sqlite3"))
