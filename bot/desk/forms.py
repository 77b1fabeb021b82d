"""What a form of the desk brings: texts cleaned and cut, days, numbers, at most one small file."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime

from aiohttp import BodyPartReader, web

from bot.model import BotError

LONGEST = 2_000
MOST_FIELDS = 600  # 50 ticked rows, twice over, and what else a form has
FORM_BYTES = 120_000
_UNREAD = frozenset({"Cc", "Cf", "Cs", "Co"})
_DAY = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})")


class Unreadable(BotError):
    """The body is no form, or a field cannot be what it should be."""


class Fields:
    """Names and values; one that is missing is ""."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._pairs = tuple(pairs)

    def get(self, name: str, *, most: int = 200) -> str:
        """One line, cleaned."""
        value = next((v for n, v in self._pairs if n == name), "")
        return " ".join(cleaned(value).split())[:most].strip()

    def text(self, name: str, *, most: int = LONGEST) -> str:
        """Several lines, cleaned."""
        value = next((v for n, v in self._pairs if n == name), "")
        return cleaned(value.replace("\r\n", "\n")).strip()[:most]

    def all(self, name: str) -> list[str]:
        """Every value of a field that may come several times."""
        return [cleaned(v) for n, v in self._pairs if n == name]

    def ticked(self, name: str) -> bool:
        """Whether a box was ticked."""
        return bool(self.get(name))

    def day(self, name: str) -> date | None:
        """2027-01-31 as browsers send it, or 31/1/2027 as people type it; None when empty. Raises Unreadable."""
        said = self.get(name)
        if not said:
            return None
        return day_of(said)

    def number(self, name: str, *, least: int, most: int) -> int | None:
        """A whole number within these; None when empty. Raises Unreadable."""
        said = self.get(name)
        if not said:
            return None
        if not (said.isascii() and said.isdigit() and least <= int(said[:9]) <= most):
            raise Unreadable(name)
        return int(said)

    def numbers(self, name: str) -> list[int]:
        """Ids of ticked rows; what is no number is left out."""
        return [int(v) for v in self.all(name) if v.isascii() and v.isdigit() and len(v) < 10]


def day_of(said: str) -> date:
    """A day as a browser or a person writes it. Raises Unreadable."""
    typed = _DAY.fullmatch(said)
    try:
        if typed:
            return date(int(typed[3]), int(typed[2]), int(typed[1]))
        return datetime.strptime(said, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError as fault:
        raise Unreadable("day") from fault


def cleaned(value: str) -> str:
    """Composed; without control and direction characters (a newline stays)."""
    read = value[: 2 * LONGEST]
    kept = "".join(c for c in read if c in "\n\t" or unicodedata.category(c) not in _UNREAD)
    return unicodedata.normalize("NFC", kept)


async def read(request: web.Request, upload: int) -> tuple[Fields, dict[str, tuple[str, bytes]]]:
    """The form of a request and its files (name, bytes), which may be `upload` bytes together. Raises Unreadable."""
    try:
        if request.content_type == "multipart/form-data":
            return await _parts(request, upload)
        if request.content_type != "application/x-www-form-urlencoded":
            raise Unreadable("no form")
        posted = await request.post()
    except (ValueError, LookupError, AssertionError, RuntimeError) as fault:
        raise Unreadable("form") from fault
    if len(posted) > MOST_FIELDS:
        raise Unreadable("too many fields")
    return Fields((n, v) for n, v in posted.items() if isinstance(v, str)), {}


async def _parts(request: web.Request, upload: int) -> tuple[Fields, dict[str, tuple[str, bytes]]]:
    pairs: list[tuple[str, str]] = []
    files: dict[str, tuple[str, bytes]] = {}
    left = FORM_BYTES + upload
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or len(pairs) + len(files) > MOST_FIELDS:
            raise Unreadable("form")
        body = bytearray()
        while chunk := await part.read_chunk(65536):
            left -= len(chunk)
            if left < 0:
                raise web.HTTPRequestEntityTooLarge(FORM_BYTES + upload, FORM_BYTES + upload - left)
            body += chunk
        if part.filename is None:
            pairs.append((part.name or "", body.decode("utf-8", "replace")))
        elif body:
            files[part.name or ""] = (part.filename, bytes(body))
    return Fields(pairs), files
