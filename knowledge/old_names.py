"""Programmes, laws and offices of the past, found in what people type."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from knowledge.catalogue import Catalogue
from knowledge.dated import NATION, Where
from knowledge.directory import Superseded

Fold = Callable[[str], str]
"""Text -> lower case, no tone marks, no punctuation, single spaces: what the caller compares by."""
_WORD: Final = re.compile(r"[^\W_]+")
_ASIDES: Final = (
    "con khong", "con hieu luc khong", "con ap dung khong", "la gi", "la sao", "o dau", "the nao", "thi sao", "a", "ah",
    "khong", "con", "bay gio", "gio", "nay", "cu", "ha", "vay", "nhi", "di", "cho hoi", "cho toi hoi", "chuong trinh",
    "quy dinh", "k", "ko", "hong",
)  # fmt: skip
"""What may stand around a name that counts only alone, without making it another matter: "huyện còn không ạ"."""


@dataclass(frozen=True, slots=True)
class OldName:
    """One name: its folded words, the same with their marks, what it names, and when it is not meant."""

    folded: tuple[str, ...]
    marked: tuple[str, ...]
    old: Superseded
    alone: bool
    unless: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OldNames:
    """The names of what is of the past, the longest first; `by_word` finds those that begin with a folded word.

    Made once for a place, by `folded`.
    """

    names: tuple[OldName, ...]
    by_word: Mapping[str, tuple[int, ...]]


def folded(catalogue: Catalogue, fold: Fold, *, where: Where = NATION) -> OldNames:
    """The names that people in a place use for what is of the past on any day, made comparable by `fold`."""
    every = [name for old in catalogue.superseded(where=where, on=date.max) for name in _names(old, fold)]
    names = tuple(sorted(every, key=lambda name: (-len(name.folded), name.folded)))
    by_word: dict[str, tuple[int, ...]] = {}
    for at, name in enumerate(names):
        by_word[name.folded[0]] = (*by_word.get(name.folded[0], ()), at)
    return OldNames(names, by_word)


def _names(old: Superseded, fold: Fold) -> Iterator[OldName]:
    unless = tuple(map(fold, old.unless))
    for alone, names in ((False, old.names), (True, old.alone)):
        for name in names:
            words = tuple(fold(name).split())
            if words:
                yield OldName(words, tuple(_marked(name)), old, alone, unless)


def named(text_folded: str, *, on: date, names: OldNames, typed: str = "") -> Superseded | None:
    """What an already folded text names of the past on that day: the longest name wins; None when there is none.

    `typed`: the same text as it was typed. Its tone marks, where the person wrote any, tell "thẻ học nghề" from
    "có thể học nghề"; without it, or without marks, the phrases in `unless` are taken for the commoner meaning.
    """
    words = text_folded.split()
    found = sorted(
        (at, start)
        for start, word in enumerate(words)
        for at in names.by_word.get(word, ())
        if tuple(words[start : start + len(names.names[at].folded)]) == names.names[at].folded
    )
    if not found:
        return None
    marks = _marked(typed)
    marked = marks if len(marks) == len(words) else words
    for at, start in found:
        name = names.names[at]
        if name.old.since <= on and _meant(name, words, marked, start):
            return name.old
    return None


def _meant(name: OldName, words: list[str], marked: list[str], start: int) -> bool:
    end = start + len(name.folded)
    with_marks = False
    for plain, typed, own in zip(words[start:end], marked[start:end], name.marked, strict=False):
        if typed != plain:  # the person wrote marks on this word: they must be those of the name
            if _letters(typed) != _letters(own):
                return False
            with_marks = True
    if not with_marks and any(phrase in " ".join(words) for phrase in name.unless):
        return False
    return not name.alone or _aside([*words[:start], *words[end:]])


def _aside(rest: list[str]) -> bool:
    left = f" {' '.join(rest)} "
    for aside in sorted(_ASIDES, key=len, reverse=True):
        left = left.replace(f" {aside} ", " ")
    return not left.strip()


def _marked(text: str) -> list[str]:
    """The words of a text with their marks, in lower case."""
    return _WORD.findall(unicodedata.normalize("NFC", text).lower())


def _letters(word: str) -> list[str]:
    """Letters and marks in any order: "hoà" and "hòa" are the same."""
    return sorted(unicodedata.normalize("NFD", word))
