"""Sentences that say the same in nearly the same words: what officers teach is compared so, without training.

Two sentences are near when they hold the same words (tone marks, spelling leftovers, polite words and their order
aside), or all but one misspelt word. Numbers, and tone marks that both writers typed, must agree.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

from intents.normalise import normalise
from intents.sentence import Sentence, plain
from intents.syllables import is_syllable

FEWEST_WORDS = 2  # a word alone says too little to be taught
_BEFORE = frozenset({"dạ", "da", "alo", "thưa", "ạ", "à"})
_AFTER = frozenset({"ạ", "a", "vậy", "nhỉ", "nhé", "nhe", "hả", "ơi", "oi", "ad", "z"})
_CALLED = frozenset({"em", "anh", "chi", "co", "chu", "bac", "ad", "can bo"})
_CALLING = frozenset({"ơi", "oi"})
_ME = {"em": "toi", "minh": "toi", "chau": "toi", "tui": "toi"}  # who asks says so in many ways
_OPENINGS = (("cho", "toi", "hoi"), ("cho", "hoi"), ("xin", "hoi"), ("toi", "hoi"), ("hoi",))
_SAME_ORDER = 60.0  # fuzz.ratio from which the same words in another order say the same
_MISSPELT = 4  # letters from which a word one letter away may be a misspelling
_ALIKE = 84.0  # token_sort_ratio from which two questions are shown together
Target = TypeVar("Target")


@dataclass(frozen=True, slots=True)
class Form:
    """A sentence made comparable: `words` without tone marks in order, `toned` the same as they were typed."""

    words: tuple[str, ...]
    toned: tuple[str, ...]
    marked: bool

    @property
    def bag(self) -> tuple[str, ...]:
        """The words in alphabetical order."""
        return tuple(sorted(self.words))


def form(text: str) -> Form:
    """The form of `text` as a person typed it."""
    pairs = _without_manners([(plain(word), word) for word in normalise(text).split()])
    pairs = [(_ME.get(word, word), typed) for word, typed in pairs]
    asked = next((len(o) for o in _OPENINGS if tuple(w for w, _ in pairs[: len(o)]) == o), 0)
    pairs = pairs[asked:] or pairs
    return Form(tuple(w for w, _ in pairs), tuple(t for _, t in pairs), Sentence.of(text).marked)


def _without_manners(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Without "dạ", "em ơi" before and "ạ", "vậy em" after: where marks are missing, "vay" may be a loan and stays."""
    while pairs and (said := 1 if pairs[0][1] in _BEFORE else _called(pairs)):
        pairs = pairs[said:]
    while pairs:
        called = len(pairs) > 1 and pairs[-1][0] in _CALLED and pairs[-2][1] in _AFTER
        if not called and pairs[-1][1] not in _AFTER:
            break
        pairs = pairs[:-1]
    return pairs


def _called(pairs: list[tuple[str, str]]) -> int:
    """How many words at the beginning call somebody: "em ơi", "cán bộ ơi"."""
    for count in (2, 3):
        words = " ".join(word for word, _ in pairs[: count - 1])
        if len(pairs) >= count and pairs[count - 1][1] in _CALLING and words in _CALLED:
            return count
    return 0


def near(one: Form, other: Form) -> bool:
    """Whether both say the same; see the module."""
    if one.bag != other.bag and not _one_misspelt(one, other):
        return False
    if fuzz.ratio(" ".join(one.words), " ".join(other.words)) < _SAME_ORDER:
        return False
    return not (one.marked and other.marked) or _same_marks(one, other)


def _one_misspelt(one: Form, other: Form) -> bool:
    here, there = Counter(one.words), Counter(other.words)
    mine, yours = list((here - there).elements()), list((there - here).elements())
    if len(mine) != 1 or len(yours) != 1:
        return False
    word, twin = mine[0], yours[0]
    if min(len(word), len(twin)) < _MISSPELT or (is_syllable(word) and is_syllable(twin)):
        return False
    return not (word.isdigit() or twin.isdigit()) and Levenshtein.distance(word, twin, score_cutoff=1) <= 1


def _same_marks(one: Form, other: Form) -> bool:
    """Both write marks, and the same ones: there "mấy" is not "may"."""
    mine, yours = _spellings(one), _spellings(other)
    return all(word not in yours or typed & yours[word] for word, typed in mine.items())


def _spellings(said: Form) -> dict[str, set[str]]:
    """Word -> how it was spelt; whoever asks is one word however called."""
    found: dict[str, set[str]] = {}
    for word, typed in zip(said.words, said.toned, strict=True):
        found.setdefault(word, set()).add(typed if plain(typed) == word else "tôi")
    return found


@dataclass(frozen=True, slots=True)
class Phrase(Generic[Target]):
    """A sentence taught in a place ("" is everywhere) and what it stands for."""

    place: str
    text: str
    target: Target


class NearBook(Generic[Target]):
    """Phrases by their words: a look-up costs the same for ten and for ten thousand."""

    def __init__(self, phrases: Iterable[Phrase[Target]] = ()) -> None:
        self._by_bag: dict[tuple[str, tuple[str, ...]], list[tuple[Form, Phrase[Target]]]] = {}
        self._but_one: dict[tuple[str, tuple[str, ...]], list[tuple[Form, Phrase[Target]]]] = {}
        self._places: set[str] = set()
        for phrase in phrases:
            said = form(phrase.text)
            if not said.words:
                continue
            self._places.add(phrase.place)
            self._by_bag.setdefault((phrase.place, said.bag), []).append((said, phrase))
            for rest in _without_one(said.bag):
                self._but_one.setdefault((phrase.place, rest), []).append((said, phrase))

    def find(self, text: str, place: str = "") -> Phrase[Target] | None:
        """The phrase that `text` says: the place's own before those for everywhere, the same words before misspelt."""
        return self.of(form(text), place) if self._places & {place, ""} else None

    def of(self, said: Form, place: str = "") -> Phrase[Target] | None:
        """The same for a form made before."""
        for where in dict.fromkeys((place, "")):
            for known, phrase in self._candidates(where, said.bag):
                if near(said, known):
                    return phrase
        return None

    def _candidates(self, place: str, bag: tuple[str, ...]) -> Iterable[tuple[Form, Phrase[Target]]]:
        yield from self._by_bag.get((place, bag), ())
        for rest in _without_one(bag):
            yield from self._but_one.get((place, rest), ())


def _without_one(bag: tuple[str, ...]) -> set[tuple[str, ...]]:
    """The words without each of those that may be misspelt."""
    return {bag[:at] + bag[at + 1 :] for at, word in enumerate(bag) if len(word) >= _MISSPELT - 1}


def key(text: str) -> str:
    """What two people who teach the same sentence have in common: its words without marks and polite words."""
    return " ".join(form(text).words)


def teachable(text: str) -> bool:
    """Whether it has words enough to be known again."""
    return len(form(text).words) >= FEWEST_WORDS


def grouped(texts: Sequence[str]) -> list[list[int]]:
    """Indices of texts that are alike, the largest group first; within a group the commonest wording first."""
    by_key: dict[str, list[int]] = {}
    for at, text in enumerate(texts):
        by_key.setdefault(key(text), []).append(at)
    keys = sorted(by_key, key=lambda k: (-len(by_key[k]), by_key[k][0]))
    bags = [" ".join(sorted(k.split())) for k in keys]  # sorted once: the same as token_sort_ratio
    alike = process.cdist(bags, bags, scorer=fuzz.ratio, score_cutoff=_ALIKE, dtype=np.uint8) >= _ALIKE
    groups: list[list[int]] = []
    free = np.ones(len(keys), bool)
    for at, leader in enumerate(keys):
        if free[at]:
            others = [int(n) for n in np.flatnonzero(alike[at] & free) if n != at]
            free[[at, *others]] = False
            groups.append([*by_key[leader], *(i for n in others for i in by_key[keys[n]])])
    return sorted(groups, key=len, reverse=True)
