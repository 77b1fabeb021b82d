"""The trained recogniser."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from intents.bands import Bands, calibration, decide, shares
from intents.features import Floats, Vectoriser
from intents.guard import Guard
from intents.linear import Weights
from intents.normalise import fold, normalise
from intents.polite import bare
from intents.recogniser import ACTS, EMERGENCY, Recognition, Scored
from intents.sentence import plain
from intents.spelling import Speller
from intents.splitter import cuts

_EMPTY = Recognition("unknown", ())
_LONGEST = 800  # letters; what comes after tells nothing more about the topic
_SHORT = 40  # letters; a whole message that is an act is no longer
_SURE = 0.97  # from this share on, only punctuation is taken for the end of a question
_ROUNDED = 1e-4  # what a share in a recognition may stand above its own
_LONG_ENOUGH = 7  # words; shorter messages hold one question


@dataclass(frozen=True, slots=True)
class Trained:
    """What training makes and the cache keeps; `counts` are the toneless words of the phrasings."""

    topics: tuple[str, ...]
    vectoriser: Vectoriser
    weights: Weights
    counts: Mapping[str, int]


class LinearRecogniser:
    """Recognises by linear margins; whole messages that are an act ("ok") are looked up first."""

    def __init__(
        self, trained: Trained, whole: Mapping[str, str], *, guard: Guard | None = None, bands: Bands | None = None
    ) -> None:
        self._trained = trained
        self._whole = whole
        self._guard = guard or Guard({})
        self._bands = bands or calibration()[0]
        self._speller = Speller(trained.counts)
        self._emergency = trained.topics.index(EMERGENCY) if EMERGENCY in trained.topics else 0

    @property
    def topics(self) -> Sequence[str]:
        """The topics in the order of `margins`."""
        return self._trained.topics

    def recognise(self, text: str) -> Recognition:
        """What `text` is about; a second question in it comes as `further`."""
        text = text[:_LONGEST]
        found = self._single(text)
        if found.best == EMERGENCY or len(text.split()) < _LONG_ENOUGH:
            return found
        return self._split(text, found)

    def margins(self, normalised: str) -> Floats:
        """The margin of each topic for a normalised sentence."""
        return self._trained.weights.margins(self._trained.vectoriser.row(normalised))

    def prepare(self, text: str) -> str:
        """`text` normalised and its spelling repaired: what the margins are taken of."""
        return self._speller.repair(normalise(text))

    def _single(self, text: str) -> Recognition:
        read = self._read(text)
        return read if isinstance(read, Recognition) else decide(self.topics, read, self._bands)

    def _read(self, text: str) -> Recognition | Floats:
        """What is known word for word, nothing, or the share of each topic."""
        clean = self.prepare(text)
        folded = " ".join(map(plain, clean.split()))
        act = self._looked_up(folded, text)
        if act:
            return Recognition("answer", (Scored(act, 1.0),))
        if not clean:
            return _EMPTY
        margins = self.margins(clean)
        margins[self._emergency] += self._bands.warned if self._guard.warns(folded) else self._bands.unwarned
        return shares(margins, self._bands.sharpness)

    def _looked_up(self, folded: str, text: str) -> str | None:
        """A whole message that is known word for word, as repaired or as typed, with or without little words around."""
        found = self._whole.get(folded)
        if found or len(text) >= _SHORT:
            return found
        short = bare(folded)
        return self._whole.get(fold(text)) or (self._whole.get(short) if " " in short else None)

    def _split(self, text: str, whole: Recognition) -> Recognition:
        sure = whole.decision == "answer" and whole.topics[0].score >= _SURE
        for left, right in cuts(text, marks_alone=sure):
            first = self._asked(left)
            if first is None:
                continue
            second = self._asked(right)
            if second is not None and first.best != second.best:
                return self._both(whole, first, second)
        return whole

    def _asked(self, piece: str) -> Recognition | None:
        """What a piece asks when it is surely a question of its own; most pieces are none, told by their best share."""
        read = self._read(piece)
        if isinstance(read, Recognition):
            found = read
        elif float(np.maximum.reduce(read)) < self._bands.split - _ROUNDED:
            return None
        else:
            found = decide(self.topics, read, self._bands)
        sure = found.decision == "answer" and found.topics[0].score >= self._bands.split
        return found if sure and found.best not in ACTS else None

    @staticmethod
    def _both(whole: Recognition, first: Recognition, second: Recognition) -> Recognition:
        if whole.decision == "answer" and whole.best in (first.best, second.best):
            other = second if whole.best == first.best else first
            return replace(whole, further=other.topics[:1])
        if whole.decision == "answer":
            return replace(whole, further=(first.topics[0], second.topics[0]))
        return Recognition("answer", first.topics, second.topics[:1])
