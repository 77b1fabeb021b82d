"""The trained recogniser."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from intents.bands import Bands, decide, shares
from intents.features import Floats, Vectoriser
from intents.normalise import fold, normalise
from intents.recogniser import Recognition, Scored

_EMPTY = Recognition("unknown", ())
_LONGEST = 600  # letters; what comes after tells nothing more about the topic


@dataclass(frozen=True, slots=True)
class Trained:
    """What training makes and the cache keeps."""

    topics: tuple[str, ...]
    vectoriser: Vectoriser
    weights: Floats


class LinearRecogniser:
    """Recognises by linear margins; whole messages that are an act ("ok") are looked up first."""

    def __init__(self, trained: Trained, whole: Mapping[str, str], *, bands: Bands | None = None) -> None:
        self._trained = trained
        self._whole = whole
        self._bands = bands or Bands()

    @property
    def topics(self) -> Sequence[str]:
        """The topics in the order of `margins`."""
        return self._trained.topics

    def recognise(self, text: str) -> Recognition:
        """What `text` is about."""
        clean = normalise(text[:_LONGEST])
        act = self._whole.get(fold(clean)) or self._whole.get(fold(text))
        if act:
            return Recognition("answer", (Scored(act, 1.0),))
        if not clean:
            return _EMPTY
        return decide(self._trained.topics, shares(self.margins(clean), self._bands.sharpness), self._bands)

    def margins(self, normalised: str) -> Floats:
        """The margin of each topic for a normalised sentence."""
        row = self._trained.vectoriser.row(normalised)
        weights = self._trained.weights
        return np.asarray(row.values @ weights[row.indices] + weights[-1], np.float32)
