"""Several programs over one PostgreSQL, each with a folder of its own as on its own machine, behind one address."""

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import AsyncExitStack
from pathlib import Path

from aiohttp import ClientError, ClientSession, web
from aiohttp.test_utils import TestServer, unused_port
from store.factories import KEY

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0  # seconds, on a busy machine


class Machine:
    """One program: `serve` on a port, or `worker`."""

    def __init__(self, folder: Path, kind: str, environment: dict[str, str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.url = ""
        command = [sys.executable, "-m", "bot", kind]
        if kind == "serve":
            port = unused_port()
            self.url = f"http://127.0.0.1:{port}"
            command += ["--port", str(port)]
        clean = {k: v for k, v in os.environ.items() if not k.startswith("HOCNGHE_")}
        clean |= environment | {"HOCNGHE_DATA_DIR": str(folder), "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
        self.log = folder / "log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, cwd=folder, env=clean, stdout=log, stderr=log)

    async def ready(self) -> None:
        """Until it says where it is."""
        async with asyncio.timeout(PATIENCE):
            while b"/desk" not in (told := self.log.read_bytes()) and b"background work runs" not in told:
                assert self.process.poll() is None, told.decode()
                await asyncio.sleep(0.1)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def end(self) -> int:
        """SIGTERM, and its orderly end."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)


class Balancer:
    """Requests by turns to the programs that answer, as a web server in front of them does."""

    def __init__(self) -> None:
        self.behind: list[Machine] = []
        self.taken: dict[str, int] = {}
        self._next = 0
        self._rooms = AsyncExitStack()

    async def __aenter__(self) -> "Balancer":
        self._client = await self._rooms.enter_async_context(ClientSession())
        site = web.Application()
        site.router.add_route("*", "/{path:.*}", self._pass)
        self.url = str((await self._rooms.enter_async_context(TestServer(site))).make_url("")).rstrip("/")
        return self

    async def __aexit__(self, *fault: object) -> None:
        await self._rooms.aclose()

    async def _pass(self, request: web.Request) -> web.Response:
        body = await request.read()
        for _ in self.behind:
            self._next += 1
            to = self.behind[self._next % len(self.behind)].url
            try:
                async with self._client.request(
                    request.method, to + request.path_qs, data=body, headers=dict(request.headers)
                ) as answer:
                    self.taken[to] = self.taken.get(to, 0) + 1
                    return web.Response(
                        body=await answer.read(), status=answer.status, content_type=answer.content_type
                    )
            except ClientError:
                continue
        return web.Response(status=502)


def environment(database: str, public: str, peer) -> dict[str, str]:
    """The settings that all machines share."""
    return {
        "HOCNGHE_DATABASE_URL": database,
        "HOCNGHE_SECRET_KEY": KEY,
        "HOCNGHE_PUBLIC_URL": public,
        "HOCNGHE_TELEGRAM_TOKEN": peer.token,
        "HOCNGHE_TELEGRAM_API_URL": peer.url,
        "HOCNGHE_TELEGRAM_WEBHOOK_SECRET": peer.secret,
    }
