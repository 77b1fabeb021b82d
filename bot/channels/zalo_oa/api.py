"""Calls of the OA OpenAPI with a valid access token; a token that was refused is renewed once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientSession

from bot.channels import http
from bot.channels.zalo_oa import oauth
from bot.channels.zalo_oa.errors import classed_template
from bot.channels.zalo_oa.tokens import NoToken, Tokens

TIMEOUT = 15.0


@dataclass(frozen=True, slots=True)
class Answer:
    """`code` 0 = done; anything else is a number of `errors.py`."""

    code: int
    data: Mapping[str, Any] = field(default_factory=dict)


Result = Answer | http.NoAnswer


class Api:
    """`url` is openapi.zalo.me or a stand-in for it; paths that begin with https:// go to their own host."""

    def __init__(self, url: str, tokens: Tokens, client: ClientSession) -> None:
        self._url = url
        self._tokens = tokens
        self.client = client

    async def post(self, path: str, body: Mapping[str, Any], *, url: str = "") -> Result:
        """A JSON body. Raises NoToken when there is none to be had."""
        return await self._called("POST", (url or self._url) + path, lambda: {"json": body})

    async def upload(self, path: str, form: Callable[[], Any]) -> Result:
        """`form` makes the multipart body, anew for a second try."""
        return await self._called("POST", self._url + path, lambda: {"data": form()})

    async def get(self, path: str) -> Result:
        """Without a query."""
        return await self._called("GET", self._url + path, dict)

    async def _called(self, method: str, url: str, options: Callable[[], dict[str, Any]]) -> Result:
        access = await self._tokens.access(self.client)
        result = await self._once(method, url, access, options())
        if not _refused_token(result):
            return result
        access = await self._tokens.access(self.client, stale=access)
        result = await self._once(method, url, access, options())
        if _refused_token(result):
            raise NoToken("Zalo refuses a fresh access token: look at the app on developers.zalo.me", broken=False)
        return result

    async def _once(self, method: str, url: str, access: str, options: dict[str, Any]) -> Result:
        headers = {"access_token": access, "appsecret_proof": oauth.proof(access, self._tokens.app.secret)}
        body = await http.call(self.client, method, url, timeout=TIMEOUT, headers=headers, **options)
        if isinstance(body, http.NoAnswer):
            return body
        code, data = body.get("error"), body.get("data")
        if not isinstance(code, int):
            return http.NoAnswer(taken=True, why="unreadable answer")
        return Answer(code, data if isinstance(data, dict) else {})


def _refused_token(result: Result) -> bool:
    return isinstance(result, Answer) and classed_template(result.code) == "refresh"
