"""A reply as plain messages: choices as a numbered list, long texts cut at sentence ends."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import replace

from bot.model import Reply

# The likeliest places to cut first: between paragraphs, lines, sentences, parts of sentences, words.
_CUTS = tuple(re.compile(p) for p in (r"\n\n+", r"\n", r"(?<=[.!?…])\s+", r"(?<=[,;:])\s+", r"\s+"))


def numbered(reply: Reply) -> str:
    """The text with its choices as `1. label`, for a channel without buttons (or beside them)."""
    return "\n".join([reply.text, *(f"{n}. {c.label}" for n, c in enumerate(reply.choices, 1))])


def fitted(replies: Iterable[Reply], most: int) -> tuple[Reply, ...]:
    """The same in as few messages of at most `most` characters as can be, each with its choices as a numbered list.

    A reply joins the one before it when that one asks nothing: numbers belong to one list a message.
    """
    joined: list[Reply] = []
    for reply in replies:
        before = joined[-1] if joined else None
        if before is not None and not (before.choices or before.asks or before.image or reply.image):
            both = replace(reply, text=f"{before.text}\n\n{reply.text}")
            if _length(both) <= most:
                joined[-1] = both
                continue
        joined.append(reply)
    return tuple(piece for reply in joined for piece in _pieces(reply, most))


def _pieces(reply: Reply, most: int) -> tuple[Reply, ...]:
    """A reply that is too long in several: what can be tapped stands under the last one, the picture over the first."""
    if _length(reply) <= most:
        return (reply,)
    room = max(most - (_length(reply) - len(unicodedata.normalize("NFC", reply.text))), most // 4)
    *first, last = split(reply.text, room)
    pieces = [*(Reply(text) for text in first), replace(reply, text=last, image=None)]
    return (replace(pieces[0], image=reply.image), *pieces[1:])


def _length(reply: Reply) -> int:
    return len(unicodedata.normalize("NFC", numbered(reply)))


def split(text: str, limit: int, measure: Callable[[str], int] = len) -> list[str]:
    """`text` (made NFC) in pieces of at most `limit` by `measure`, cut at the last sentence end that fits."""
    rest = unicodedata.normalize("NFC", text).strip()
    pieces: list[str] = []
    while measure(rest) > limit:
        end, after = _cut(rest, limit, measure)
        pieces.append(rest[:end].rstrip())
        rest = rest[after:].lstrip()
    return [*pieces, rest] if rest or not pieces else pieces


def utf16(text: str) -> int:
    """Length in UTF-16 units: an emoji counts two."""
    return len(text.encode("utf-16-le")) // 2


def _cut(text: str, limit: int, measure: Callable[[str], int]) -> tuple[int, int]:
    """Where the first piece ends and the rest begins; in the middle of a word only when there is no other place."""
    fits = _longest(text, limit, measure)
    for pattern in _CUTS:
        ends = [m for m in pattern.finditer(text) if 0 < m.start() <= fits]
        if ends and ends[-1].start() >= fits // 3:
            return ends[-1].start(), ends[-1].end()
    return fits, fits


def _longest(text: str, limit: int, measure: Callable[[str], int]) -> int:
    """How many characters of `text` fit."""
    low, high = 1, min(len(text), limit)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if measure(text[:middle]) <= limit else (low, middle - 1)
    return low
