"""The program behind a peer on loopback: its channels from settings, SQLite on disk, a clock that the test moves."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port
from peers.zalo import ZaloPeer
from peers.zalo_ledger import ZONE
from store.factories import KEY, database, empty, sqlite_store

from bot import connecting, demo
from bot.app import App
from bot.channels.port import Base, Channel
from bot.channels.texts import numbered
from bot.model import Contact, Reply
from bot.settings import Settings
from bot.store.channel_port import Reach
from bot.store.port import StoredMessage
from bot.store.sql import SqlStore

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=ZONE)


@dataclass
class House:
    """One running program and the Zalo it talks to."""

    peer: ZaloPeer
    store: SqlStore
    app: App
    channel: Channel
    clock: list[datetime]
    url: str
    settings: Settings
    receipts: list[Iterator[str]]

    def later(self, **time: float) -> None:
        self.clock[0] += timedelta(**time)

    def contact(self, who: str) -> Contact:
        person = self.peer.person(who)
        account = self.settings.zalo_oa_app_id or self.settings.zalo_bot_token.partition(":")[0]
        return Contact(self.channel.name, account, self._id(person))

    def _id(self, person: Any) -> str:
        return person.user_id if self.peer.product == "oa" else person.chat_id

    def reach(self, who: str) -> Reach | None:
        with self.store.channels() as unit:
            return unit.reach(self.contact(who))

    def afresh(self, at: datetime) -> None:
        """Nobody known, the demonstration's classes of that day; the tokens go on."""
        self.clock[0] = at
        name = f"zalo_oa.{self.settings.zalo_oa_app_id}"
        with self.store.channels() as unit:
            kept = unit.token(name)
        empty(self.store)
        self.receipts[0] = drawn()
        with self.store.transaction() as unit:
            demo.seed(unit, at)
        if kept is not None:
            with self.store.channels() as unit:
                unit.save_token(name, kept)

    async def fates(self) -> dict[str, int]:
        await self.channel.outbox.idle()
        with self.store.channels() as unit:
            return dict(unit.fates(self.channel.name))

    def talk(self, who: str) -> tuple[StoredMessage, ...]:
        with self.store.transaction() as unit:
            return unit.messages(self.contact(who))

    def replies(self, who: str) -> tuple[Reply, ...]:
        return tuple(m.reply for m in self.talk(who) if m.reply is not None)

    async def answers(self, who: str) -> tuple[str, ...]:
        """What the person has read so far, once nothing waits any more."""
        await self.channel.outbox.idle()
        return tuple(s.text for s in self.peer.sent_to(who))

    def words(self, who: str) -> tuple[str, ...]:
        """The same as the program meant it."""
        return tuple(numbered(r) for r in self.replies(who))


def drawn() -> Iterator[str]:
    """Receipt numbers in the order in which the dialogue cases know them."""
    return (f"HN-{''.join(letters)}A" for letters in itertools.product("ACDEFGH", repeat=5))


@asynccontextmanager
async def housed(understanding, catalogue, path: Path, product: str = "oa", **options: Any) -> AsyncIterator[House]:
    """`public`: the program gets a public address on loopback (the bot's webhook); `settings`: more of them."""
    clock, more, public = [options.pop("at", NOON)], options.pop("settings", {}), options.pop("public", False)
    receipts = [drawn()]
    peer = options.pop("peer", None) or ZaloPeer(lambda: clock[0], product=product, **options)
    peer.mail.deadline = 20.0  # these tests are not about a slow machine
    async with peer:
        if not path.exists():
            database(path).dispose()
        store = sqlite_store(path)
        with store.transaction() as unit:
            demo.seed(unit, clock[0])
        app = App(store, understanding, catalogue, lambda: clock[0], receipts=lambda: next(receipts[0]))
        application = web.Application()
        port, executor = unused_port(), ThreadPoolExecutor(1)
        server, url = TestServer(application, port=port), f"http://127.0.0.1:{port}"
        settings = _settings(peer, product, path, more)
        base = Base(app, store, executor, lambda: clock[0], url if public else "")
        [channel] = connecting.channels(settings, base)
        channel.setup(application)
        await server.start_server()
        if product == "oa":
            peer.mail.oa_webhook = f"{url}/webhooks/zalo-oa"
        await channel.start()
        while public and product == "bot" and not peer.desk.webhook:
            await asyncio.sleep(0.01)
        try:
            yield House(peer, store, app, channel, clock, url, settings, receipts)
        finally:
            await channel.stop()
            await server.close()
            executor.shutdown()
            store.close()


def _settings(peer: ZaloPeer, product: str, path: Path, more: dict[str, Any]) -> Settings:
    told = {k.removeprefix("HOCNGHE_").lower(): v for k, v in peer.environment().items()}
    mine = {
        k: v for k, v in told.items() if k.startswith(f"zalo_{product}") or k.endswith(("oauth_url", "zbs_api_url"))
    }
    return Settings(_env_file=None, data_dir=path.parent, secret_key=KEY, **{**mine, **more})
