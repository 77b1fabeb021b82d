"""A message as the page posts it: read, checked, or refused with the reason."""

import json
import re
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bot.channels.web.refusals import Refused

BODY_LIMIT = 100 * 1024
MOST_TEXT = 2_000  # characters that are kept; the core reads fewer
MOST_CHOICE = 200
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Said:
    """What came: `text` typed, or the value of a tapped `choice`. `id` is the sender's UUID in small letters."""

    id: str
    text: str = ""
    choice: str | None = None


async def read(request: web.Request) -> Said:
    """The message in a request's body; raises Refused (400, 413, 415)."""
    if request.content_type != "application/json":
        raise Refused(415, "not_json", "unreadable")
    return said(await _body(request))


async def _body(request: web.Request) -> bytes:
    if (request.content_length or 0) > BODY_LIMIT:
        raise Refused(413, "too_long", "too_long")
    body = bytearray()
    async for part in request.content.iter_chunked(16 * 1024):
        body += part
        if len(body) > BODY_LIMIT:
            raise Refused(413, "too_long", "too_long")
    return bytes(body)


def said(body: bytes) -> Said:
    """`{"id": "<uuid>", "text": "…"}` or `{"id", "choice"}` in UTF-8; raises Refused (400)."""
    try:
        data = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as fault:
        raise Refused(400, "bad_json", "unreadable") from fault
    if not isinstance(data, dict):
        raise Refused(400, "not_an_object", "unreadable")
    message_id = data.get("id")
    if not isinstance(message_id, str) or not _UUID.fullmatch(message_id.lower()):
        raise Refused(400, "bad_id", "unreadable")
    text, choice = _words(data, "text"), _words(data, "choice")
    if text is not None and choice is not None:
        raise Refused(400, "text_and_choice", "unreadable")
    if choice is not None:
        if len(choice) > MOST_CHOICE:
            raise Refused(400, "bad_choice", "unreadable")
        return Said(message_id.lower(), choice=choice)
    if text is None:
        raise Refused(400, "empty", "empty")
    return Said(message_id.lower(), text[:MOST_TEXT])


def _words(data: dict[str, Any], key: str) -> str | None:
    value = data.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise Refused(400, f"bad_{key}", "unreadable")
    if not value.strip():
        raise Refused(400, "empty", "empty")
    if _CONTROL.search(value) or any("\ud800" <= c <= "\udfff" for c in value):
        raise Refused(400, f"bad_{key}", "letters")
    return value
