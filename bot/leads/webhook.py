"""Forwarding to another program: a POST with a signature that it can check, and the same id at every try."""

import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.effects import Json
from bot.leads import reaching
from bot.leads.reaching import Inside
from bot.mail_server import loopback
from bot.model import BotError

if TYPE_CHECKING:
    from aiohttp import ClientSession

TIMEOUT = 30.0
MOST_READ = 4096
# Answers after which the same request may be taken later; any other refusal is final.
RETRIED = frozenset({408, 409, 425, 429})


class HookFault(BotError):
    """The other program did not take it. `why` is a word for the record."""

    def __init__(self, why: str) -> None:
        super().__init__(f"webhook: {why}: look at the address and at the other program's own record.")
        self.why = why


class HookTransient(HookFault):
    """To be tried again: the receiver recognises a repeated `X-HocNghe-Delivery`, so that a repetition does no harm."""


class HookPermanent(HookFault):
    """It will not be taken."""


def allowed(address: str) -> bool:
    """https, or http on this machine; a host, no user name, nothing cut off."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        parts.port  # noqa: B018 - raises for a port that is none
    except ValueError:
        return False
    if not host or parts.username or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and loopback(host))


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """HMAC-SHA-256 over "timestamp.body", in hex: what the receiver reckons, too, and compares."""
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def headers(secret: str, delivery: int, now: datetime, body: bytes) -> Mapping[str, str]:
    """What goes with the body."""
    timestamp = int(now.timestamp())
    return {
        "Content-Type": "application/json; charset=utf-8",
        "X-HocNghe-Delivery": str(delivery),
        "X-HocNghe-Timestamp": str(timestamp),
        "X-HocNghe-Signature": f"sha256={signature(secret, timestamp, body)}",
    }


async def post(
    session: "ClientSession", address: str, secret: str, delivery: int, told: Mapping[str, Json], now: datetime
) -> None:
    """Send it; returns when it was taken (any 2xx), redirects not followed. Raises HookTransient, HookPermanent."""
    from aiohttp import ClientConnectorError, ClientError, ClientTimeout

    if not allowed(address):
        raise HookPermanent("address")
    body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
    signed = headers(secret, delivery, now, body)
    try:
        sending = session.post(
            address, data=body, headers=signed, allow_redirects=False, timeout=ClientTimeout(total=TIMEOUT)
        )
        async with sending as answer:
            await answer.content.read(MOST_READ)
            status = answer.status
    except ClientConnectorError as fault:
        if isinstance(fault.os_error, Inside):
            raise HookPermanent("inside") from fault
        raise HookTransient(type(fault).__name__) from fault
    except (ClientError, OSError, TimeoutError) as fault:
        raise HookTransient(type(fault).__name__) from fault
    if 200 <= status < 300:
        return
    raise (HookTransient if status >= 500 or status in RETRIED else HookPermanent)(f"http_{status}")


def trial(clock: Callable[[], datetime], inside: Iterable[str] = ()) -> Callable[[str, str], Awaitable[None]]:
    """How the desk tries out another program: the same signed message as a list, about nobody. `inside`: networks."""

    async def post_test(address: str, key: str) -> None:
        async with reaching.session(inside) as session:
            await post(session, address, key, 0, {"event": "test"}, clock())

    return post_test
