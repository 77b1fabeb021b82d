"""`/healthz` and `/metrics`: everybody may ask whether it is well; what is the matter is for whoever runs it.

Details go to an address of this machine or of a private network, by the connection itself or as a trusted proxy tells
it; `monitors` are further networks. A request that came through a proxy nobody named as trusted is a stranger's: behind
such a proxy every visitor would seem to sit on this machine.
"""

import ipaddress
from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.channels.web.visitors import Door
from bot.health import metrics, report
from bot.health.watch import Watch
from bot.meters import METERS

FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Doors:
    """The two routes over one watch."""

    def __init__(self, watch: Watch, trusted: tuple[str, ...], monitors: str = "") -> None:
        self._watch = watch
        self._door = Door(trusted, secure_cookies=False)
        self._trusted = tuple(ipaddress.ip_network(t) for t in trusted)
        self._more = tuple(ipaddress.ip_network(m.strip()) for m in monitors.split(",") if m.strip())
        self._page: tuple[Callable[[], bytes], str] | None = None

    def setup(self, application: web.Application) -> None:
        """The routes, and the count of answers."""
        application.router.add_get("/healthz", self._health)
        application.router.add_get("/metrics", self._metrics)
        application.on_response_prepare.append(_count)

    async def _health(self, request: web.Request) -> web.Response:
        facts = await self._watch.fresh()
        tell = report.full if self.knows(request) else report.short
        body = tell(facts, self._watch.warned)
        return web.json_response(body, status=503 if body["status"] == "down" else 200, headers=_FRESH)

    async def _metrics(self, request: web.Request) -> web.Response:
        if not self.knows(request):
            raise web.HTTPNotFound
        await self._watch.fresh()
        if self._page is None:
            self._page = metrics.scraper(METERS, lambda: self._watch.facts)
        make, kind = self._page
        return web.Response(body=make(), headers={"Content-Type": kind, **_FRESH})

    def knows(self, request: web.Request) -> bool:
        """Whether whoever asks may see details."""
        try:
            peer = ipaddress.ip_address(request.remote or "")
        except ValueError:
            return request.remote in (None, "")  # a socket of this machine's file system
        if any(name in request.headers for name in FORWARDED):
            if not any(peer in network for network in self._trusted):
                return False
            try:
                peer = ipaddress.ip_network(self._door.address(request), strict=False).network_address
            except ValueError:
                return False
        return peer.is_loopback or peer.is_private or any(peer in network for network in self._more)


_FRESH = {"Cache-Control": "no-store"}


async def _count(_request: web.Request, response: web.StreamResponse) -> None:
    METERS.responses[f"{response.status // 100}xx"] += 1
