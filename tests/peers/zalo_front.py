"""The door of the Zalo peer: reads a request, lets a desk deal with it, answers as Zalo would, spoils it on demand."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from aiohttp import web

from peers.zalo_faults import Fault, Faults
from peers.zalo_ledger import Called, Ledger, Refusal


@dataclass(frozen=True)
class Call:
    """One request as a desk reads it."""

    method: str
    body: dict[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    key: str = ""  # the token in the path (Bot)
    unreadable: str = ""  # why the body could not be read


class Desk(Protocol):
    """One product's way to read, to do, and to answer."""

    product: str

    async def read(self, request: web.Request, method: str) -> Call: ...
    def user(self, call: Call) -> str: ...
    async def act(self, call: Call) -> dict[str, Any]: ...
    def refused(self, refusal: Refusal) -> dict[str, Any]: ...
    def headers(self) -> dict[str, str]: ...


class Front:
    """Every request goes through here, whatever the product."""

    def __init__(self, ledger: Ledger, faults: Faults) -> None:
        self._ledger, self._faults = ledger, faults

    def serve(self, desk: Desk, method: str = "") -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """A handler for aiohttp; without a method the path names it."""

        async def handle(request: web.Request) -> web.StreamResponse:
            name = method or request.match_info["method"]
            return await self._answer(request, desk, await desk.read(request, name))

        return handle

    async def _answer(self, request: web.Request, desk: Desk, call: Call) -> web.StreamResponse:
        user = desk.user(call)
        fault = self._faults.take(call.method, user)
        code, payload = 0, {}
        # Written down before it is done, so that a message is never seen before the call that sent it.
        place = len(self._ledger.calls)
        self._ledger.calls.append(
            Called(desk.product, call.method, user, fault.code if fault else 0, self._ledger.clock())
        )
        if fault is None or fault.taken:
            try:
                payload = await desk.act(call)
            except Refusal as refusal:
                code, payload = refusal.code, desk.refused(refusal)
            if code:
                self._ledger.calls[place] = Called(desk.product, call.method, user, code, self._ledger.clock())
        if fault is None:
            return answer(payload, desk.headers())
        return await self._spoil(request, desk, fault, payload)

    async def _spoil(
        self, request: web.Request, desk: Desk, fault: Fault, payload: dict[str, Any]
    ) -> web.StreamResponse:
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
            return answer(payload, desk.headers())
        if fault.kind == "code":
            return answer(desk.refused(Refusal(fault.code)), desk.headers())
        if fault.kind == "status":
            return web.Response(
                status=fault.code, text="<html><body>Bad gateway</body></html>", content_type="text/html"
            )
        if fault.kind == "garbage":
            return web.Response(body=b'{"data":{"message_id":"', content_type="application/json")
        if request.transport is not None:
            request.transport.abort()
        return web.Response()


def answer(payload: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> web.Response:
    """HTTP 200 whatever happened: Zalo's errors stand in the body."""
    return web.Response(text=json.dumps(payload, ensure_ascii=False), content_type="application/json", headers=headers)


async def read_json(request: web.Request) -> tuple[dict[str, Any], str]:
    """The JSON object of a body, or why there is none."""
    if request.content_type != "application/json":
        return {}, f"the body must be application/json, not {request.content_type}"
    try:
        body = json.loads(await request.read())
    except ValueError:
        return {}, "the body is no JSON"
    return (body, "") if isinstance(body, dict) else ({}, "the body is no JSON object")
