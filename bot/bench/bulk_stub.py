"""A platform for the bench of announcements: 5 ms an answer, 1 % told 429 once, 0.5 % gone for good (Telegram's API).

`python -m bot.bench.bulk_stub PORT`; /count tells what it took, of which chats, and when.
"""

import asyncio
import sys
import time
from collections import Counter
from typing import Any

from aiohttp import web

from bot.bench.stub import RESULTS

WAIT = 0.005
PEOPLE = 1_000_000  # chats from here on are no recipients
TOO_MANY, GONE = 100, 200  # every so many-th chat
_TOLD = {
    "ok": False, "error_code": 429, "description": "Too Many Requests: retry after 1", "parameters": {"retry_after": 1}
}  # fmt: skip
_GONE = {"ok": False, "error_code": 403, "description": "Forbidden: bot was blocked by the user"}
_SENT = {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}, "text": "a"}


class Stub:
    """Counts each chat's messages, so that none is lost or doubled unseen."""

    def __init__(self) -> None:
        self.taken: Counter[int] = Counter()
        self.told: set[int] = set()
        self.times: list[float] = []
        self.arrived: dict[int, float] = {}

    def application(self) -> web.Application:
        """The routes."""
        site = web.Application()
        site.router.add_get("/count", self._count)
        site.router.add_get("/arrived", self._arrived)
        site.router.add_post("/reset", self._reset)
        site.router.add_post("/bot{token:[^/]+}/{method}", self._call)
        return site

    async def _call(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        if method != "sendMessage":
            return web.json_response({"ok": True, "result": RESULTS.get(method, True)})
        chat = int((await request.json())["chat_id"])
        if chat >= PEOPLE:  # an answer to somebody who wrote
            self.arrived.setdefault(chat, time.time())
            self.taken[chat] += 1
            return web.json_response({"ok": True, "result": _SENT})
        self.times.append(time.time())
        await asyncio.sleep(WAIT)
        if chat % GONE == 0:
            return web.json_response(_GONE, status=403)
        if chat % TOO_MANY == 1 and chat not in self.told:
            self.told.add(chat)
            return web.json_response(_TOLD, status=429)
        self.taken[chat] += 1
        return web.json_response({"ok": True, "result": _SENT})

    async def _count(self, _request: web.Request) -> web.Response:
        doubled = sum(n - 1 for n in self.taken.values())
        body: dict[str, Any] = {"chats": len(self.taken), "doubled": doubled, "calls": len(self.times)}
        return web.json_response({**body, "steady_per_s": self._steady()})

    async def _arrived(self, _request: web.Request) -> web.Response:
        return web.json_response({"chats": self.arrived})

    def _steady(self) -> float:
        """Calls a second over the middle nine tenths: without the start and the last retries."""
        times = sorted(self.times)
        cut = len(times) // 20
        middle = times[cut : len(times) - cut]
        return (len(middle) - 1) / (middle[-1] - middle[0]) if len(middle) > 1 and middle[-1] > middle[0] else 0.0

    async def _reset(self, _request: web.Request) -> web.Response:
        self.taken.clear()
        self.told.clear()
        self.times.clear()
        return web.json_response({})


if __name__ == "__main__":
    web.run_app(Stub().application(), host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)
