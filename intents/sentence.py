"""A message as words, read once: as typed and without tone marks."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from intents.normalise import fold, words

_MARKED = 0.4  # people who type tone marks mark most words; one word left over from a typing method marks none


@lru_cache(maxsize=20_000)
def plain(word: str) -> str:
    """One word without its tone marks."""
    return fold(word)


@dataclass(frozen=True, slots=True)
class Sentence:
    """`typed`: the words as typed; `folded`: the same without tone marks; `marked`: whether tone marks were typed."""

    typed: tuple[str, ...]
    folded: tuple[str, ...]
    marked: bool

    @staticmethod
    def of(text: str) -> "Sentence":
        """The words of `text`."""
        return Sentence.from_words(words(text))

    @staticmethod
    def from_words(typed: Iterable[str]) -> "Sentence":
        """A sentence of these words."""
        kept, folded, lettered, toned = [], [], 0, 0
        for word in typed:
            bare = plain(word)
            if not bare:
                continue
            kept.append(word)
            folded.append(bare)
            if not bare.isdigit():
                lettered += 1
                toned += word.lower() != bare
        return Sentence(tuple(kept), tuple(folded), lettered > 0 and toned >= _MARKED * lettered)

    def find(self, names: "Names") -> list[tuple[int, int, str]]:
        """(where, how many words, name) of the names that stand in the sentence, longer ones first, then in order."""
        found: list[tuple[int, int, str]] = []
        by_first = names.by_first
        for at, word in enumerate(self.folded):
            for name in by_first.get(word, ()):
                if self.folded[at : at + len(name)] == name:
                    found.append((at, len(name), " ".join(name)))
        found.sort(key=lambda hit: (-hit[1], hit[0]))
        return found


class Names:
    """Folded names by their first word."""

    def __init__(self, names: Iterable[str]) -> None:
        self.by_first: dict[str, list[tuple[str, ...]]] = {}
        for name in names:
            parts = tuple(name.split())
            if parts:
                self.by_first.setdefault(parts[0], []).append(parts)

    def stand_in(self, said: tuple[str, ...]) -> bool:
        """Whether one of the names stands among these folded words."""
        by_first = self.by_first
        for at, word in enumerate(said):
            for name in by_first.get(word, ()):
                if said[at : at + len(name)] == name:
                    return True
        return False
