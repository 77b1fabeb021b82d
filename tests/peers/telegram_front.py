"""The door of the Telegram peer: reads a request, has it done, answers as the Bot API would, spoils it on demand."""

import asyncio
import hmac
import json
from typing import Any

from aiohttp import web

from peers.telegram_faults import Fault, Faults, Flood
from peers.telegram_methods import Call, Handler
from peers.telegram_state import Called, Refused, World, bad
from peers.telegram_updates import as_text

LARGEST = 50 * 1024 * 1024
# What counts against the limits: edits share them with messages.
LIMITED = {"sendMessage", "sendPhoto", "editMessageText", "editMessageReplyMarkup"}
CUT = -1  # the code of a call whose connection ended before it was taken


class Front:
    """Every request goes through here, whether it comes by HTTP or in a webhook's answer."""

    def __init__(self, world: World, methods: dict[str, tuple[Handler, set[str]]]) -> None:
        self._world, self._methods = world, methods
        self._names = {name.lower(): name for name in methods}
        self.faults, self.flood = Faults(), Flood(world)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Anything below /bot<token>/."""
        if not self._is_token(request.match_info["token"]):
            return _refusal(Refused(401, "Unauthorized"))
        name = self._names.get(request.match_info["method"].lower())
        if name is None:
            return _refusal(Refused(404, "Not Found: method not found"))
        try:
            call = await _read(request, name)
        except Refused as unread:
            return _refusal(unread)
        fault, refused, result = await self.act(call)
        if fault is not None and fault.kind != "error":
            return await _spoil(request, fault, refused, result)
        return _refusal(refused) if refused else _json({"ok": True, "result": result})

    async def reply(self, method: str, args: dict[str, str], update_id: int) -> Refused | None:
        """A method in a webhook's answer: done like any other, but the program never learns how it went."""
        name = self._names.get(method.lower())
        if name is None:
            return Refused(404, "Not Found: method not found")
        _, refused, _ = await self.act(Call(name, args, via="webhook", update_id=update_id))
        return refused

    async def fetch(self, request: web.Request) -> web.StreamResponse:
        """A file, by the path that getFile told."""
        if not self._is_token(request.match_info["token"]):
            return _refusal(Refused(401, "Unauthorized"))
        path = request.match_info["path"]
        file = next((f for f in self._world.files.values() if f.path == path), None)
        if file is None:
            return _refusal(Refused(404, "Not Found"))
        return web.Response(body=file.body, content_type="application/octet-stream")

    async def lost(self, _: web.Request) -> web.Response:
        """Any other path."""
        return _refusal(Refused(404, "Not Found"))

    async def act(self, call: Call) -> tuple[Fault | None, Refused | None, Any]:
        """Do it, unless an order of the test says otherwise, and write it down."""
        world, chat = self._world, self._chat(call)
        fault = self.faults.take(call.method, chat)
        early = call.method in LIMITED and self.flood.early(chat)
        refused, result = fault.refused if fault else None, None
        if fault is None or fault.taken:
            try:
                result = await self._do(call)
            except Refused as why:
                refused = why
        code, words = (refused.code, refused.description) if refused else (0, "")
        if fault is not None and not fault.taken and not refused:
            code, words = CUT, "not taken"
        world.called.append(Called(call.method, chat, code, words, call.via, world.clock(), early))
        world.bell.ring()
        return fault, refused, result

    async def _do(self, call: Call) -> Any:
        handler, known = self._methods[call.method]
        if self._world.rules.strict and (strange := set(call.args) - known):
            raise bad(f"unknown parameters (the real service ignores them): {', '.join(sorted(strange))}")
        if not all(_is_utf8(value) for value in call.args.values()):
            raise bad("strings must be encoded in UTF-8")
        if call.method in LIMITED:
            self.flood.check(call.chat)
        result = handler(call)
        return await result if asyncio.iscoroutine(result) else result

    def _chat(self, call: Call) -> int:
        tap = self._world.taps.get(call.text("callback_query_id"))
        return tap.chat if tap else call.chat

    def _is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self._world.token.encode())


async def _read(request: web.Request, name: str) -> Call:
    """Parameters of the query and of a JSON, form or multipart body."""
    args, files = dict(request.query), {}
    if request.method == "POST" and request.content_type in (
        "application/x-www-form-urlencoded",
        "multipart/form-data",
    ):
        for field, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                files[field] = value.file.read()
            else:
                args[field] = value if isinstance(value, str) else bytes(value).decode("utf-8", "replace")
    elif request.method == "POST" and request.content_type == "application/json" and await request.read():
        try:
            given = json.loads(await request.read())
        except ValueError as fault:
            raise bad("can't parse the body: it is no JSON") from fault
        if not isinstance(given, dict):
            raise bad("can't parse the body: a JSON object is expected")
        args |= as_text(given)
    elif request.method == "POST" and await request.read():
        # The real service reads nothing from such a body: every parameter would look missing.
        raise bad(f"content type {request.content_type} is not read: send JSON, a form or multipart")
    return Call(name, args, files)


async def _spoil(request: web.Request, fault: Fault, refused: Refused | None, result: Any) -> web.StreamResponse:
    if fault.kind == "slow":
        await asyncio.sleep(fault.seconds)
        return _refusal(refused) if refused else _json({"ok": True, "result": result})
    if fault.kind == "page":
        return web.Response(status=502, text="<html><body>502 Bad Gateway</body></html>", content_type="text/html")
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _is_utf8(text: str) -> bool:
    """Not so for half an emoji, which is what cutting by UTF-16 units leaves."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refusal(refused: Refused) -> web.Response:
    told = {"ok": False, "error_code": refused.code, "description": refused.description}
    return _json(told | ({"parameters": refused.parameters} if refused.parameters else {}), refused.code)


def _json(told: dict[str, Any], status: int = 200) -> web.Response:
    return web.Response(text=json.dumps(told), status=status, content_type="application/json")
