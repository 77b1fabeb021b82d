"""Telegram as a channel: polling by default, a webhook where the program has an address."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import structlog
from aiohttp import web
from telegram import Bot
from telegram.error import BadRequest, InvalidToken, TelegramError

from bot.channels.inbound import Inbound, still_so
from bot.channels.outbox import Outbox
from bot.channels.port import Base, Line
from bot.channels.sending import WithOutbox
from bot.channels.telegram import keys, profile, updates
from bot.channels.telegram.polling import Lease, Poller
from bot.channels.telegram.rendering import Call, fit_one_call, message
from bot.channels.telegram.request import AioRequest
from bot.channels.telegram.sending import Sender
from bot.channels.telegram.webhook import Answer, Webhook
from bot.i18n import language
from bot.model import Contact, Incoming
from bot.store.channel_port import Reach

PATH = "/webhooks/telegram"
CONNECTIONS = 40  # updates that Telegram posts at once
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 300.0
LAST_WORDS = 2.0  # seconds for what nobody waits for, at the end
DAY = timedelta(days=1)
BLOCKED = "blocked"
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Account:
    """Our bot: the token of @BotFather, what Telegram shows when it posts, where the Bot API is.

    `answers`: a lone reply may ride in the answer to the webhook's request, where a refusal (429, 403) is told to
    nobody; else all replies are calls of the API, and a refused one is sent again.
    """

    token: str
    secret: str
    api_url: str
    answers: bool = False

    @property
    def id(self) -> str:
        """The number of the bot, which is the token's first part."""
        return self.token.partition(":")[0]


class Telegram(WithOutbox[Sender]):
    """The port `Channel`."""

    name = updates.CHANNEL

    def __init__(self, base: Base, account: Account) -> None:
        self._base, self._account = base, account
        api = account.api_url.rstrip("/")
        self._api = f"{api}/bot{account.token}"
        self._request, self._polls = AioRequest(), AioRequest(connections=2)
        self._bot = Bot(
            account.token,
            base_url=f"{api}/bot",
            base_file_url=f"{api}/file/bot",
            request=self._request,
            get_updates_request=self._polls,
        )
        self._sender = Sender(self._request, self._api)
        self.line = Line(self.name, account.id)
        self.outbox = Outbox(self.line, base.store, base.run, self._sender.send, clock=base.clock)
        self._inbound = Inbound(base.app, base.run, self.outbox.put)
        self._poller: Poller | None = None
        self._opening: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._registered = False
        self._trouble = ""

    def setup(self, application: web.Application) -> None:
        """The webhook's route, where there is an address."""
        if self._base.public_url:
            hook = Webhook(self._account.secret, self.take)
            application.router.add_post(PATH, hook.serve)

    async def start(self) -> None:
        """What is waiting goes out; the rest begins beside, however long Telegram takes."""
        await self._request.initialize()
        await self._polls.initialize()
        await self.outbox.start()
        if self._base.doors:
            self._opening = asyncio.create_task(self._open())

    async def stop(self) -> None:
        """No more updates, then what is on the wire to its end."""
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.gather(self._opening, return_exceptions=True)
        if self._poller is not None:
            await self._poller.stop()
        await self.outbox.stop()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=LAST_WORDS)
        await self._request.shutdown()
        await self._polls.shutdown()

    def health(self) -> Mapping[str, Any]:
        """How updates come in, and what did not go out."""
        if self._poller is not None:
            told = dict(self._poller.health())
        else:
            told = {"ok": self._registered, "mode": "webhook" if self._base.public_url else "polling"}
            told |= {"trouble": self._trouble} if self._trouble else {}
        waits = {"waiting": self.outbox.waiting, "counts": dict(self.outbox.counts)}
        return {**self.outbox.reaching.told(), **told, **waits}

    async def take(self, update: Any) -> Answer:
        """One update; what the webhook's answer is to hold. Raises when it has to come again."""
        parsed = updates.parse(update, self._account.id, self._base.clock())
        if isinstance(parsed, Incoming):
            return await self._turn(parsed)
        if isinstance(parsed, updates.Tap):
            self._beside(self._tell(Call("answerCallbackQuery", {"callback_query_id": parsed.query})))
            return await self._turn(await self._unshortened(parsed.incoming))
        if isinstance(parsed, updates.Member):
            await self._moved(parsed)
        elif isinstance(parsed, updates.Group):
            return await self._greet(parsed)
        return None

    async def _turn(self, incoming: Incoming) -> Answer:
        rides = fit_one_call if self._may_ride(incoming.contact) else None
        handled = await self._inbound.take(incoming, rides)
        riding = next((m for m in handled.messages if m.answered), None)
        self.outbox.counts["unconfirmed"] += riding is not None
        return riding

    def _may_ride(self, contact: Contact) -> bool:
        """Not while something older waits, and not where Telegram might refuse it: it would not tell."""
        if not (self._account.answers and self._base.public_url) or self.outbox.busy(contact):
            return False
        calm = self._sender.pace.calm(contact.id)
        self._sender.pace.sent(contact.id)
        return calm

    async def _unshortened(self, incoming: Incoming) -> Incoming:
        """The value that a short form in a button stands for, as the messages of this person know it."""
        data = incoming.choice or ""
        if not data.startswith(keys.SHORT):
            return incoming
        return replace(incoming, choice=await self._base.run(self._meant, incoming.contact, data))

    def _meant(self, contact: Contact, data: str) -> str:
        with self._base.store.transaction() as unit:
            told = [m.reply for m in unit.messages(contact) if m.reply is not None]
        return next((c.value for r in reversed(told) for c in r.choices if keys.short(c.value) == data), data)

    async def _moved(self, change: updates.Member) -> None:
        """Somebody who has written before blocks the bot, or lets it in again."""
        at, reach = change.incoming.at, await self._base.run(self._reach, change.incoming.contact)
        if reach is None:
            return
        since = reach.unreachable_at if change.reachable else reach.seen_at
        if since is None or still_so(at, since, self._base.clock()):
            await self._inbound.note(change.incoming, left="" if change.reachable else BLOCKED)

    def _reach(self, contact: Contact) -> Reach | None:
        with self._base.store.channels() as unit:
            return unit.reach(contact)

    async def _greet(self, group: updates.Group) -> Answer:
        """One polite line a day, and no more: the talk is a private one."""
        if not await self._base.run(self._first_today, group):
            return None
        at = f"https://t.me/{self._bot.username}" if self._bot_known() else ""
        line = message(str(group.chat), language().say("telegram.group", link=at).strip())
        if self._base.public_url:
            return line
        self._beside(self._tell(line))
        return None

    def _first_today(self, group: updates.Group) -> bool:
        """A lease of a day that only the same update, delivered again, holds too."""
        now = self._base.clock()
        with self._base.store.channels() as unit:
            name = f"telegram.group.{self._account.id}.{group.chat}"
            return unit.lease(name, group.update_id, now, now + DAY)

    def _bot_known(self) -> bool:
        return self._registered or self._poller is not None

    async def _tell(self, call: Call) -> None:
        """Something that may fail: a spinner that turns on, a line that a group does not get."""
        try:
            await self._sender.call(call)
        except TelegramError as fault:
            log.info("a call failed", channel=self.name, method=call.method, fault=type(fault).__name__)

    def _beside(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _open(self) -> None:
        """Know ourselves, ask for updates, show who we are; again and again until it is done."""
        pause = FIRST_PAUSE
        while not await self._opened():
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
        try:
            if changed := await profile.set_up(self._bot):
                log.info("commands and descriptions set", channel=self.name, changed=changed)
        except TelegramError as fault:
            log.warning("commands and descriptions not set", channel=self.name, fault=type(fault).__name__)

    async def _opened(self) -> bool:
        try:
            await self._bot.initialize()
            if self._base.public_url:
                await self._register()
            else:
                await self._bot.delete_webhook()
                lease = Lease.of(self._base, self._account.id)
                url, reaching = f"{self._api}/getUpdates", self.outbox.reaching
                self._poller = Poller(self._polls, url, self.take, lease, reaching)
                self._poller.start()
        except TelegramError as fault:
            self._trouble = _told(fault)
            self.outbox.reaching.failed(type(fault).__name__)
            log.warning("Telegram is not ready: trying again", channel=self.name, trouble=self._trouble)
            return False
        self._registered, self._trouble = True, ""
        self.outbox.reaching.answered()
        return True

    async def _register(self) -> None:
        await self._bot.set_webhook(
            f"{self._base.public_url}{PATH}",
            secret_token=self._account.secret,
            allowed_updates=updates.KINDS,
            max_connections=CONNECTIONS,
        )


def _told(fault: TelegramError) -> str:
    """For the operator: Telegram's own words for what it refuses; a network's might name the address with its token."""
    if isinstance(fault, InvalidToken):
        return "token refused"
    return fault.message if isinstance(fault, BadRequest) else type(fault).__name__
