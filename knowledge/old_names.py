"""Programmes, laws and offices of the past, found in what people type."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from knowledge.catalogue import Catalogue
from knowledge.dated import NATION, Where
from knowledge.directory import Superseded

Fold = Callable[[str], str]
"""Text -> lower case, no tone marks, no punctuation, single spaces: what the caller compares by."""
_ASIDES: Final = (
    "con khong", "con hieu luc khong", "con ap dung khong", "la gi", "la sao", "o dau", "the nao", "thi sao", "a", "ah",
    "khong", "con", "bay gio", "gio", "nay", "cu", "ha", "vay", "nhi", "di", "cho hoi", "cho toi hoi", "chuong trinh",
    "quy dinh",
)  # fmt: skip
"""What may stand around a name of one word without making it another matter: "huyện còn không ạ"."""


@dataclass(frozen=True, slots=True)
class OldNames:
    """The folded names of what is of the past, the longest first, each with what it names. Made once, by `folded`."""

    names: Mapping[str, Superseded]


def folded(catalogue: Catalogue, fold: Fold, *, where: Where = NATION) -> OldNames:
    """The names that people in a place use for what is of the past on any day, made comparable by `fold`."""
    named = {fold(name): old for old in catalogue.superseded(where=where, on=date.max) for name in old.names}
    return OldNames({name: named[name] for name in sorted(named, key=lambda name: (-len(name), name)) if name})


def named(text_folded: str, *, on: date, names: OldNames) -> Superseded | None:
    """What an already folded text names of the past on that day: the longest name wins; None when there is none.

    A name of one word ("1956", "huyện") counts only when the message is about nothing else: it may as well be a year
    of birth, or a person's name.
    """
    text = f" {text_folded} "
    for name, old in names.names.items():
        if old.since > on or f" {name} " not in text:
            continue
        if " " in name or _alone(name, text_folded):
            return old
    return None


def _alone(name: str, text: str) -> bool:
    rest = f" {text} ".replace(f" {name} ", " ", 1)
    for aside in sorted(_ASIDES, key=len, reverse=True):
        rest = rest.replace(f" {aside} ", " ")
    return not rest.strip()
