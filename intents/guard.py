"""Danger in plain words: phrases that make an emergency likely, and those that only sound so."""

from collections.abc import Mapping, Sequence

from intents.normalise import fold
from intents.sentence import Names


class Guard:
    """Reads `_guard.toml`: `danger` phrases, unless one of `harmless` stands in the message too."""

    def __init__(self, phrases: Mapping[str, Sequence[str]]) -> None:
        self._danger = Names(map(fold, phrases.get("danger", ())))
        self._harmless = Names(map(fold, phrases.get("harmless", ())))

    def warns(self, folded: str) -> bool:
        """Whether a folded message speaks of danger."""
        said = tuple(folded.split())
        return self._danger.stand_in(said) and not self._harmless.stand_in(said)
