"""What would change if these words were taught: tried against all cases and what people asked lately. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from bot.dialogue import danger
from bot.dialogue.scrubbing import scrub
from bot.dialogue.world import Understanding
from bot.local import LOCAL, LocalBook
from intents.cases import NOTHING, Case
from intents.near import Form, NearBook, Phrase, form, key, teachable
from intents.recogniser import ACTS, EMERGENCY, OUT_OF_SCOPE, Recognition

MOST_SHOWN = 20
_MONEY = re.compile(
    r"(?i)\d[\d.,]*\s*(?:đồng|đ\b|vnđ|vnd|k\b|nghìn|ngàn|triệu|tr\b|tỷ|tỉ|%|phần trăm)"
    r"|\b(?:một|hai|ba|bốn|năm|sáu|bảy|tám|chín|mười|mươi|trăm|rưỡi)\s+(?:nghìn|ngàn|triệu|tỷ|tỉ|phần trăm)\b"
)
_DATE = re.compile(
    r"(?i)\b\d{1,2}\s*[/.\-]\s*\d{1,2}(?:\s*[/.\-]\s*\d{2,4})?\b|\b(?:ngày|mùng|mồng)\s+\d|\btháng\s+\d|\bnăm\s+\d{4}"
)
_PHONE = re.compile(r"\+?\d[\d .\-]{7,}\d")


@dataclass(frozen=True, slots=True)
class Refused:
    """Why these words cannot be taught. `why`: "case" (`text` is it, `means` its label), "heeded" (they do something
    already: stop, an officer, danger …), "short".
    """

    why: Literal["case", "heeded", "short"]
    text: str
    means: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A sentence that is understood as `means` (a topic, or LOCAL and a number) today and would be no longer."""

    text: str
    means: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What teaching would do. `answered`: questions of lately that would find an answer."""

    refused: tuple[Refused, ...] = ()
    changes: tuple[Change, ...] = ()
    answered: int = 0


def names_amount_or_day(text: str) -> bool:
    """Whether an answer states money or a day: then it must say what it rests on. Phone numbers are neither."""
    said = _PHONE.sub(" ", text) if not _MONEY.search(text) else text
    return bool(_MONEY.search(said) or _DATE.search(said))


class Trier:
    """Tries lessons in the communes `places`, where people are understood by `mind` and what was taught, `book`."""

    def __init__(self, mind: Understanding, book: LocalBook, places: Sequence[str], cases: Iterable[Case]) -> None:
        self._mind = mind
        self._book = book
        self._places = places
        self._cases = tuple(cases)

    def try_out(self, phrases: Sequence[str], target: str, asked: Iterable[str]) -> Trial:
        """`asked`: what people wrote lately, as they wrote it; what is shown of it is scrubbed."""
        refused = [r for phrase in phrases if (r := self._unfit(phrase))]
        taught = NearBook(Phrase("", phrase, target) for phrase in phrases)
        refused += [
            Refused("case", c.text, c.label) for c in self._cases if _breaks(c, target) and taught.of(_form_of(c))
        ]
        changes: dict[str, Change] = {}
        answered = 0
        for text in (*phrases, *asked):
            if taught.find(text) is None:
                continue
            means = self.meaning(text)
            if not means:
                answered += 1
            elif means != target:
                changes.setdefault(key(text), Change(scrub(text), means))
        own = sum(not self.meaning(phrase) for phrase in phrases)
        return Trial(tuple(refused), tuple(changes.values())[:MOST_SHOWN], answered - own)

    def meaning(self, text: str) -> str:
        """What `text` is answered with today in these communes, "" when nothing is."""
        for place in self._places:
            if found := self._book.phrases.find(text, place):
                return found.target
        recognition = self._mind.recogniser.recognise(text)
        known = recognition.decision == "answer" and recognition.best != OUT_OF_SCOPE
        return recognition.best if known else ""

    def likely(self, text: str, *, most: int = 3, least: float = 0.05) -> tuple[str, ...]:
        """The topics that it may be about, likeliest first; none when there is no telling."""
        return tuple(
            t.topic for t in self._recognised(text).topics[:most] if t.score >= least and teachable_as(t.topic)
        )

    def _recognised(self, text: str) -> Recognition:
        return self._mind.recogniser.recognise(text)

    def _unfit(self, phrase: str) -> Refused | None:
        recognition = self._recognised(phrase)
        acts = recognition.decision == "answer" and recognition.best in ACTS | {EMERGENCY}
        if acts or danger.heard(recognition, phrase, answers=False):
            return Refused("heeded", phrase, recognition.best if acts else EMERGENCY)
        if self._mind.commands.read(phrase) is not None:
            return Refused("heeded", phrase)
        return None if teachable(phrase) else Refused("short", phrase)


@cache  # the cases stay the same; what people write is never kept here
def _form_of(case: Case) -> Form:
    return form(case.text)


def teachable_as(topic: str) -> bool:
    """Whether an officer may say that a question is about it: acts are recognised, not taught."""
    return topic not in ACTS and topic not in (EMERGENCY, OUT_OF_SCOPE)


def _breaks(case: Case, target: str) -> bool:
    """A case of ours keeps its meaning; one that is not ours may get a commune's own answer, but no topic of ours."""
    if case.label == NOTHING:
        return not target.startswith(LOCAL)
    return not case.allows(target)
