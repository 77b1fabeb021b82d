"""Updates that Telegram posts, answered after the commit; a lone reply rides in the answer itself."""

import asyncio
import hmac
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiohttp import web

from bot.channels.telegram.rendering import Call, calls
from bot.json_text import compact, parsed
from bot.store.port import StoredMessage

HEADER = "X-Telegram-Bot-Api-Secret-Token"
MOST_REMEMBERED = 5000
log = structlog.get_logger()

Answer = StoredMessage | Call | None
Take = Callable[[Any], Awaitable[Answer]]


class Rides:
    """Which replies have gone out in the answer to an update, so that a repeated update does not bring them again.

    The rows say sent before the answer leaves; when it was cut off, or the program died, Telegram delivers the update
    again and the reply rides once more. While the program lives it knows which answers left whole.
    """

    def __init__(self) -> None:
        self._left: OrderedDict[int, asyncio.Future[bool]] = OrderedDict()

    async def board(self, message: int) -> bool:
        """Whether this answer is to carry the message; waits for one that is carrying it just now."""
        while (other := self._left.get(message)) is not None:
            if await asyncio.shield(other):
                return False
        self._left[message] = asyncio.get_running_loop().create_future()
        if len(self._left) > MOST_REMEMBERED and next(iter(self._left.values())).done():
            self._left.popitem(last=False)
        return True

    def landed(self, message: int, *, whole: bool) -> None:
        """The answer left, or was cut off."""
        ride = self._left[message]
        if not whole:
            del self._left[message]
        ride.set_result(whole)


class Webhook:
    """The route; `take` does an update and says what the answer is to hold. What it raises becomes 503: come again."""

    def __init__(self, secret: str, take: Take) -> None:
        self._secret, self._take = secret.encode(), take
        self._rides = Rides()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """POST of an update (https://core.telegram.org/bots/api#setwebhook)."""
        given = request.headers.get(HEADER, "").encode(errors="surrogateescape")
        if not hmac.compare_digest(given, self._secret):
            return web.Response(status=403)
        try:
            update = parsed(await request.read())
        except (ValueError, RecursionError):
            return web.Response(status=400)
        try:
            answer = await self._take(update)
        except Exception as fault:  # noqa: BLE001 - whatever it was, the update comes again
            log.error("an update failed: it will be delivered again", channel="telegram", fault=type(fault).__name__)
            return web.Response(status=503)
        if answer is None:
            return web.Response()
        if isinstance(answer, Call):
            return _response(answer)
        return await self._carry(request, answer)

    async def _carry(self, request: web.Request, message: StoredMessage) -> web.StreamResponse:
        if message.reply is None or not await self._rides.board(message.id):
            return web.Response()
        whole = False
        try:
            response = _response(calls(message.reply, message.contact.id)[0])
            await response.prepare(request)
            await response.write_eof()
            whole = request.transport is not None and not request.transport.is_closing()
        except ConnectionError:
            log.info("an answer was cut off: the update will be delivered again", channel="telegram")
        finally:
            self._rides.landed(message.id, whole=whole)
        return response


def _response(call: Call) -> web.Response:
    body = compact(call.as_answer()).encode(errors="replace")
    return web.Response(body=body, content_type="application/json")
