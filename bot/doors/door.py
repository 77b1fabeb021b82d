"""One look at every request, whatever route it is for: how often its address comes, how long its body may take; and
the headers that every answer carries, the router's own refusals too."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from bot.channels.web.assets import HEADERS
from bot.channels.web.limits import Buckets, Gate
from bot.channels.web.visitors import Door
from bot.doors.connections import Connections, Patience, Watched
from bot.i18n import language

HOOKS, FILES, DESK = "/webhooks/", "/files/", "/desk"
LOOKED_AT = frozenset({"/healthz", "/metrics"})
REFUSED = frozenset({400, 401, 403})  # by a webhook: nobody's we know
NUL = "%00"
PLAIN: Mapping[str, str] = {"X-Content-Type-Options": "nosniff"}  # for programs, which draw nothing
STRICT_TRANSPORT = "max-age=31536000"
CONNECTIONS: web.AppKey[Connections] = web.AppKey("connections", Connections)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Doors:
    """`setup` before any route is asked for. `secure`: people reach us by https."""

    def __init__(self, gate: Gate, *, secure: bool, patience: Patience | None = None) -> None:
        self._door = Door(gate.trusted_proxies, secure_cookies=secure)
        self._patience = patience or Patience()
        self._headers = {**HEADERS, **({"Strict-Transport-Security": STRICT_TRANSPORT} if secure else {})}
        self._requests = Buckets(gate.address_requests_a_minute, 60)
        self._files = Buckets(gate.address_files_a_minute, 60)
        self._looks = Buckets(gate.address_looks_a_minute, 60)
        self._forged = Buckets(gate.address_forged_a_minute, 60)
        self.connections = Connections(self._patience, self._door.counted)

    def setup(self, application: web.Application) -> None:
        """Before everything else."""
        application[CONNECTIONS] = self.connections
        application.middlewares.insert(0, self._guard)
        application.on_response_prepare.append(self._dress)

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        transport = request.transport
        watched = transport.get_protocol() if transport is not None else None
        if not isinstance(watched, Watched):  # a server of a test
            return await self._within_limits(request, handler)
        content = request.content
        whole = not request.can_read_body or content.is_eof()
        slow = self._patience.upload if request.path.startswith(DESK) else self._patience.body
        watched.begin(whole, slow)
        if not whole:
            content.on_eof(watched.whole)
        try:
            return await self._within_limits(request, handler)
        finally:
            watched.end()

    async def _within_limits(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        path = request.path
        if path.startswith(HOOKS):
            return await self._hook(request, handler)
        if NUL in request.raw_path:  # nobody types it, and PostgreSQL refuses it
            return web.Response(status=400)
        bucket = self._files if path.startswith(FILES) else self._looks if path in LOOKED_AT else self._requests
        if wait := bucket.take(self._door.address(request), asyncio.get_running_loop().time()):
            return _later(wait)
        return await handler(request)

    async def _hook(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """A genuine one is never held up: a signature costs less than a limit that a forger could use up for it."""
        response = await handler(request)
        if response.status in REFUSED:
            wait = self._forged.take(self._door.address(request), asyncio.get_running_loop().time())
            if wait and not response.prepared:
                return _later(wait)
        return response

    async def _dress(self, request: web.Request, response: web.StreamResponse) -> None:
        for name, value in (PLAIN if request.path.startswith(HOOKS) else self._headers).items():
            response.headers.setdefault(name, value)
        response.headers["Server"] = "hocnghe"  # versions are nobody's business


def _later(wait: int) -> web.Response:
    text = "\n".join(language(code).say("doors.busy", seconds=wait) for code in ("vi", "en"))
    return web.Response(text=text, status=429, headers={"Retry-After": str(wait)})
