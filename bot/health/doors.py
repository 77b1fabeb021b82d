"""`/healthz` and `/metrics`: everybody may ask whether it is well; what is the matter is for whoever runs it.

Details go to an address of this machine or of a private network, by the connection itself or as a trusted proxy tells
it; `monitors` are further networks. A request that came through a proxy nobody named as trusted is a stranger's: behind
such a proxy every visitor would seem to sit on this machine.
"""

import ipaddress
from collections.abc import Callable

from aiohttp import web

from bot.health import metrics, report
from bot.health.watch import Watch
from bot.meters import METERS

# This machine, private networks (RFC 1918, 4193), a cable's own addresses (RFC 3927, 4291).
PRIVATE = (
    "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16",
    "::1/128", "fc00::/7", "fe80::/10",
)  # fmt: skip
FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class HealthDoors:
    """The two routes over one watch."""

    def __init__(self, watch: Watch, trusted: tuple[str, ...], monitors: str = "") -> None:
        self._watch = watch
        self._trusted = tuple(ipaddress.ip_network(t) for t in trusted)
        more = tuple(m.strip() for m in monitors.split(",") if m.strip())
        self._inside = tuple(ipaddress.ip_network(network) for network in (*PRIVATE, *more))
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
        if not request.remote:
            return True  # a socket of this machine's file system
        asker = self._asker(request)
        return asker is not None and any(asker in network for network in self._inside)

    def _asker(self, request: web.Request) -> _Address | None:
        """The nearest address that is no trusted proxy; None when nobody we trust says whose request it is."""
        try:
            found = ipaddress.ip_address(request.remote or "")
            if not any(name in request.headers for name in FORWARDED):
                return found
            hops = request.headers.getall("X-Forwarded-For", [])
            for hop in reversed(",".join(hops).split(",")):
                if not any(found in network for network in self._trusted):
                    break
                found = ipaddress.ip_address(hop.strip())
        except ValueError:
            return None
        through = request.headers.get("X-Forwarded-For") is not None and str(found) != request.remote
        return found if through else None


_FRESH = {"Cache-Control": "no-store"}


async def _count(_request: web.Request, response: web.StreamResponse) -> None:
    METERS.responses[f"{response.status // 100}xx"] += 1
