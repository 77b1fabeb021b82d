"""Repair of what can be no syllable: words run together, letters swapped or lost, by our own vocabulary."""

from collections.abc import Mapping

from rapidfuzz import process
from rapidfuzz.distance import OSA

from intents.normalise import fold
from intents.syllables import is_syllable

_LONGEST = 7  # letters of the longest syllable, "nghieng"
_KEPT = 20_000


class Speller:
    """Repairs by `counts`: toneless word -> how often it stands in the phrasings."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self.counts = counts
        self._common = [word for word, count in counts.items() if count >= 5 and len(word) > 2]
        self._total = sum(counts.values()) or 1
        self._known: dict[str, str] = {}

    def repair(self, normalised: str) -> str:
        """The sentence with its impossible words repaired, or left as they are when no word of ours is near."""
        return " ".join(self._word(word) for word in normalised.split())

    def _word(self, word: str) -> str:
        if len(word) < 4 or not word.isalpha() or is_syllable(word):
            return word
        known = self._known.get(word)
        if known is None:
            if len(self._known) >= _KEPT:
                self._known.clear()
            known = self._known[word] = self._nearest(word, fold(word))
        return known

    def _nearest(self, word: str, plain: str) -> str:
        if plain in self.counts or " " in plain:
            return word
        apart = self._apart(plain) if len(plain) < 40 else []
        if apart:
            return _as_typed(word, apart) if len(word) == len(plain) else " ".join(apart)
        if not 4 <= len(plain) <= _LONGEST + 1:
            return word
        found = process.extract(plain, self._common, scorer=OSA.distance, score_cutoff=1, limit=5)
        return max(found, key=lambda hit: (hit[0][0] == plain[0], self.counts[hit[0]]))[0] if found else word

    def _apart(self, plain: str) -> list[str]:
        """The likeliest cut into known words (two letters and more), [] when there is none."""
        best: list[tuple[float, list[str]] | None] = [None] * (len(plain) + 1)
        best[0] = (0.0, [])
        for end in range(2, len(plain) + 1):
            for start in range(max(0, end - _LONGEST), end - 1):
                before, piece = best[start], plain[start:end]
                count = self.counts.get(piece, 0)
                if before is None or count < 3 or not is_syllable(piece):
                    continue
                score = before[0] + count / self._total - 1.0
                reached = best[end]
                if reached is None or score > reached[0]:
                    best[end] = (score, [*before[1], piece])
        whole = best[-1]
        return whole[1] if whole and len(whole[1]) > 1 else []


def _as_typed(word: str, pieces: list[str]) -> str:
    cut: list[str] = []
    at = 0
    for piece in pieces:
        cut.append(word[at : at + len(piece)])
        at += len(piece)
    return " ".join(cut)
