"""Where in a running sentence a place is named: after "xã", "ở", "bản" and the like."""

from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import Protocol

from intents import lists
from intents.normalise import fold
from intents.sentence import Sentence
from intents.syllables import is_syllable

_COMMUNE = frozenset({"xã", "phường", "trấn"})
_COMMUNE_PLAIN = frozenset({"xa", "phuong"})
_LONGEST = 4  # words of the longest name looked for


class Names(Protocol):
    """What is asked of a gazetteer."""

    def knows(self, folded: str) -> bool:
        """Whether `folded` is a commune's name without its kind."""
        ...

    def is_province(self, folded: str) -> bool:
        """Whether `folded` is a province's name."""
        ...

    def knows_toned(self, name: str) -> bool:
        """Whether `name` is one with these tone marks."""
        ...


def spotted(said: Sentence, book: Names) -> tuple[str, Sequence[str]]:
    """The place name after a cue in a sentence, "" when there is none, and the words that follow it."""
    village, cues = lists.words("place", "village"), _cues()
    for at, word in enumerate(said.typed[:-1]):
        found = _after(said, at, book) if said.folded[at] in cues else ""
        if found:
            return found, said.typed[at + 1 + len(found.split()) - (word.lower() in village) :]
    return "", ()


@cache
def _cues() -> frozenset[str]:
    """The folded words that `_after` looks at."""
    named = (lists.words("place", kind) for kind in ("village", "village_plain", "weak"))
    return frozenset(map(fold, chain(_COMMUNE, _COMMUNE_PLAIN, *named)))


def _after(said: Sentence, at: int, book: Names) -> str:
    low, plain = said.typed[at].lower(), said.folded[at]
    if low in _COMMUNE or (not said.marked and low in _COMMUNE_PLAIN):
        known = _known(said, at + 1, book)
        return known or (_named(said, at + 1, plain_too=_at_home(said, at)) if said.marked else "")
    if low in lists.words("place", "village"):
        name = _named(said, at + 1, plain_too=_at_home(said, at))
        return f"{said.typed[at]} {name}" if name else ""
    if not said.marked and plain in lists.words("place", "village_plain") and (name := _capital(said.typed, at + 1)):
        return name
    if plain in lists.words("place", "weak"):
        return _known(said, at + 1, book, least=2) or _home(said.typed, at + 1, book)
    return ""


def _at_home(said: Sentence, at: int) -> bool:
    return any(word in lists.words("place", "home") for word in said.folded[max(0, at - 2) : at])


def _home(typed: Sequence[str], start: int, book: Names) -> str:
    """Capital words after "ở" or "quê" that are a place smaller than a province."""
    name = _capital(typed, start)
    folded = fold(name)
    elsewhere = folded in lists.words("place", "regions") or folded in lists.countries() or book.is_province(folded)
    return "" if elsewhere else name


def _known(said: Sentence, start: int, book: Names, *, least: int = 1) -> str:
    stop = lists.words("place", "stop")
    for size in range(min(_LONGEST, len(said.typed) - start), least - 1, -1):
        plain = said.folded[start : start + size]
        name, typed = " ".join(plain), " ".join(said.typed[start : start + size])
        if not book.knows(name) or (least > 1 and name in lists.words("place", "no_place")):
            continue
        if (not said.marked or book.knows_toned(typed)) and not all(word in stop for word in plain):
            return typed
    return ""


def _capital(typed: Sequence[str], start: int) -> str:
    found: list[str] = []
    for word in typed[start : start + _LONGEST]:
        if not word[0].isupper() or (word.isupper() and len(word) > 3):
            break
        found.append(word)
    return " ".join(found) if len(found) > 1 else ""


def _named(said: Sentence, start: int, *, plain_too: bool) -> str:
    """A name not in the book: capital words; with `plain_too` also up to two words that are no stop words."""
    capital = _capital(said.typed, start)
    if capital:
        return capital
    if start < len(said.typed) and said.typed[start][0].isupper():
        return said.typed[start]
    if not plain_too:
        return ""
    found: list[str] = []
    for word, plain in zip(said.typed[start : start + 2], said.folded[start : start + 2], strict=True):
        if plain in lists.words("place", "stop") or (plain.isdigit() and found) or not is_syllable(word.lower()):
            break
        found.append(word)
    return " ".join(found)
