"""The web server in front of several machines: a request goes to one that answers, in time, by turns."""

from contextlib import AsyncExitStack

from aiohttp import ClientError, ClientSession, ClientTimeout, web
from aiohttp.test_utils import TestServer
from soak.chaos.stage import Machine

PATIENCE = 12.0  # seconds for one machine; then the next one is asked


class Front:
    """For the platforms' webhooks; people's pages and the desk go to a machine directly."""

    def __init__(self, behind: list[Machine]) -> None:
        self._behind, self._next, self._rooms = behind, 0, AsyncExitStack()
        self.url = ""

    async def __aenter__(self) -> "Front":
        timeout = ClientTimeout(total=PATIENCE, connect=1)
        self._client = await self._rooms.enter_async_context(ClientSession(timeout=timeout))
        site = web.Application()
        site.router.add_route("*", "/{path:.*}", self._pass)
        self.url = str((await self._rooms.enter_async_context(TestServer(site))).make_url("")).rstrip("/")
        return self

    async def __aexit__(self, *_fault: object) -> None:
        await self._rooms.aclose()

    async def _pass(self, request: web.Request) -> web.Response:
        body = await request.read()
        for _ in self._behind:
            self._next += 1
            to = self._behind[self._next % len(self._behind)].url + request.path_qs
            headers = {k: v for k, v in request.headers.items() if k.lower() not in ("host", "content-length")}
            try:
                async with self._client.request(request.method, to, data=body, headers=headers) as answer:
                    if answer.status < 500:
                        told = await answer.read()
                        return web.Response(body=told, status=answer.status, content_type=answer.content_type)
            except (ClientError, OSError, TimeoutError):
                continue
        return web.Response(status=502)
