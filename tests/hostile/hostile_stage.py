"""The whole application as it is served, with every channel on, and what an attacker can do to it."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, CookieJar, web
from aiohttp.test_utils import TestServer, unused_port
from desk.desk_stage import NOON, Browser
from desk.desk_stage import House as Desk
from store.factories import KEY, engine_at
from yarl import URL

from bot import demo, wiring
from bot.app import App
from bot.channels.telegram.webhook import HEADER
from bot.channels.zalo_oa.signature import sign
from bot.connecting import webhook_secret
from bot.doors.door import CONNECTIONS
from bot.doors.listening import LONGEST_HEADER, MOST_HEADERS, Site
from bot.serving import application
from bot.settings import Settings
from bot.store.crypto import Cipher
from bot.store.sql_desk_store import SqlDeskStore

APP_ID, HOOK_KEY = "4242", "made-up key of the events"


@dataclass
class Stage(Desk):
    """A running application; `desk` is unset: it is reached through `server` alone."""

    settings: Settings = field(default_factory=Settings)
    port: int = 0
    built: web.Application | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def browser(self) -> Browser:
        client = At(self.url)
        self.clients.append(client)  # type: ignore[arg-type]
        return Browser(client)  # type: ignore[arg-type]

    async def hook(self, channel: str, body: Any, **headers: str) -> Any:
        """Post as the platform would, genuinely signed unless `headers` say otherwise."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        told = {**self.signed(channel, raw, body), **headers}
        async with (
            ClientSession() as session,
            session.post(f"{self.url}/webhooks/{channel}", data=raw, headers=told) as a,
        ):
            return a.status, await a.read()

    def signed(self, channel: str, raw: bytes, body: Any) -> dict[str, str]:
        if channel == "telegram":
            return {HEADER: webhook_secret(self.settings, "telegram")}
        if channel == "zalo-bot":
            return {"X-Bot-Api-Secret-Token": webhook_secret(self.settings, "zalo_bot")}
        stamp = str(body.get("timestamp")) if isinstance(body, dict) else ""
        return {"X-ZEvent-Signature": f"mac={sign(APP_ID, raw, stamp, HOOK_KEY)}"}


class At:
    """A client session with a base address, as aiohttp's test client is used."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.session = ClientSession(cookie_jar=CookieJar(unsafe=True, treat_as_secure_origin=URL(url)))

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.session, name)
        return lambda path, **options: method(self._url + path, **options)


def text_of(channel: str, text: str, number: int = 1, who: str = "9000001") -> dict[str, Any]:
    """A message as each platform posts it."""
    if channel == "telegram":
        chat = {"id": int(who), "type": "private", "first_name": "Ví dụ"}
        sender = {**chat, "is_bot": False}
        message = {"message_id": number, "date": 1795408800, "chat": chat, "from": sender, "text": text}
        return {"update_id": number, "message": message}
    if channel == "zalo-bot":
        message = {
            "message_id": f"m{number}",
            "date": 1795408800000,
            "text": text,
            "chat": {"id": who, "chat_type": "PRIVATE"},
        }
        message["from"] = {"id": who, "display_name": "Ví dụ", "is_bot": False}
        return {"event_name": "message.text.received", "message": message}
    return {
        "app_id": APP_ID, "event_name": "user_send_text", "timestamp": str(1795408800000 + number),
        "sender": {"id": who}, "recipient": {"id": "100"}, "message": {"msg_id": f"m{number}", "text": text},
    }  # fmt: skip


async def platform() -> TestServer:
    """Takes whatever the channels say, as every platform would."""

    async def taken(request: web.Request) -> web.Response:
        message = {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}}
        user = {"id": 1, "is_bot": True, "first_name": "bot", "username": "vi_du_bot"}
        result = user if request.path.endswith("getMe") else message if "send" in request.path.lower() else True
        grant = {"access_token": "a", "refresh_token": "r", "expires_in": "90000"}
        return web.json_response({"ok": True, "result": result, "error": 0, "data": {"message_id": "1"}, **grant})

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", taken)
    server = TestServer(app)
    await server.start_server()
    return server


def settings(folder: Path, there: str, **told: Any) -> Settings:
    known: dict[str, Any] = {
        "data_dir": folder, "secret_key": KEY, "public_url": "https://hocnghe.example",
        "telegram_token": "123:made-up", "telegram_api_url": there,
        "zalo_bot_token": "456:made-up", "zalo_bot_api_url": there,
        "zalo_oa_id": "100", "zalo_oa_app_id": APP_ID, "zalo_oa_app_secret": "made-up", "zalo_oa_webhook_key": HOOK_KEY,
        "zalo_oa_refresh_token": "made-up", "zalo_oa_api_url": there, "zalo_oauth_url": there,
    }  # fmt: skip
    return Settings(_env_file=None, **(known | told))


@asynccontextmanager
async def served(understanding, catalogue, database: str | Path, folder: Path, **told: Any) -> AsyncIterator[Stage]:
    """The application over a migrated database, on a port of loopback behind its own doors."""
    there = await platform()
    known = settings(folder, str(there.make_url("")).rstrip("/"), **told)
    engine = engine_at(database, lasting=True) if isinstance(database, Path) else database
    store = SqlDeskStore(engine, Cipher(KEY))
    clock: list[datetime] = [NOON]
    app = App(store, understanding, catalogue, lambda: clock[0])
    with store.transaction() as unit:
        demo.seed(unit, NOON)
        for code in ("03595", "06862"):
            unit.serve(code, NOON)
    house = wiring.House(known, store, app, understanding, catalogue, lambda: clock[0])
    site = application(house, address=known.public_url)
    runner = web.AppRunner(
        site, access_log=None, max_headers=MOST_HEADERS, max_field_size=LONGEST_HEADER, shutdown_timeout=0.1
    )
    await runner.setup()
    port = unused_port()
    await Site(runner, "127.0.0.1", port, site[CONNECTIONS]).start()
    stage = Stage(store, app, None, None, clock, settings=known, port=port, built=site)  # type: ignore[arg-type]
    try:
        yield stage
    finally:
        for client in stage.clients:
            await client.session.close()
        await runner.cleanup()
        await there.close()


def copied(empty: Path, folder: Path) -> Path:
    return Path(shutil.copy(empty, folder / "hocnghe.sqlite3"))


async def raw(port: int, *parts: bytes, pause: float = 0.0, wait: float = 5.0, host: str = "127.0.0.1") -> bytes:
    """Bytes to the port, a pause between them; what comes back until the other side ends, or nothing more comes."""
    reader, writer = await asyncio.open_connection(host, port)
    reading = asyncio.ensure_future(_all(reader))
    try:
        for number, part in enumerate(parts):
            if number and pause:
                await asyncio.wait([reading], timeout=pause)
            if reading.done():
                break
            writer.write(part)
        await asyncio.wait([reading], timeout=wait)
        reading.cancel()
        return await reading
    except ConnectionError:
        return b""
    finally:
        reading.cancel()
        writer.close()


async def _all(reader: asyncio.StreamReader) -> bytes:
    answer = b""
    try:
        while more := await reader.read(65536):
            answer += more
    except (ConnectionError, asyncio.CancelledError):
        return answer
    return answer
