"""The link in a forwarded mail: the workbook, made anew at every opening, until the link runs out."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote

import structlog
from aiohttp import web

from bot.leads import parcels
from bot.leads.mail import SPREADSHEET
from bot.leads.parcels import Office
from bot.store.people_port import Delivery
from bot.store.sql_people import PeopleStore

# Nothing about a link is kept by anybody on the way, nor told to the next page.
SAFE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}
log = structlog.get_logger()


class Downloads:
    """`setup(app)` adds the route; blocking work is done by `run`, off the event loop."""

    def __init__(
        self,
        store: PeopleStore,
        run: Callable[..., Awaitable[Any]],
        office_of: Callable[[str], Office],
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._run = run
        self._office_of = office_of
        self._clock = clock

    def setup(self, application: web.Application) -> None:
        """GET /files/TOKEN."""
        application.router.add_get(parcels.ROUTE + r"{token:[0-9a-f-]{10,80}}", self._get)

    async def _get(self, request: web.Request) -> web.Response:
        delivery: Delivery | None = await self._run(self._linked, request.match_info["token"])
        if delivery is None or delivery.kind != "list":
            over = self._office_of("").say.say("forward.link_over")
            return web.Response(status=410, text=over, headers=SAFE)
        now, office = self._clock(), self._office_of(delivery.recipient.commune)
        content = await self._run(parcels.of_link, self._store, delivery, office, now)
        if request.method == "GET":
            await self._run(self._opened, delivery.id)
        log.info("a forwarded list was opened", delivery=delivery.id)
        name = office.say.say("forward.file", code=delivery.recipient.commune, day=now.date().isoformat())
        shown = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}", **SAFE}
        return web.Response(body=content, content_type="/".join(SPREADSHEET), headers=shown)

    def _linked(self, token: str) -> Delivery | None:
        with self._store.people() as unit:
            return unit.forwarding.linked(token, self._clock())

    def _opened(self, delivery: int) -> None:
        with self._store.people() as unit:
            unit.forwarding.opened(delivery, self._clock())
