"""One request to a platform's API: its JSON object, or why there is none and whether it may have been taken.

No line here tells an address: a bot's token stands in it.
"""

from dataclasses import dataclass
from typing import Any

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    DummyCookieJar,
    TCPConnector,
)

from bot.json_text import parsed
from bot.meters import METERS

NOT_TAKEN = frozenset({429, 502, 503})  # a gateway that did not pass the request on
_KEEP_OPEN = 15.0  # seconds: shorter than platforms keep idle connections, so that none dies under a request


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """What came was no answer. `taken`: the platform may have done what was asked, so it must not be asked again."""

    taken: bool
    why: str


def session(limit: int = 40) -> ClientSession:
    """A client session of one channel; it keeps no cookies."""
    connector = TCPConnector(limit=limit, keepalive_timeout=_KEEP_OPEN)
    return ClientSession(connector=connector, cookie_jar=DummyCookieJar())


async def call(
    client: ClientSession, method: str, url: str, *, timeout: float, **options: Any
) -> dict[str, Any] | NoAnswer:
    """`options` as aiohttp takes them (json, data, headers, params). Never raises for what a network can do."""
    try:
        limits = ClientTimeout(total=timeout)
        async with client.request(method, url, timeout=limits, allow_redirects=False, **options) as response:
            METERS.answered(response.headers.get("Date", ""))
            body = read(await response.read())
            if body is not None:
                return body
            if response.status == 200:
                return NoAnswer(taken=True, why="unreadable answer")
            return NoAnswer(response.status >= 500 and response.status not in NOT_TAKEN, f"http {response.status}")
    except (ClientConnectorError, ConnectionTimeoutError) as fault:
        return NoAnswer(taken=False, why=type(fault).__name__)
    except (ClientError, OSError, TimeoutError) as fault:
        return NoAnswer(taken=True, why=type(fault).__name__)


async def fetch(client: ClientSession, url: str, *, timeout: float, most: int) -> bytes:
    """What is at an address, at most so many bytes; b"" when it cannot be had or is larger."""
    try:
        async with client.get(url, timeout=ClientTimeout(total=timeout), allow_redirects=False) as response:
            found = await response.content.read(most + 1) if response.status == 200 else b""
            while 0 < len(found) <= most and (more := await response.content.read(most + 1 - len(found))):
                found += more
    except (ClientError, OSError, TimeoutError, ValueError):
        return b""
    return found if len(found) <= most else b""


def read(raw: bytes) -> dict[str, Any] | None:
    """The JSON object in `raw`; None for anything else, however it is broken or nested."""
    try:
        body = parsed(raw)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None
