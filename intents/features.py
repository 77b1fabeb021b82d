"""Sentences as sparse vectors: words with and without tone marks, pairs of words near each other, letters in words."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from intents.normalise import fold
from intents.sentence import plain as folded

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]
Codes = npt.NDArray[np.integer[Any]]

VIEWS = 4
_SHORTEST, _LONGEST = 2, 5
_WINDOW = 5
_KEPT_WORDS = 20_000
_NONE = np.empty(0, np.int32)
_PAIR = re.compile("[_~]")  # between the words of a pair; no word has either in it


@dataclass(frozen=True, slots=True)
class Row:
    """One sentence: feature indices and their weights."""

    indices: Ints
    values: Floats


@lru_cache(maxsize=_KEPT_WORDS)
def _masked(word: str) -> str:
    """Longer numbers by length only: "45" and "38" are one word; "lớp 9" and "lớp 5" are not, "B2" stays itself."""
    return "#" * min(len(word), 5) if len(word) > 1 and word.isdigit() else word


@lru_cache(maxsize=_KEPT_WORDS)
def _plain(word: str) -> str:
    return _masked(folded(word))


def _pairs(words: Sequence[str]) -> list[str]:
    return [*words, *map("_".join, pairwise(("^", *words, "$")))]


def _near(words: Sequence[str]) -> list[str]:
    return [f"{a}~{b}" for at, a in enumerate(words) for b in words[at + 2 : at + 1 + _WINDOW]]


def letters(word: str) -> list[str]:
    """The letter groups of a word with its edges."""
    padded = f" {word} "
    ends = len(padded) + 1
    return [padded[at : at + size] for size in range(_SHORTEST, _LONGEST + 1) for at in range(ends - size)]


@dataclass(frozen=True, slots=True)
class Names:
    """The features of the first three views without their strings: a tenth of the memory, and few cache misses.

    `words`: word -> its number; `codes`: each feature as one number, ascending; `places`: the feature's index;
    `letters`: letter group -> index. A word is coded as number × base, a pair as that + second number + 1; the views
    follow one another.
    """

    words: Mapping[str, int]
    codes: Codes
    places: Ints
    letters: Mapping[str, int]

    @property
    def base(self) -> int:
        """What the first word of a pair counts; room for a word that is not known."""
        return len(self.words) + 2

    def found(self, asked: Codes) -> tuple[Ints, npt.NDArray[np.bool_]]:
        """Of ascending codes: the indices of those that are features, each once, and which of the codes those are."""
        at = self.codes.searchsorted(asked)
        known = self.codes.take(at, mode="clip") == asked
        known[1:] &= asked[1:] != asked[:-1]
        return self.places.take(at[known]), known


class Vectoriser:
    """Presence × rarity over four views; each view is scaled to its own length, so that none drowns another."""

    def __init__(self, names: Names, idf: Floats, scales: Sequence[float]) -> None:
        self.names = names
        self.idf = idf
        self.scales = scales
        self.size = int(idf.shape[0])
        self._base, self._unknown = names.base, len(names.words)
        self._first, self._last = names.words["^"], names.words["$"]
        self._view = np.arange(VIEWS, dtype=names.codes.dtype) * (names.base * names.base)
        self._letters: dict[str, Ints] = {}

    def row(self, normalised: str) -> Row:
        """The vector of a normalised sentence; features never seen in training are left out."""
        typed = normalised.split()
        plain = list(map(_plain, typed))
        codes = self._codes(typed, plain)
        found, known = self.names.found(codes)
        indices = np.concatenate((found, self._letters_in(plain)))
        values = self.idf.take(indices)
        one, two = codes.searchsorted(self._view[1:3]).tolist()
        cut = int(np.count_nonzero(known[:one]))
        ends = (cut, cut + int(np.count_nonzero(known[one:two])), len(found), len(indices))
        start = 0
        for end, scale in zip(ends, self.scales, strict=True):
            part = values[start:end]
            if end > start:
                part *= scale / math.sqrt(part @ part)
            start = end
        return Row(indices, values)

    def _codes(self, typed: Sequence[str], plain: Sequence[str]) -> Codes:
        """The codes of the first three views, ascending, some more than once."""
        number, unknown, first, last = self.names.words.get, self._unknown, self._first, self._last
        own = [number(word, unknown) for word in plain]
        toned = [number(word, unknown) for word in map(_masked, typed)]
        numbers = np.array([-1, first, *own, last, first, *toned, last], self._view.dtype)
        ones, others, views = _pattern(len(own))
        codes: Codes = numbers.take(ones)
        codes *= self._base
        codes += numbers.take(others)
        codes += self._view.take(views)
        codes += 1
        codes.sort()
        return codes

    def _letters_in(self, plain: Sequence[str]) -> Ints:
        """The letter groups of the words, each once."""
        if not plain:
            return _NONE
        kept = self._letters
        found = np.concatenate([kept[word] if word in kept else self._letters_of(word) for word in plain])
        found.sort()
        fresh = found[1:] != found[:-1]
        return np.concatenate((found[:1], found[1:][fresh]))

    def _letters_of(self, word: str) -> Ints:
        groups = self.names.letters
        known = np.array([at for group in letters(word) if (at := groups.get(group)) is not None], np.int32)
        if len(self._letters) >= _KEPT_WORDS:
            self._letters.clear()
        self._letters[word] = known
        return known


@lru_cache(maxsize=256)
def _pattern(words: int) -> tuple[Ints, Ints, Ints]:
    """Which numbers make a code, for a sentence of so many words: (first, second, view).

    The numbers stand as: -1 for none, then the plain words and the toned words, each between "^" and "$".
    """
    plain, toned = 1, words + 3  # where their "^" stand
    single = [(start + at, 0, view) for view, start in enumerate((plain, toned)) for at in range(1, words + 1)]
    pairs = [(start + at, start + at + 1, view) for view, start in enumerate((plain, toned)) for at in range(words + 1)]
    near = [
        (plain + at, plain + other, 2)
        for at in range(1, words + 1)
        for other in range(at + 2, min(at + _WINDOW, words) + 1)
    ]
    ones, others, views = np.array(single + pairs + near, np.int32).T.copy()
    return ones, others, views


def fit(sentences: Iterable[str], *, scales: Sequence[float] = (1.0, 0.7, 0.7, 1.0), least: int = 2) -> Vectoriser:
    """A vectoriser of the features found in at least `least` of the normalised `sentences`."""
    seen: tuple[Counter[str], ...] = tuple(Counter() for _ in range(VIEWS))
    total = 0
    for sentence in sentences:
        total += 1
        toned = [_masked(word) for word in sentence.split()]
        plain = [_masked(word) for word in fold(sentence).split()]
        seen[0].update(set(_pairs(plain)))
        seen[1].update({*_pairs(toned), *_pairs(plain)})
        seen[2].update(set(_near(plain)))
        seen[3].update({group for word in set(plain) for group in letters(word)})
    kept = [sorted(name for name, count in counter.items() if count >= least) for counter in seen]
    idf = [
        float(np.log((1 + total) / (1 + counter[n])) + 1)
        for counter, names in zip(seen, kept, strict=True)
        for n in names
    ]
    return Vectoriser(_numbered(kept), np.array(idf, np.float32), scales)


def _numbered(kept: Sequence[Sequence[str]]) -> Names:
    parts = [[_PAIR.split(name) for name in names] for names in kept[:3]]
    words = {word: at for at, word in enumerate(sorted({"^", "$", *chain.from_iterable(chain(*parts))}))}
    base = len(words) + 2  # as `Names.base`
    narrow = VIEWS * base * base < np.iinfo(np.int32).max  # half as wide is twice as near
    codes: Codes = np.array(
        [
            view * base * base + words[named[0]] * base + (words[named[1]] + 1 if len(named) > 1 else 0)
            for view, names in enumerate(parts)
            for named in names
        ],
        np.int32 if narrow else np.int64,
    )
    order = np.argsort(codes).astype(np.int32)
    start = len(codes)
    return Names(words, codes[order], order, {group: start + at for at, group in enumerate(kept[3])})
