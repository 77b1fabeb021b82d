"""Words that may stand for one another without changing the question, for more varied training sentences."""

import random
import re
from collections.abc import Mapping, Sequence
from typing import Any


class Swaps:
    """Reads `_swaps.toml`: groups of phrases; `after`, where given, are the words one of which must stand before."""

    def __init__(self, groups: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
        self._groups = [(_pattern(group), list(group["say"])) for group in groups.values()]

    def swap(self, sentence: str, rng: random.Random, *, chance: float = 0.5) -> str:
        """The normalised sentence with some of its phrases exchanged for others of their group."""
        for pattern, phrases in self._groups:
            if pattern.search(sentence) and rng.random() < chance:
                other = rng.choice(phrases)
                sentence = pattern.sub(lambda match, other=other: match[1] + other, sentence)  # type: ignore[misc]
        return sentence


def _pattern(group: Mapping[str, Any]) -> re.Pattern[str]:
    said = "|".join(re.escape(phrase) for phrase in sorted(group["say"], key=len, reverse=True))
    before = "|".join(re.escape(word) for word in group.get("after", ()))
    return re.compile(rf"(\b(?:{before}) )(?:{said})(?!\w)" if before else rf"(\b)(?:{said})(?!\w)")
