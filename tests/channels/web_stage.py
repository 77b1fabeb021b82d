"""The web chat over the real dialogue and a store in memory, with a clock that the test moves."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import ClientResponse, CookieJar, web
from aiohttp.test_utils import TestClient, TestServer

from bot import demo
from bot.app import App
from bot.channels.web import Gate, WebChat
from bot.channels.web.visitors import COOKIE
from bot.model import Contact
from bot.store.memory import MemoryStore
from bot.store.port import StoredMessage

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=ZONE)
WIDE = Gate(10**6, 10**6, 10**6)


@dataclass
class House:
    """One running chat and what lies behind it."""

    app: App
    store: MemoryStore
    server: TestServer
    chat: WebChat
    clock: list[datetime]

    def later(self, **time: int) -> None:
        self.clock[0] += timedelta(**time)

    def messages(self, cookie: str) -> tuple[StoredMessage, ...]:
        with self.store.transaction() as unit:
            return unit.messages(Contact("web", "", cookie))

    @asynccontextmanager
    async def browser(self, cookie: str = "") -> AsyncIterator["Browser"]:
        jar = CookieJar(unsafe=True)
        client = TestClient(self.server, cookie_jar=jar)
        if cookie:
            jar.update_cookies({COOKIE: cookie}, self.server.make_url("/"))
        try:
            yield Browser(client)
        finally:
            # The server belongs to the house: only this browser's connections end.
            await client.session.close()


@dataclass
class Browser:
    """A client with its cookies."""

    client: TestClient
    streams: list[ClientResponse] = field(default_factory=list)

    @property
    def cookie(self) -> str:
        return next((c.value for c in self.client.session.cookie_jar if c.key == COOKIE), "")

    async def post(self, body: Any, **options: Any) -> ClientResponse:
        return await self.client.post("/chat/messages", json=body, **options)

    async def say(self, text: str, message_id: str = "") -> dict[str, Any]:
        response = await self.post({"id": message_id or new_id(), "text": text})
        assert response.status in (200, 202), await response.text()
        return await response.json()

    async def tap(self, choice: str) -> dict[str, Any]:
        response = await self.post({"id": new_id(), "choice": choice})
        assert response.status == 202, await response.text()
        return await response.json()

    async def history(self) -> dict[str, Any]:
        response = await self.client.get("/chat/history")
        assert response.status == 200
        return await response.json()

    @asynccontextmanager
    async def listening(self, after: str = "", **headers: str) -> AsyncIterator["Listening"]:
        response = await self.client.get("/chat/events", params={"after": after} if after else {}, headers=headers)
        try:
            assert response.status == 200, await response.text()
            assert response.content_type == "text/event-stream"
            assert (await response.content.readline()).startswith(b"retry:")
            await response.content.readline()
            yield Listening(response)
        finally:
            response.close()


@dataclass
class Listening:
    """An open stream of events."""

    response: ClientResponse

    async def event(self, name: str = "reply", seconds: float = 3) -> dict[str, Any]:
        """The next event of a name, with its `id:` line under "last"."""
        while True:
            lines = await asyncio.wait_for(self._block(), seconds)
            if lines.get("event") == name:
                data = json.loads(lines["data"])
                return {**data, "last": lines.get("id", "")}

    async def ends(self, seconds: float = 3) -> bool:
        async def rest() -> None:
            while await self.response.content.readline():
                pass

        await asyncio.wait_for(rest(), seconds)
        return True

    async def silent(self, seconds: float = 0.15) -> bool:
        try:
            await asyncio.wait_for(self.event(), seconds)
        except TimeoutError:
            return True
        return False

    async def _block(self) -> dict[str, str]:
        lines: dict[str, str] = {}
        while line := (await self.response.content.readline()).decode().rstrip("\n"):
            key, _, value = line.partition(": ")
            lines[key] = value
        if not lines:
            raise EOFError("the stream ended")
        return lines


def new_id() -> str:
    return str(uuid.uuid4())


@asynccontextmanager
async def running(understanding, catalogue, *, gate: Gate | None = None, **options: Any) -> AsyncIterator[House]:
    """The chat on a port of loopback."""
    clock = [NOON]
    now = lambda: clock[0]  # noqa: E731
    store = MemoryStore()
    with store.transaction() as unit:
        demo.seed(unit, NOON)
    app = App(store, understanding, catalogue, now)
    executor = ThreadPoolExecutor(1)
    chat = WebChat(app, executor, clock=now, gate=gate, **options)
    application = web.Application()
    chat.setup(application)
    server = TestServer(application)
    await server.start_server()
    try:
        yield House(app, store, server, chat, clock)
    finally:
        await server.close()
        executor.shutdown()
