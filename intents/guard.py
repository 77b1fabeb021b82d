"""Danger in plain words: phrases that make an emergency likely, and those that only sound so."""

import re
from collections.abc import Mapping, Sequence

from intents.normalise import fold


class Guard:
    """Reads `_guard.toml`: `danger` phrases, unless one of `harmless` stands in the message too."""

    def __init__(self, phrases: Mapping[str, Sequence[str]]) -> None:
        self._danger = _either(phrases.get("danger", ()))
        self._harmless = _either(phrases.get("harmless", ()))

    def warns(self, folded: str) -> bool:
        """Whether a folded message speaks of danger."""
        return bool(self._danger.search(folded)) and not self._harmless.search(folded)


def _either(phrases: Sequence[str]) -> re.Pattern[str]:
    folded = sorted({re.escape(fold(phrase)) for phrase in phrases}, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(folded)})\b" if folded else r"(?!)")
