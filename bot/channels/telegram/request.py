"""The HTTP side of python-telegram-bot over aiohttp's client: cheap with many requests in flight."""

import os
from collections.abc import Mapping
from typing import Any, cast

import aiohttp
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.json_text import compact, parsed
from bot.meters import METERS

# The library's way to be asked for timedelta in RetryAfter; without it each 429 brings a warning.
os.environ.setdefault("PTB_TIMEDELTA", "1")
GATEWAY_TIMEOUT = 504
_JSON = {"Content-Type": "application/json"}


class Payload:
    """A method's parameters as ready JSON, in the shape in which `BaseRequest.post` takes them.

    It goes around the object layer of `telegram.Bot`, which costs ten times as much as the rest of a call
    (docs/adr/0009-telegram.md).
    """

    __slots__ = ("json_payload",)
    contains_files = False

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        # Half an emoji, which nobody can read, must not keep the rest from being sent.
        self.json_payload = compact(parameters).encode(errors="replace")


class AioRequest(BaseRequest):
    """`telegram.request.BaseRequest` on one aiohttp session.

    Raises NetworkError when the request surely did not leave, TimedOut when it left and no answer came: then nobody
    knows whether it was done. Seconds: `read` for the answer, `connect` for the connection.
    """

    def __init__(self, *, connections: int = 64, read: float = 20.0, connect: float = 5.0) -> None:
        self._connections, self._read, self._connect = connections, read, connect
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        """Seconds waited for an answer unless a call says otherwise."""
        return self._read

    async def initialize(self) -> None:
        """Open the session; again is harmless."""
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=self._connections)
            timeout = aiohttp.ClientTimeout(total=None, connect=self._connect, sock_read=self._read)
            cookies = aiohttp.DummyCookieJar()  # the Bot API has none
            self._session = aiohttp.ClientSession(connector=connector, timeout=timeout, cookie_jar=cookies)

    async def shutdown(self) -> None:
        """Close it; again is harmless."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def call(self, url: str, parameters: Mapping[str, Any], *, read: float | None = None) -> Any:
        """The `result` of a method called with plain parameters; raises TelegramError as `telegram.Bot` does."""
        data = cast(RequestData, Payload(parameters))
        return await self.post(url, data) if read is None else await self.post(url, data, read_timeout=read)

    async def do_request(  # noqa: PLR0913 - the library's signature
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ARG002
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ARG002
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ARG002
    ) -> tuple[int, bytes]:
        """HTTP status and body."""
        if self._session is None:
            raise NetworkError("the Telegram client is closed: call initialize() first")
        options: dict[str, Any] = {}
        if request_data is not None and request_data.contains_files:
            options["data"] = _multipart(request_data)
        elif request_data is not None:
            options |= {"data": request_data.json_payload, "headers": _JSON}
        if read_timeout is not BaseRequest.DEFAULT_NONE:
            timeout = aiohttp.ClientTimeout(total=None, connect=self._connect, sock_read=read_timeout)
            options["timeout"] = timeout
        try:
            async with self._session.request(method, url, **options) as response:
                status, body = response.status, await response.read()
                METERS.answered(response.headers.get("Date", ""))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as fault:
            raise NetworkError(f"no connection ({type(fault).__name__})") from None
        except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError) as fault:
            raise TimedOut(f"cut off after the request had left ({type(fault).__name__})") from None
        if status == GATEWAY_TIMEOUT:
            raise TimedOut("a gateway waited for the service in vain")
        return status, body

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The answer as a dict; what is no JSON object is not logged: it may hold a person's words."""
        try:
            told = parsed(payload)
        except ValueError:
            told = None
        if not isinstance(told, dict):
            raise TelegramError("the answer is no JSON object")
        return told


def _multipart(data: RequestData) -> aiohttp.FormData:
    form = aiohttp.FormData()
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, kind) in data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=kind)
    return form
