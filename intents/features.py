"""Sentences as sparse vectors: words with and without tone marks, pairs of words near each other, letters in words."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise

import numpy as np
import numpy.typing as npt

from intents.normalise import fold
from intents.sentence import plain as folded

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]

VIEWS = 4
_SHORTEST, _LONGEST = 2, 5
_WINDOW = 5
_KEPT_WORDS = 20_000


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


class Vectoriser:
    """Presence × rarity over four views; each view is scaled to its own length, so that none drowns another."""

    def __init__(self, vocabularies: Sequence[Mapping[str, int]], idf: Floats, scales: Sequence[float]) -> None:
        self.vocabularies = vocabularies
        self.idf = idf
        self.scales = scales
        self.size = int(idf.shape[0])
        self._letters: dict[str, list[int]] = {}

    def row(self, normalised: str) -> Row:
        """The vector of a normalised sentence; features never seen in training are left out."""
        typed = normalised.split()
        toned = list(map(_masked, typed))
        plain = list(map(_plain, typed))
        found: list[int] = []
        ends: list[int] = []
        for view, vocabulary in zip((_pairs(plain), _pairs(toned), _near(plain)), self.vocabularies, strict=False):
            found.extend(dict.fromkeys([at for at in map(vocabulary.get, view) if at is not None]))
            ends.append(len(found))
        found.extend(dict.fromkeys(chain.from_iterable(map(self._letters_of, plain))))
        ends.append(len(found))
        indices = np.array(found, np.int32)
        values = self.idf.take(indices)
        start = 0
        for end, scale in zip(ends, self.scales, strict=True):
            part = values[start:end]
            if end > start:
                part *= scale / math.sqrt(part @ part)
            start = end
        return Row(indices, values)

    def _letters_of(self, word: str) -> list[int]:
        known = self._letters.get(word)
        if known is None:
            vocabulary = self.vocabularies[3]
            known = [at for group in letters(word) if (at := vocabulary.get(group)) is not None]
            if len(self._letters) >= _KEPT_WORDS:
                self._letters.clear()
            self._letters[word] = known
        return known


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
    vocabularies: list[dict[str, int]] = []
    idf: list[float] = []
    for counter in seen:
        vocabulary: dict[str, int] = {}
        for name in sorted(name for name, count in counter.items() if count >= least):
            vocabulary[name] = len(idf)
            idf.append(float(np.log((1 + total) / (1 + counter[name])) + 1))
        vocabularies.append(vocabulary)
    return Vectoriser(vocabularies, np.array(idf, np.float32), scales)
