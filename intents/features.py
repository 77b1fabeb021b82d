"""Sentences as sparse vectors: words with and without tone marks, and letters within words."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from intents.normalise import fold

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]

_NUMBER = re.compile(r"\d+")
_SHORTEST, _LONGEST = 2, 5


@dataclass(frozen=True, slots=True)
class Row:
    """One sentence: feature indices and their weights."""

    indices: Ints
    values: Floats


def _masked(word: str) -> str:
    """Numbers by length only: "45" and "38" are one word, "B2" stays itself."""
    return "#" * min(len(word), 5) if word.isdigit() else word


def views(normalised: str) -> tuple[list[str], list[str], list[str]]:
    """The features of a normalised sentence in three views: toneless words, toned words, letters."""
    toned = [_masked(word) for word in normalised.split()]
    plain = [_masked(word) for word in fold(normalised).split()]
    letters: list[str] = []
    for word in plain:
        padded = f" {word} "
        length = len(padded)
        for size in range(_SHORTEST, _LONGEST + 1):
            letters.extend(padded[at : at + size] for at in range(length - size + 1))
    return _pairs(plain), _pairs(toned), letters


def _pairs(words: Sequence[str]) -> list[str]:
    edged = ["^", *words, "$"]
    return [*words, *(f"{a}_{b}" for a, b in zip(edged, edged[1:], strict=False))]


class Vectoriser:
    """TF-IDF over the views; each view is scaled to its own length, so that none drowns another."""

    def __init__(self, vocabularies: Sequence[Mapping[str, int]], idf: Floats, weights: Sequence[float]) -> None:
        self.vocabularies = vocabularies
        self.idf = idf
        self.weights = weights
        self.size = int(idf.shape[0])

    def row(self, normalised: str) -> Row:
        """The vector of a normalised sentence; features never seen in training are left out."""
        indices: list[int] = []
        parts: list[Floats] = []
        for view, vocabulary, weight in zip(views(normalised), self.vocabularies, self.weights, strict=True):
            counts = Counter(index for name in view if (index := vocabulary.get(name)) is not None)
            if not counts:
                continue
            at = list(counts)
            value = self.idf[at] * (1 + np.log(np.fromiter(counts.values(), np.float32, len(at))))
            parts.append((value * (weight / float(np.sqrt(value @ value)))).astype(np.float32))
            indices.extend(at)
        if not indices:
            return Row(np.empty(0, np.int32), np.empty(0, np.float32))
        return Row(np.array(indices, np.int32), np.concatenate(parts))


def fit(sentences: Iterable[str], *, weights: Sequence[float] = (1.0, 0.7, 1.0), least: int = 2) -> Vectoriser:
    """A vectoriser of the features found in at least `least` of the normalised `sentences`."""
    seen: tuple[Counter[str], ...] = (Counter(), Counter(), Counter())
    total = 0
    for sentence in sentences:
        total += 1
        for counter, view in zip(seen, views(sentence), strict=True):
            counter.update(set(view))
    vocabularies: list[dict[str, int]] = []
    idf: list[float] = []
    for counter in seen:
        vocabulary: dict[str, int] = {}
        for name in sorted(name for name, count in counter.items() if count >= least):
            vocabulary[name] = len(idf)
            idf.append(float(np.log((1 + total) / (1 + counter[name])) + 1))
        vocabularies.append(vocabulary)
    return Vectoriser(vocabularies, np.array(idf, np.float32), weights)
