"""Brings updates to the program: kept for `getUpdates`, or posted to its webhook, chat by chat in order."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, TCPConnector

from peers.telegram_methods import Call
from peers.telegram_state import FIRST_UPDATE, Refused, World
from peers.telegram_webhook import KINDS, UNASKED, Webhook, allowed_kinds, is_loopback, webhook

DAY, TAP_LIFE = 86_400, 150
# The service executes these from a webhook's answer no more than it would tell their result.
UNANSWERABLE = ("deletewebhook", "setwebhook", "close", "logout")
Reply = Callable[[str, dict[str, str], int], Awaitable[Refused | None]]


@dataclass(frozen=True)
class Delivery:
    """One try to bring an update: status 0 = no answer; `replied` = the method in the webhook's answer."""

    update_id: int
    chat: int
    tried: int
    status: int
    at: datetime
    error: str = ""
    replied: str = ""
    refused: Refused | None = None


@dataclass(eq=False)
class Pending:
    """An update that the program has not confirmed."""

    update_id: int
    chat: int
    queue: tuple[int, str]
    update: dict[str, Any]
    made: datetime
    more: int  # deliveries after the next
    tried: int = 0
    due: float = 0
    flying: bool = False


@dataclass
class Updates:
    """The queue; `reply` does what a webhook's answer asks for."""

    world: World
    reply: Reply
    webhook: Webhook = field(default_factory=Webhook)
    allowed: frozenset[str] = KINDS - UNASKED
    pending: list[Pending] = field(default_factory=list)
    made: dict[int, Pending] = field(default_factory=dict)
    deliveries: list[Delivery] = field(default_factory=list)
    dropped: list[int] = field(default_factory=list)
    held: bool = False
    _poller: object = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _session: ClientSession | None = None

    def add(self, kind: str, chat: int, by: int, payload: dict[str, Any]) -> int:
        """Queue an update; its number, or 0 when the program did not ask for this kind."""
        if kind not in self.allowed:
            return 0
        number, rules = FIRST_UPDATE + len(self.made), self.world.rules
        queue = (by, "taps") if kind == "callback_query" and rules.taps_apart else (chat, "")
        update = {"update_id": number, kind: payload}
        pending = Pending(number, chat, queue, update, self.world.clock(), rules.extra_deliveries)
        self.made[number] = pending
        self.pending.append(pending)
        self.world.bell.ring()
        return number

    def release(self, *, backwards: bool = False) -> None:
        """End of `held`; backwards = what waits is brought in the opposite order."""
        self.held = False
        if backwards:
            self.pending.reverse()
        self.world.bell.ring()

    # Polling.

    async def poll(self, call: Call) -> list[dict[str, Any]]:
        """getUpdates: an offset confirms what is older; a second poller ends the first with 409."""
        if self.webhook.url:
            raise Refused(
                409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete it"
            )
        self.allowed = allowed_kinds(call, self.allowed, strict=self.world.rules.strict)
        limit = min(max(call.number("limit", 100), 1), 100)
        seconds = min(max(call.number("timeout"), 0), self.world.rules.longest_poll)
        self._confirm(call.number("offset"))
        self._poller = mine = object()
        self.world.bell.ring()
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        try:
            while not (ready := self._waiting()) and (left := end - loop.time()) > 0:
                await self.world.bell.next(left)
                self._check_poller(mine)
        finally:
            if self._poller is mine:
                self._poller = None
        for update in ready[:limit]:
            update.tried += 1
        return [p.update for p in ready[:limit]]

    def _check_poller(self, mine: object) -> None:
        if self.webhook.url:
            raise Refused(409, "Conflict: terminated by setWebhook request")
        if self._poller is not mine:
            raise Refused(
                409,
                "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
            )

    def _waiting(self) -> list[Pending]:
        self._forget_old()
        return [] if self.held else list(self.pending)

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            self.pending = self.pending[offset:]
        elif offset:
            for pending in [p for p in self.pending if p.update_id < offset]:
                self._done(pending)

    # The webhook.

    def set_webhook(self, call: Call) -> bool:
        given = webhook(call)
        self.allowed = allowed_kinds(call, self.allowed, strict=self.world.rules.strict)
        return self._change(call, given)

    def delete_webhook(self, call: Call) -> bool:
        return self._change(call, Webhook())

    def _change(self, call: Call, to: Webhook) -> bool:
        self.webhook = to
        if call.flag("drop_pending_updates"):
            self.pending.clear()
        self.world.bell.ring()
        return True

    def info(self, _: Call) -> dict[str, Any]:
        told: dict[str, Any] = {
            "url": self.webhook.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self.pending),
        }
        if self.webhook.url:
            told["max_connections"] = self.webhook.connections
        if self.allowed != KINDS - UNASKED:
            told["allowed_updates"] = sorted(self.allowed)
        failed = [d for d in self.deliveries if d.error]
        if failed and self.webhook.url:
            told |= {
                "last_error_date": int(failed[-1].at.timestamp()),
                "last_error_message": failed[-1].error,
            }
        return told

    async def run(self) -> None:
        """Deliver for as long as the peer lives."""
        self._session = ClientSession(connector=TCPConnector(limit=0, ssl=False))
        loop = asyncio.get_running_loop()
        try:
            while True:
                for pending in self._ready(loop.time()):
                    self._start(pending)
                waits = [p.due - loop.time() for p in self.pending if not p.flying and p.due > loop.time()]
                await self.world.bell.next(min(waits, default=None))
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._session.close()

    def _ready(self, now: float) -> list[Pending]:
        """The oldest of every chat, unless that one is under way or waits for its repetition."""
        self._forget_old()
        if self.held or not self.webhook.url:
            return []
        firsts: dict[tuple[int, str], Pending] = {}
        for pending in self.pending:
            firsts.setdefault(pending.queue, pending)
        free = self.webhook.connections - sum(p.flying for p in self.pending)
        return [p for p in firsts.values() if not p.flying and p.due <= now][: max(free, 0)]

    def _start(self, pending: Pending) -> None:
        pending.flying = True
        task = asyncio.get_running_loop().create_task(self._bring(pending))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _bring(self, pending: Pending) -> None:
        try:
            pending.tried += 1
            delivery, again = await self.post(pending)
        finally:
            pending.flying = False
        if 200 <= delivery.status <= 299:
            pending.more -= 1
            if pending.more < 0:
                self._done(pending)
        elif pending.tried > self.world.rules.redeliveries:
            self._done(pending)
            self.dropped.append(pending.update_id)
        else:
            pending.due = asyncio.get_running_loop().time() + (again or self._patience(pending.tried))
        self.world.bell.ring()

    def _patience(self, tried: int) -> float:
        rules = self.world.rules
        return 0 if tried == 1 else min(rules.retry_most, rules.retry_first * 2 ** min(tried - 2, 30))

    async def post(self, pending: Pending) -> tuple[Delivery, float]:
        """One try, whatever else is under way; also the seconds that the program asked to wait."""
        assert self._session is not None, "the peer has not been started"
        hook, status, error, again = self.webhook, 0, "", 0.0
        method = ""
        args: dict[str, str] = {}
        headers = {"X-Telegram-Bot-Api-Secret-Token": hook.secret} if hook.secret else {}
        if not is_loopback(hook.url):
            error = "the peer calls nothing but loopback"
        else:
            timeout = ClientTimeout(total=self.world.rules.webhook_timeout)
            try:
                async with self._session.post(
                    hook.url, json=pending.update, headers=headers, timeout=timeout, allow_redirects=False
                ) as response:
                    method, args = _asked(response, await response.read())
                    status = response.status
                    again = min(float(response.headers.get("Retry-After", "0") or 0), 3600)
            except (ClientError, TimeoutError, OSError, ValueError) as fault:
                error = f"Connection failed: {type(fault).__name__}"
        if status and not 200 <= status <= 299:
            error, method = f"Wrong response from the webhook: {status}", ""
        refused = await self.reply(method, args, pending.update_id) if method else None
        now = self.world.clock()
        done = Delivery(pending.update_id, pending.chat, pending.tried, status, now, error, method, refused)
        self.deliveries.append(done)
        return done, again

    def _done(self, pending: Pending) -> None:
        if pending in self.pending:
            self.pending.remove(pending)

    def _forget_old(self) -> None:
        now = self.world.clock()
        for pending in self.pending[:]:
            life = TAP_LIFE if "callback_query" in pending.update else DAY
            if (now - pending.made).total_seconds() > life and not pending.flying:
                self._done(pending)
                self.dropped.append(pending.update_id)


def _asked(response: ClientResponse, body: bytes) -> tuple[str, dict[str, str]]:
    """The method in a webhook's answer and its parameters, as text."""
    args: dict[str, str] = {}
    if response.content_type == "application/json":
        try:
            given = json.loads(body)
        except ValueError:
            given = None
        if isinstance(given, dict):
            args = as_text(given)
    elif response.content_type == "application/x-www-form-urlencoded":
        args = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    method = args.pop("method", "")
    if method.lower() in UNANSWERABLE or method.lower().startswith("get"):
        return "", {}
    return method, args


def as_text(given: dict[str, Any]) -> dict[str, str]:
    """JSON parameters as the server keeps them: text as it is, everything else as JSON, null as nothing."""
    return {
        k: v if isinstance(v, str) else json.dumps(v, ensure_ascii=False) for k, v in given.items() if v is not None
    }
