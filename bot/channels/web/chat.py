"""The web chat's handlers: the page, messages in, replies out, the talk so far."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from datetime import datetime
from time import perf_counter
from typing import Any, TypeVar
from weakref import WeakValueDictionary

import structlog
from aiohttp import web

import intents.commands
from bot.app import App, Handled
from bot.channels.web import assets, events, talks
from bot.channels.web.limits import Buckets, Gate
from bot.channels.web.reading import Said, read
from bot.channels.web.refusals import Refused
from bot.channels.web.visitors import COOKIE, LANGUAGE_COOKIE, Door, Visitor, keep, new_cookie
from bot.dialogue.steering import LANGUAGE_COMMANDS
from bot.i18n import LANGUAGES, language
from bot.logs import trace
from bot.meters import METERS
from bot.model import Contact, Incoming
from bot.store.faults import unavailable
from bot.store.port import StoredMessage

CHANNEL = "web"
TROUBLE_WAIT = 5
LONGEST_COMMAND = 40
_T = TypeVar("_T")
_R = TypeVar("_R", bound=web.StreamResponse)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
log = structlog.get_logger()


class WebChat:
    """The chat at `/`. Turns run on `executor`, those of one browser in the order in which they came."""

    name = CHANNEL

    def __init__(
        self,
        app: App,
        executor: Executor,
        *,
        clock: Callable[[], datetime],
        demo: bool = False,
        secure_cookies: bool = False,
        gate: Gate | None = None,
    ) -> None:
        self._app = app
        self._executor = executor
        self._clock = clock
        self._demo = demo
        gate = gate or Gate()
        self._door = Door(gate.trusted_proxies, secure_cookies=secure_cookies)
        self._hub = events.Hub(gate)
        self._messages = Buckets(gate.messages_a_minute, 60)
        self._addresses = Buckets(gate.address_messages_a_minute, 60)
        self._cookies = Buckets(gate.address_cookies_an_hour, 3600)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._commands = intents.commands.load()

    def setup(self, application: web.Application) -> None:
        """Add the routes; streams end when the application shuts down. A text that is missing shows here, not later."""
        for code in LANGUAGES:
            assets.page(code, demo=self._demo)
        routes = application.router
        routes.add_get("/", self._guarded(self._page))
        routes.add_post("/chat/messages", self._guarded(self._post))
        routes.add_get("/chat/history", self._guarded(self._history), allow_head=False)
        routes.add_get("/chat/events", self._guarded(self._events), allow_head=False)
        routes.add_get(assets.PREFIX + "{name}", self._guarded(self._static))

        async def close(_application: web.Application) -> None:
            self._hub.end()

        application.on_shutdown.append(close)

    def deliver(self, messages: tuple[StoredMessage, ...]) -> None:
        """To the pages that are open; one that opens later asks for what it missed."""
        for message in messages:
            self._hub.publish(message.contact.id, events.replied(message))

    def watching(self) -> tuple[str, ...]:
        """The cookies of the pages that are open here."""
        return self._hub.cookies()

    async def _page(self, request: web.Request) -> web.Response:
        visitor = self._enter(request)
        response = web.Response(text=assets.page(visitor.language, demo=self._demo), content_type="text/html")
        response.enable_compression()
        keep(response, COOKIE, visitor.cookie, secure=visitor.secure)
        if request.query.get("lang") in LANGUAGES:
            keep(response, LANGUAGE_COOKIE, visitor.language, secure=visitor.secure)
        return response

    async def _static(self, request: web.Request) -> web.Response:
        asset = assets.by_name().get(request.match_info["name"])
        if asset is None:
            raise Refused(404, "not_found", "not_found")
        return asset.response(request)

    async def _post(self, request: web.Request) -> web.Response:
        self._door.same_origin(request)
        self._take(self._addresses, self._door.address(request), "crowded")
        said = await read(request)
        visitor = self._enter(request)
        self._take(self._messages, visitor.cookie, "too_fast")
        began = perf_counter()
        async with self._turns.setdefault(visitor.cookie, asyncio.Lock()):
            handled = await self._run(self._app.handle, self._incoming(visitor, said))
            self._spread(visitor, said, handled)
        METERS.turn(CHANNEL, handled.tally, perf_counter() - began, duplicate=handled.duplicate)
        command = self._command(said)
        if handled.forgotten or (handled.duplicate and command == "forget"):
            return await self._forget(visitor, said, handled)
        changed = LANGUAGE_COMMANDS.get(command, "")
        response = self._answer(said, handled, **({"language": changed} if changed else {}))
        if changed:
            keep(response, LANGUAGE_COOKIE, changed, secure=visitor.secure)
        return self._known(response, visitor)

    def _incoming(self, visitor: Visitor, said: Said) -> Incoming:
        contact = Contact(CHANNEL, "", visitor.cookie)
        return Incoming(said.id, contact, self._clock(), text=said.text, choice=said.choice)

    def _spread(self, visitor: Visitor, said: Said, handled: Handled) -> None:
        """To every open page: what was said (the other pages have not seen it) and the replies."""
        echo: dict[str, Any] = {"id": said.id, **({"choice": said.choice} if said.choice else {"text": said.text})}
        first = [] if handled.duplicate else [events.Event("said", echo)]
        self._hub.publish(visitor.cookie, *first, *(events.replied(m) for m in handled.messages))

    async def _forget(self, visitor: Visitor, said: Said, handled: Handled) -> web.Response:
        """The last reply to this browser under its old cookie; its pages are told, a new cookie is given."""
        self._hub.publish(visitor.cookie, events.Event("forgotten", {}))
        self._hub.end(visitor.cookie)
        await self._sent(list(handled.messages))
        response = self._answer(said, handled, forgotten=True)
        keep(response, COOKIE, new_cookie(), secure=visitor.secure)
        return response

    def _answer(self, said: Said, handled: Handled, **more: Any) -> web.Response:
        """The replies ride along for pages whose stream is cut off or not allowed by their network."""
        body = {"id": said.id, "replies": [talks.reply_json(m) for m in handled.messages], **more}
        return web.json_response(body, status=200 if handled.duplicate else 202)

    def _command(self, said: Said) -> str:
        """The steering word that a message is ("english", "forget"), "" when it is none."""
        if said.choice is not None:
            kind, _, name = said.choice.partition(":")
            return name if kind == "command" else ""
        command = self._commands.read(said.text) if len(said.text) <= LONGEST_COMMAND else None
        return command.name if command else ""

    async def _history(self, request: web.Request) -> web.Response:
        visitor, now = self._enter(request), self._clock()
        recent = await self._run(talks.recent, self._app.store, Contact(CHANNEL, "", visitor.cookie), now)
        talk = talks.sitting(recent, now)[-talks.MOST_SHOWN :]
        body: dict[str, Any] = {"messages": [talks.shown(m, now) for m in talk]}
        if not talk:
            body["greeting"] = talks.greeting(visitor.cookie, visitor.language, recent, now)
        return self._known(web.json_response(body), visitor)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        visitor, now = self._enter(request), self._clock()
        stream = self._hub.open(visitor.cookie, visitor.address, request.transport)
        try:
            recent = await self._run(talks.recent, self._app.store, Contact(CHANNEL, "", visitor.cookie), now)
            missed = talks.undelivered(talks.sitting(recent, now), after=_last_seen(request))
            response = web.StreamResponse(headers={**assets.HEADERS, "X-Accel-Buffering": "no"})
            response.content_type, response.charset = "text/event-stream", "utf-8"
            self._known(response, visitor)
            await response.prepare(request)
            try:
                await response.write(f"retry: {events.RETRY_MS}\n\n".encode())
                await events.write(stream, response, [events.replied(m) for m in missed], self._sent)
                await events.pump(stream, response, self._sent)
            except ConnectionError:
                log.debug("a page left its stream")
            return response
        finally:
            self._hub.close(stream)

    async def _sent(self, messages: list[StoredMessage]) -> None:
        """Mark; when that fails the reply is streamed again on the next connection, and the page drops the second."""
        try:
            await self._run(self._app.sent, messages)
        except Refused:
            log.warning("replies could not be marked as sent", count=len(messages))

    def _enter(self, request: web.Request) -> Visitor:
        visitor = self._door.visitor(request)
        if visitor.fresh:
            self._take(self._cookies, visitor.address, "crowded")
        return visitor

    def _take(self, buckets: Buckets, key: str, text: str) -> None:
        if wait := buckets.take(key, asyncio.get_running_loop().time()):
            raise Refused(429, "too_many", text, wait=wait)

    async def _run(self, work: Callable[..., _T], *arguments: Any) -> _T:
        """On the executor, to its end even when the page goes away meanwhile.

        A fault of ours becomes 503: the page keeps the message and sends it again.
        """
        try:
            return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._executor, work, *arguments))
        except Exception as fault:
            METERS.failed[CHANNEL] += 1
            METERS.database[unavailable(fault)] += 1
            _tell("the web chat could not take a turn", fault)
            raise Refused(503, "trouble", "trouble", wait=TROUBLE_WAIT) from fault

    def _known(self, response: _R, visitor: Visitor) -> _R:
        if visitor.fresh:
            keep(response, COOKIE, visitor.cookie, secure=visitor.secure)
        return response

    def _guarded(self, handler: Handler) -> Handler:
        """Refusals become answers, and every answer carries the security headers."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            try:
                response = await handler(request)
            except Refused as refused:
                response = self._refusal(request, refused)
            except web.HTTPException:
                raise
            except Exception as fault:  # noqa: BLE001 - whatever it is, the page gets an answer and keeps its message
                _tell("the web chat failed", fault)
                response = self._refusal(request, Refused(503, "trouble", "trouble", wait=TROUBLE_WAIT))
            if not response.prepared:
                for name, value in assets.HEADERS.items():
                    response.headers.setdefault(name, value)
            return response

        return guarded

    def _refusal(self, request: web.Request, refused: Refused) -> web.Response:
        say = language(self._door.visitor(request).language)
        text = say.say(f"web.error.{refused.text}", **({"seconds": refused.wait} if refused.wait else {}))
        headers = {"Retry-After": str(refused.wait)} if refused.wait else {}
        if request.path == "/":
            return web.Response(text=text, status=refused.status, headers=headers)
        body = {"error": refused.code, "message": text}
        return web.json_response(body, status=refused.status, headers=headers)


def _tell(what: str, fault: Exception) -> None:
    """To the operator: kind and place of a fault, without its message or any value: they may hold what people said."""
    log.error(what, fault=type(fault).__name__, trace=trace(fault))


def _last_seen(request: web.Request) -> int | None:
    """The newest reply that the page has: what the browser says when it reconnects, else what the page asked with."""
    said = request.headers.get("Last-Event-ID") or request.query.get("after") or ""
    return int(said) if said.isascii() and said.isdigit() and len(said) < 19 else None
