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
        kept = [(word, bare) for word in typed if (bare := plain(word))]
        lettered = [(word, bare) for word, bare in kept if not bare.isdigit()]
        toned = sum(word.lower() != bare for word, bare in lettered)
        return Sentence(
            tuple(word for word, _ in kept),
            tuple(bare for _, bare in kept),
            bool(lettered) and toned >= _MARKED * len(lettered),
        )

    def runs(self, longest: int, shortest: int = 1) -> Iterable[tuple[int, int, str]]:
        """(where, how many, the folded words) of every run of at most `longest` words, longer runs first."""
        for size in range(min(longest, len(self.folded)), shortest - 1, -1):
            for at in range(len(self.folded) - size + 1):
                yield at, size, " ".join(self.folded[at : at + size])
