"""The Official Account as a channel: its webhook, its outbox, and the keeper of its tokens."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from aiohttp import web

from bot.background import BackgroundTask
from bot.channels import http
from bot.channels.inbound import Inbound, still_so
from bot.channels.outbox import Outbox
from bot.channels.port import Base, Line
from bot.channels.sending import WithOutbox
from bot.channels.texts import fitted
from bot.channels.zalo_oa import content, events, oauth
from bot.channels.zalo_oa.api import Api
from bot.channels.zalo_oa.sending import Sender
from bot.channels.zalo_oa.signature import signed
from bot.channels.zalo_oa.templates import Templates
from bot.channels.zalo_oa.tokens import NoToken, Tokens
from bot.effects import MessagesStopped
from bot.model import Contact, Incoming
from bot.store.channel_port import ChannelUnit

log = structlog.get_logger()
ROUTE = "/webhooks/zalo-oa"
CARD = f"{ROUTE}/card.png"  # the picture that the contact form must have; Zalo fetches it
_CARD = Path(__file__).with_name("card.png")
# An officer who answers by hand reads and types between other work: the assistant must not break in while the person
# thinks their answer over, nor be silent the next day. Each message of the officer begins the time anew.
OFFICER_PAUSE = timedelta(hours=2)
UNFOLLOWED = "unfollowed"
KEEPING = 600.0  # seconds between looks at the token
WRITING = 3.0  # while the newest is known to this process alone


@dataclass(frozen=True, slots=True)
class Account:
    """What the settings say: our app, where the interfaces are, the OA secret key, the first refresh token.

    `title`, `image`: heading and public picture of the contact form; without a picture the number is typed.
    """

    app: oauth.App
    url: str
    webhook_key: str
    refresh_token: str = ""
    title: str = ""
    image: str = ""
    templates_url: str = ""  # "" = templates are switched off


class ZaloOa(WithOutbox[Sender | None]):
    """The port `Channel`."""

    name = events.CHANNEL

    def __init__(self, account: Account, base: Base, *, keeping: float = KEEPING) -> None:
        self._account = account
        self._base = base
        self._keeping = keeping
        self.tokens = Tokens(account.app, account.refresh_token, base.store, base.run, base.clock)
        self.line = Line(events.CHANNEL, account.app.id)
        self.outbox = Outbox(self.line, base.store, base.run, self.send, clock=base.clock)
        shape = partial(fitted, most=content.MOST_TEXT)
        self._inbound = Inbound(base.app, base.run, self.outbox.put, shape=shape)
        self._sender: Sender | None = None
        self.templates: Templates | None = None
        self._keeper = BackgroundTask()
        self._client = contextlib.AsyncExitStack()
        self.counts: Counter[str] = Counter()

    def setup(self, application: web.Application) -> None:
        """One route; a GET is somebody looking."""
        application.router.add_post(ROUTE, self._webhook)
        application.router.add_get(ROUTE, _looked_at)
        application.router.add_get(CARD, _card)

    async def start(self) -> None:
        """Send what waits; look after the token."""
        client = await self._client.enter_async_context(http.session())
        account = self._account
        api = Api(account.url, self.tokens, client)
        self._sender = Sender(api, self._base.clock, title=account.title, image=account.image)
        if account.templates_url:
            self.templates = Templates(api, self._base.store, self._base.run, self._base.clock, account.templates_url)
        await self.outbox.start()
        self._keeper.begin(self._keep(api))

    async def stop(self) -> None:
        """What is on the wire comes to its end."""
        await self._keeper.cancel()
        await self.outbox.stop()
        await self.tokens.close()
        await self._client.aclose()

    def health(self) -> Mapping[str, Any]:
        """`trouble`: what a human has to do."""
        trouble = self.tokens.trouble or (self._sender.trouble if self._sender else "")
        told = {
            **self.outbox.reaching.told(),
            "waiting": self.outbox.waiting,
            "counts": dict(self.outbox.counts),
            "events": dict(self.counts),
        }
        return {"ok": not trouble, **({"trouble": trouble} if trouble else {}), **told}

    async def _keep(self, api: Api) -> None:
        while True:
            try:
                await self.tokens.access(api.client)
            except NoToken as fault:
                log.error("no Zalo token", broken=fault.broken, do=str(fault))
            except Exception as fault:  # noqa: BLE001 - the next look may find it mended
                log.error("looking after the Zalo token failed", fault=type(fault).__name__)
            await asyncio.sleep(WRITING if self.tokens.unwritten else self._keeping)

    async def _webhook(self, request: web.Request) -> web.Response:
        """200 once what happened is committed; then Zalo does not deliver it again (docs/zalo.md, section 5)."""
        raw = await request.read()
        body = http.read(raw)
        header = request.headers.get("X-ZEvent-Signature", "")
        if not raw.strip() or (body is not None and not header and "event_name" not in body):
            return web.Response()  # the console tries the address
        if body is None:
            self.counts["malformed"] += 1
            return web.Response(status=400)
        account = self._account
        if not signed(raw, body, header, account.app.id, account.webhook_key):
            self._forged(raw, body, header)
            return web.Response(status=401)
        try:
            zns = request.headers.get("X-ZEvent-Server") == "ZNS"
            await self._happened(events.parse(body, account.app.id, self._base.clock(), zns=zns))
        except Exception as fault:  # noqa: BLE001 - delivered again later
            log.error("an event could not be taken", channel=self.name, fault=type(fault).__name__)
            return web.Response(status=503)
        return web.Response()

    def _forged(self, raw: bytes, body: dict[str, Any], header: str) -> None:
        """Tell an operator who mixed up the secrets which one it is; nothing but the configured key is accepted."""
        account, known = self._account, ""
        if signed(raw, body, header, account.app.id, account.app.secret):
            known = "it is signed with the app secret: HOCNGHE_ZALO_OA_WEBHOOK_KEY must hold the signing key"
        elif signed(raw, body, header, str(body.get("app_id"))[:40], account.webhook_key):
            known = "it belongs to another app: look at HOCNGHE_ZALO_OA_APP_ID"
        self.counts["forged"] += 1
        log.warning("an event with a wrong signature", channel=self.name, known=known or "nobody's we know")

    async def _happened(self, event: events.Event) -> None:
        self.counts[type(event).__name__] += 1
        if isinstance(event, Incoming):
            await self._inbound.take(event)
        elif isinstance(event, events.Opened):
            await self._inbound.note(event.incoming)
        elif isinstance(event, events.Left):
            await self._left(event.incoming)
        elif isinstance(event, events.TemplateArrived):
            await self._base.run(self._in_channels, partial(_arrived, event))
        elif isinstance(event, events.OfficerWrote):
            await self._base.run(self._in_channels, partial(_pause, event.contact, event.at + OFFICER_PAUSE))
        elif isinstance(event, events.Nothing) and not event.known:
            log.info("an event we do not know", channel=self.name, event_name=event.name)

    async def _left(self, incoming: Incoming) -> None:
        """Announcements end; nothing reaches the person until they come back. One older than that comes too late."""
        reach = await self._base.run(self._in_channels, lambda unit: unit.reach(incoming.contact))
        if reach is None or still_so(incoming.at, reach.seen_at, self._base.clock()):
            await self._inbound.note(incoming, MessagesStopped(stopped=True), left=UNFOLLOWED)

    def _in_channels(self, work: Callable[[ChannelUnit], Any]) -> Any:
        with self._base.store.channels() as unit:
            return work(unit)


def _pause(contact: Contact, until: datetime, unit: ChannelUnit) -> None:
    """Longer, never shorter: echoes may come late and in any order."""
    reach = unit.reach(contact)
    if reach is not None and (reach.paused_until is None or reach.paused_until < until):
        unit.pause(contact, until)


def _arrived(event: events.TemplateArrived, unit: ChannelUnit) -> None:
    unit.template_arrived(event.tracking_id, event.message_id, event.at)


async def _card(_request: web.Request) -> web.FileResponse:
    return web.FileResponse(_CARD, headers={"Cache-Control": "public, max-age=86400"})


async def _looked_at(_request: web.Request) -> web.Response:
    return web.Response()
