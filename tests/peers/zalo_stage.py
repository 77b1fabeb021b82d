"""The side of the program in the peer's own tests: a client as the papers describe it, and a webhook that listens."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from aiohttp import ClientSession, FormData, web

from peers.zalo import ZaloPeer
from peers.zalo_ledger import ZONE

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=ZONE)
INFO = {"title": "Trung tâm", "subtitle": "Xin số điện thoại", "image_url": "https://example.vn/logo.png"}


@dataclass
class Heard:
    """One request at the program's webhook, as bytes."""

    body: bytes
    headers: dict[str, str]

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)


@dataclass
class Stage:
    """A peer, its clock, and a program that does nothing of its own accord."""

    peer: ZaloPeer
    client: ClientSession
    clock: list[datetime]
    heard: list[Heard] = field(default_factory=list)
    answers: int = 200
    late: float = 0
    webhook: str = ""
    token: str = ""

    def later(self, **time: float) -> None:
        """Time passes; a good program has a fresh access token by then."""
        self.clock[0] += timedelta(**time)
        self.token = self.peer.tokens.issue()["access_token"]

    async def bot(self, method: str, token: str = "", **body: Any) -> dict[str, Any]:
        url = f"{self.peer.url}/bot{token or self.peer.credentials.bot_token}/{method}"
        async with self.client.post(url, json=body) as response:
            assert response.status == 200
            return await response.json()

    async def post(self, path: str, body: Any, **headers: str) -> dict[str, Any]:
        headers = headers or {"access_token": self.token}
        async with self.client.post(self.peer.url + path, json=body, headers=headers) as response:
            assert response.status == 200
            return await response.json()

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        headers = {"access_token": self.token}
        async with self.client.get(self.peer.url + path, params=query, headers=headers) as response:
            assert response.status == 200
            return await response.json()

    async def cs(self, name: str, text: str = "Chào chị", **message: Any) -> dict[str, Any]:
        message = ({"text": text} if text else {}) | message
        recipient = {"user_id": self.peer.person(name).user_id}
        return await self.post("/v3.0/oa/message/cs", {"recipient": recipient, "message": message})

    async def payload(self, name: str, text: str, **payload: Any) -> int:
        """A template message; the error number of the answer."""
        return (await self.cs(name, text, attachment={"type": "template", "payload": payload}))["error"]

    async def upload(self, kind: str, data: bytes, filename: str, part: str = "file") -> dict[str, Any]:
        form = FormData()
        form.add_field(part, io.BytesIO(data), filename=filename)
        url, headers = f"{self.peer.url}/v2.0/oa/upload/{kind}", {"access_token": self.token}
        async with self.client.post(url, data=form, headers=headers) as response:
            return await response.json()

    async def oauth(self, secret: str | None = None, **form: str) -> dict[str, Any]:
        mine = self.peer.credentials
        headers = {"secret_key": mine.app_secret if secret is None else secret}
        form = {"app_id": mine.app_id} | form
        async with self.client.post(f"{self.peer.url}/v4/oa/access_token", data=form, headers=headers) as response:
            assert response.status == 200
            return await response.json()

    async def refresh(self, token: str, **options: Any) -> dict[str, Any]:
        return await self.oauth(grant_type="refresh_token", refresh_token=token, **options)

    async def _hear(self, request: web.Request) -> web.Response:
        self.heard.append(Heard(await request.read(), dict(request.headers)))
        await asyncio.sleep(self.late)
        return web.Response(status=self.answers)


@asynccontextmanager
async def staged(**options: Any) -> AsyncIterator[Stage]:
    """A peer at noon, with a listening webhook and a fresh access token."""
    clock = [NOON]
    async with ZaloPeer(lambda: clock[0], **options) as peer, ClientSession() as client:
        stage = Stage(peer, client, clock)
        application = web.Application()
        application.router.add_post("/hook", stage._hear)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        stage.webhook = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
        peer.mail.oa_webhook = stage.webhook
        stage.token = peer.tokens.issue()["access_token"]
        try:
            yield stage
        finally:
            await runner.cleanup()
