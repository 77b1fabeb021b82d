"""The first start: the understanding is trained in a process of its own while a page says how far it is."""

import asyncio
import os
import re
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from aiohttp import web

from bot.i18n import LANGUAGES, language
from intents import cache, catalogue

_SHARE = re.compile(rb"(\d+)%")
_EVERY = 10  # percent between two lines in the terminal
_AGAIN = 3  # seconds after which the page looks again

_PAGE = """<!doctype html><html lang="{lang}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta http-equiv="refresh" content="{again}">
<title>HọcNghề</title></head><body style="font: 1.25rem sans-serif; margin: 2rem; line-height: 1.5">
<h1>HọcNghề</h1><p>{text}</p><progress max="100" value="{percent}" style="width: 100%"></progress>
</body></html>"""
_TRAINER = (sys.executable, "-m", "intents.training")


def prepare(
    host: str, port: int, cache_dir: Path | None, *, say: Callable[[str], None], door: socket.socket | None = None
) -> None:
    """Train when the cache holds nothing for these data; until then `host:port` says so (503, /healthz too).

    `door`: what listens there already (`bot.kept_door`).
    A trainer that fails is told; building the house then trains in this process and raises what is wrong.
    """
    folder = cache_dir or cache.folder()
    if cache.kept(folder, cache.key(catalogue.DATA)):
        return
    say(language().say("preparing.terminal"))
    code = asyncio.run(Trainer(folder, say).wait_at(host, port, door))
    if code:
        say(language().say("preparing.failed", code=code))


class Trainer:
    """The child process and the page beside it; `percent` is how far it is."""

    def __init__(self, folder: Path, say: Callable[[str], None], command: Sequence[str] = _TRAINER) -> None:
        self._folder = folder
        self._command = command
        self._say = say
        self.percent = 0

    async def wait_at(self, host: str, port: int, door: socket.socket | None = None) -> int:
        """Serve the page until the training has ended; its exit code."""
        site = web.Application()
        site.router.add_get("/healthz", self._health)
        site.router.add_route("*", "/{path:.*}", self._page)
        runner = web.AppRunner(site, access_log=None)
        await runner.setup()
        try:
            # A copy of the door: a site closes what it was given when it ends.
            await (web.SockSite(runner, door.dup()) if door else web.TCPSite(runner, host, port)).start()
            return await self._train()
        finally:
            await runner.cleanup()

    async def _train(self) -> int:
        environment = {**os.environ, "HOCNGHE_CACHE_DIR": str(self._folder)}
        child = await asyncio.create_subprocess_exec(*self._command, stdout=asyncio.subprocess.PIPE, env=environment)
        assert child.stdout is not None  # noqa: S101 - asked for above
        try:
            while heard := await child.stdout.read(256):
                for percent in _SHARE.findall(heard):
                    self._told(int(percent))
            return await child.wait()
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()

    def _told(self, percent: int) -> None:
        if percent // _EVERY > self.percent // _EVERY:
            self._say(f"  {percent}%")
        self.percent = max(self.percent, min(percent, 100))

    async def _health(self, _request: web.Request) -> web.Response:
        return web.json_response({"ok": False, "training": self.percent / 100}, status=503)

    async def _page(self, request: web.Request) -> web.Response:
        code = request.query.get("lang", "")
        say = language(code if code in LANGUAGES else "vi")
        text = say.say("preparing.page", percent=self.percent)
        page = _PAGE.format(lang=say.code, again=_AGAIN, text=text, percent=self.percent)
        return web.Response(text=page, content_type="text/html", status=503, headers={"Retry-After": str(_AGAIN)})
