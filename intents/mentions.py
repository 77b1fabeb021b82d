"""Where in a running sentence a place is named: after "xã", "ở", "bản" and the like."""

from collections.abc import Sequence
from typing import Protocol

from intents import lists
from intents.normalise import fold

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


def spotted(typed: Sequence[str], book: Names) -> tuple[str, Sequence[str]]:
    """The place name after a cue in `typed` (the words of a sentence), "" when there is none, and what follows it."""
    folded = [fold(word) for word in typed]
    marked = any(word.lower() != plain for word, plain in zip(typed, folded, strict=True))
    for at in range(len(typed) - 1):
        found = _after(typed, folded, at, book, marked=marked)
        if found:
            end = at + 1 + len(found.split()) - (typed[at].lower() in lists.words("place", "village"))
            return found, typed[end:]
    return "", ()


def _after(typed: Sequence[str], folded: Sequence[str], at: int, book: Names, *, marked: bool) -> str:
    low = typed[at].lower()
    at_home = any(word in lists.words("place", "home") for word in folded[max(0, at - 2) : at])
    if low in _COMMUNE or (not marked and low in _COMMUNE_PLAIN):
        known = _known(typed, folded, at + 1, book, marked=marked)
        return known or (_named(typed, folded, at + 1, plain_too=at_home) if marked else "")
    if low in lists.words("place", "village"):
        name = _named(typed, folded, at + 1, plain_too=at_home)
        return f"{typed[at]} {name}" if name else ""
    if folded[at] in lists.words("place", "weak"):
        return _known(typed, folded, at + 1, book, marked=marked, least=2) or _home(typed, at + 1, book)
    return ""


def _home(typed: Sequence[str], start: int, book: Names) -> str:
    """Capital words after "ở" or "quê" that are a place smaller than a province."""
    name = _capital(typed, start)
    folded = fold(name)
    return "" if folded in lists.words("place", "regions") or book.is_province(folded) else name


def _known(
    typed: Sequence[str], folded: Sequence[str], start: int, book: Names, *, marked: bool, least: int = 1
) -> str:
    stop = lists.words("place", "stop")
    for size in range(min(_LONGEST, len(typed) - start), least - 1, -1):
        name = " ".join(folded[start : start + size])
        said = " ".join(typed[start : start + size])
        if book.knows(name) and (not marked or book.knows_toned(said)) and not all(p in stop for p in name.split()):
            return said
    return ""


def _capital(typed: Sequence[str], start: int) -> str:
    found: list[str] = []
    for word in typed[start : start + _LONGEST]:
        if not word[0].isupper() or (word.isupper() and len(word) > 3):
            break
        found.append(word)
    return " ".join(found) if len(found) > 1 else ""


def _named(typed: Sequence[str], folded: Sequence[str], start: int, *, plain_too: bool) -> str:
    """A name not in the book: capital words; with `plain_too` also up to two words that are no stop words."""
    capital = _capital(typed, start)
    if capital:
        return capital
    if start < len(typed) and typed[start][0].isupper():
        return typed[start]
    if not plain_too:
        return ""
    found: list[str] = []
    for word, plain in zip(typed[start : start + 2], folded[start : start + 2], strict=True):
        if plain in lists.words("place", "stop") or (plain.isdigit() and found):
            break
        found.append(word)
    return " ".join(found)
