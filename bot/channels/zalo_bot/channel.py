"""The Bot Platform as a channel: a webhook where there is a public address, else long polling (for trying out)."""

import asyncio
import contextlib
import hmac
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from aiohttp import web

from bot.channels import http
from bot.channels.inbound import Inbound
from bot.channels.outbox import Outbox
from bot.channels.port import Base, Line
from bot.channels.sending import WithOutbox
from bot.channels.texts import fitted
from bot.channels.zalo_bot import updates
from bot.channels.zalo_bot.api import IDLE, MOST_TEXT, Answer, Api, Result, Sender
from bot.model import Incoming
from bot.store.faults import unavailable

log = structlog.get_logger()
ROUTE = "/webhooks/zalo-bot"
POLL = 30  # seconds a poll waits for an update
SLOW = 1.0  # seconds after which the person is shown that somebody is typing
FIRST_WAIT, LONGEST_WAIT = 2.0, 300.0
LONGEST_DATABASE_WAIT = 15.0


@dataclass(frozen=True, slots=True)
class Account:
    """What the settings say. The bot's id is the part of the token before the colon."""

    token: str
    url: str
    secret: str

    @property
    def id(self) -> str:
        """Not secret."""
        return self.token.partition(":")[0]


class ZaloBot(WithOutbox[Sender | None]):
    """The port `Channel`."""

    name = updates.CHANNEL

    def __init__(self, account: Account, base: Base, *, slow: float = SLOW) -> None:
        self._account = account
        self._base = base
        self._slow = slow
        self.line = Line(updates.CHANNEL, account.id)
        self.outbox = Outbox(self.line, base.store, base.run, self.send, clock=base.clock)
        self._inbound = Inbound(base.app, base.run, self.outbox.put, shape=partial(fitted, most=MOST_TEXT))
        self._client = contextlib.AsyncExitStack()
        self._api: Api | None = None
        self._sender: Sender | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._trouble = ""
        self.counts: Counter[str] = Counter()

    def setup(self, application: web.Application) -> None:
        """One route; it takes nothing while there is no public address, for then nobody is told of it."""
        application.router.add_post(ROUTE, self._webhook)
        application.router.add_get(ROUTE, _looked_at)

    async def start(self) -> None:
        """Send what waits; then receive."""
        client = await self._client.enter_async_context(http.session())
        self._api = Api(self._account.url, self._account.token, client)
        self._sender = Sender(self._api)
        await self.outbox.start()
        if self._base.doors:
            self._begin(self._register(self._api) if self._base.public_url else self._poll(self._api))

    async def stop(self) -> None:
        """No more messages in, those on the wire to their end. A poll that is cut off loses nothing that was taken."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.outbox.stop()
        await self._client.aclose()

    def health(self) -> Mapping[str, Any]:
        """`trouble`: what a human has to do."""
        trouble = self._trouble or (self._sender.trouble if self._sender else "")
        told = {
            **self.outbox.reaching.told(),
            "waiting": self.outbox.waiting,
            "counts": dict(self.outbox.counts),
            "events": dict(self.counts),
        }
        way = "webhook" if self._base.public_url else "polling: for trying out only"
        return {"ok": not trouble, "mode": way, **({"trouble": trouble} if trouble else {}), **told}

    async def _register(self, api: Api) -> None:
        """Until the platform knows our address."""
        url, wait = self._base.public_url + ROUTE, FIRST_WAIT
        while not self._well(await api.call("setWebhook", url=url, secret_token=self._account.secret), "setWebhook"):
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT)
        log.info("Zalo delivers to the webhook", channel=self.name)

    async def _poll(self, api: Api) -> None:
        """One update at a time. What was fetched and not committed before a crash is gone: there is no offset."""
        wait, free = FIRST_WAIT, False
        while True:
            if not free:
                free = self._well(await api.call("deleteWebhook"), "deleteWebhook")
            result = await api.updates(POLL)
            if isinstance(result, Answer) and result.code in (0, IDLE):
                wait, self._trouble = FIRST_WAIT, ""
                self.outbox.reaching.answered()
                if result.result:
                    await self._polled(result.result)
                continue
            free = self._well(result, "getUpdates")
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT)

    async def _polled(self, body: Mapping[str, Any]) -> None:
        """There is no offset to come back to: what the database cannot take now is held until it can."""
        wait = FIRST_WAIT
        while True:
            try:
                return await self._happened(body)
            except Exception as fault:  # noqa: BLE001 - one message that fails must not end the talk with all
                log.error("an update could not be taken", channel=self.name, fault=type(fault).__name__)
                if not unavailable(fault):
                    return None
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_DATABASE_WAIT)

    def _well(self, result: Result, what: str) -> bool:
        if isinstance(result, Answer) and result.code == 0:
            self._trouble = ""
            self.outbox.reaching.answered()
            return True
        why = str(result.code) if isinstance(result, Answer) else result.why
        advice = "take HOCNGHE_ZALO_BOT_TOKEN anew from Zalo Bot Creator" if why == "401" else "it is tried again"
        self._trouble = f"{what}: {why}: {advice}"
        self.outbox.reaching.failed(why)
        log.error("the Zalo bot cannot receive", channel=self.name, do=self._trouble)
        return False

    async def _webhook(self, request: web.Request) -> web.Response:
        """200 once the turn is committed (docs/zalo.md, section 5)."""
        raw = await request.read()
        if not raw.strip():
            return web.Response()  # a probe
        shown = request.headers.get("X-Bot-Api-Secret-Token", "")
        if not hmac.compare_digest(shown.encode("utf-8", "replace"), self._account.secret.encode()):
            self.counts["forged"] += 1
            log.warning("an update with a wrong secret", channel=self.name)
            return web.Response(status=403)
        body = http.read(raw)
        if body is None:
            self.counts["malformed"] += 1
            return web.Response(status=400)
        try:
            await self._happened(body)
        except Exception as fault:  # noqa: BLE001 - delivered again later
            log.error("an update could not be taken", channel=self.name, fault=type(fault).__name__)
            return web.Response(status=503)
        return web.Response()

    async def _happened(self, body: Mapping[str, Any]) -> None:
        happened = updates.parse(body, self._account.id, self._base.clock())
        self.counts[type(happened).__name__] += 1
        if isinstance(happened, updates.Nothing):
            if not happened.known:
                log.info("an update we do not know", channel=self.name, event_name=happened.name)
            return
        waiting = asyncio.get_running_loop().call_later(self._slow, self._typing, happened)
        try:
            await self._inbound.take(happened)
        finally:
            waiting.cancel()

    def _typing(self, incoming: Incoming) -> None:
        if self._api is not None:
            self._begin(self._api.call("sendChatAction", chat_id=incoming.contact.id, action="typing"))

    def _begin(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _looked_at(_request: web.Request) -> web.Response:
    return web.Response()
