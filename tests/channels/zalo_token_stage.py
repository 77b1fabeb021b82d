"""A peer, a store whose database can be in trouble, and processes that want the token."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from channels.zalo_house import NOON
from peers.zalo import ZaloPeer
from store.factories import database, sqlite_store

from bot.channels import http
from bot.channels.inbound import runner
from bot.channels.zalo_oa import oauth, tokens
from bot.channels.zalo_oa.tokens import Tokens, token_name


class Troubled:
    """A store whose database takes no tokens (`full`), or nothing at all (`gone`)."""

    def __init__(self, store):
        self._store = store
        self.trouble = ""

    @contextmanager
    def channels(self):
        if self.trouble == "gone":
            raise self._fault("SQLITE_CANTOPEN")
        with self._store.channels() as unit:
            if self.trouble == "full":
                unit.save_token = self._refuses
            yield unit

    def __getattr__(self, name):
        return getattr(self._store, name)

    def _refuses(self, *_):
        raise self._fault("SQLITE_FULL")

    @staticmethod
    def _fault(name):
        fault = sqlite3.OperationalError(name)
        fault.sqlite_errorname = name
        return fault


@dataclass
class Stage:
    """A peer, a store, and processes that want the token."""

    peer: ZaloPeer
    clock: list
    store: object
    client: object
    run: object

    def process(self, *, first=None, secret=""):
        mine = self.peer.credentials
        app = oauth.App(mine.app_id, secret or mine.app_secret, self.peer.url)
        first = mine.refresh_token if first is None else first
        return Tokens(app, first, self.store, self.run, lambda: self.clock[0])

    def kept(self):
        with self.store.channels() as unit:
            return unit.token(token_name(self.peer.credentials.app_id))

    def logged_in(self, process, made):
        granted = oauth.Pair(made["access_token"], made["refresh_token"], 90000)
        with self.store.channels() as unit:
            unit.save_token(process.name, tokens.pair(granted, self.clock[0]))

    async def unwritten(self, process):
        """The process renews, and the database, full by then, does not take the pair: the new access token."""
        await process.access(self.client)
        self.clock[0] += tokens.timedelta(hours=26)
        self.store.trouble = "full"
        return await process.access(self.client)

    async def until_asked(self):
        renewals = self.renewals
        while self.renewals == renewals:
            await asyncio.sleep(0.01)

    @property
    def renewals(self):
        return sum(c.method == "token" for c in self.peer.calls)


@asynccontextmanager
async def staged(tmp_path, monkeypatch) -> AsyncIterator[Stage]:
    monkeypatch.setattr(tokens, "_LOOK", 0.01)
    clock = [NOON]
    database(tmp_path / "db.sqlite3").dispose()
    store = Troubled(sqlite_store(tmp_path / "db.sqlite3"))
    async with ZaloPeer(lambda: clock[0]) as peer, http.session() as client:
        with ThreadPoolExecutor(1) as pool:
            yield Stage(peer, clock, store, client, runner(pool))
    store.close()
