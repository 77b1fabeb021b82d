"""The platforms' side for a bench: takes every call, counts what was sent (`python -m bot.bench.stub PORT`)."""

import sys
from typing import Any

from aiohttp import web

_SENDS = frozenset({"sendMessage", "sendPhoto"})


class Stub:
    """Telegram's Bot API and Zalo's interfaces, as far as a turn calls them."""

    def __init__(self) -> None:
        self.sent = 0

    def application(self) -> web.Application:
        """The routes."""
        site = web.Application()
        site.router.add_get("/count", self._count)
        site.router.add_route("*", "/bot{token:[^/]+}/{method}", self._telegram)
        site.router.add_route("*", "/v4/oa/access_token", self._token)
        site.router.add_route("*", "/v3.0/oa/message/cs", self._zalo)
        site.router.add_route("*", "/{path:.*}", self._anything)
        return site

    async def _count(self, _request: web.Request) -> web.Response:
        return web.json_response({"sent": self.sent})

    async def _telegram(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        await request.read()
        self.sent += method in _SENDS
        return web.json_response({"ok": True, "result": RESULTS.get(method, True)})

    async def _token(self, _request: web.Request) -> web.Response:
        return web.json_response({"access_token": "bench-a", "refresh_token": "bench-r", "expires_in": "90000"})

    async def _zalo(self, request: web.Request) -> web.Response:
        await request.read()
        self.sent += 1
        return web.json_response({"data": {"message_id": str(self.sent)}, "error": 0, "message": "Success"})

    async def _anything(self, _request: web.Request) -> web.Response:
        return web.json_response({"data": {}, "error": 0, "message": "Success"})


_BOT = {"id": 1, "is_bot": True, "first_name": "bench", "username": "bench_bot"}
_MESSAGE = {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}, "from": _BOT, "text": "a"}
RESULTS: dict[str, Any] = {
    "getMe": _BOT,
    "sendMessage": _MESSAGE,
    "sendPhoto": _MESSAGE,
    "getMyCommands": [],
    "getMyDescription": {"description": ""},
    "getMyShortDescription": {"short_description": ""},
    "getMyName": {"name": "bench"},
    "getChatMenuButton": {"type": "commands"},
}


if __name__ == "__main__":
    web.run_app(Stub().application(), host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)
