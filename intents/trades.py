"""Trades as people name them, in an answer or in a running sentence."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from rapidfuzz import fuzz, process

from intents import lists
from intents.normalise import fold, normalise, words
from intents.sentence import Names, Sentence, plain
from intents.syllables import is_syllable

_LEAD = re.compile(
    r"^(?:(?:da|vang|a|em|toi|tui|minh|chi|anh|chau|con|muon|xin|cho|thich|dinh|hoc|nghe|lop|day|dang ky|dang|ky|khoa|"
    r"mon|lam|vao|duoc|theo|cai|ve)\s+)+"
)
_TAIL = re.compile(r"(?:\s+(?:a|nhe|nha|oi|di|thoi|em|nghe|nhen|ne|do|duoc khong|khong|chi|anh|co khong))+$")
_MOST = 4
_ENOUGH = 76.0


class TradeMatcher:
    """Finds the trades of a vocabulary: id -> (canonical name, everyday names…)."""

    def __init__(self, trades: Mapping[str, tuple[str, ...]]) -> None:
        self._canonical = {trade: names[0] for trade, names in trades.items() if names}
        self._names: dict[str, str] = {}
        self._toned: dict[str, set[str]] = {}
        self._spelt: dict[str, str] = {}
        for trade, names in trades.items():
            for name in names:
                self._names.setdefault(fold(name), trade)
                self._toned.setdefault(fold(name), set()).add(" ".join(words(name)).lower())
                self._spelt.setdefault(fold(name), name if _proper(name) else names[0])
        self._words = Names(self._names)

    def name(self, trade: str) -> str:
        """The canonical Vietnamese name of a trade id, "" when unknown."""
        return self._canonical.get(trade, "")

    def find(self, text: str) -> tuple[str, ...]:
        """The trades that an answer to "which trade?" can mean, at most four, best first."""
        body = fold(normalise(text))
        body = _TAIL.sub("", _LEAD.sub("", body + " ").strip()).strip()
        if not body:
            return ()
        if body in self._names:
            return (self._names[body],)
        inside = self._inside(Sentence.of(body))
        if inside:
            return (self._names[inside],)
        scored: dict[str, float] = {}
        for scorer, weight in ((fuzz.ratio, 1.0), (fuzz.token_set_ratio, 0.9)):
            for name, score, _ in process.extract(
                body, list(self._names), scorer=scorer, score_cutoff=_ENOUGH, limit=12
            ):
                trade = self._names[name]
                scored[trade] = max(scored.get(trade, 0.0), score * weight)
        ranked = sorted(scored.items(), key=lambda item: (-item[1], item[0]))
        return tuple(trade for trade, _ in ranked)[:_MOST]

    def mentioned(self, said: Sentence) -> tuple[str, str]:
        """The trade asked about in a running sentence and the name it was given, with tone marks; ("", "") when none.

        A trade that somebody only did before is none.
        """
        name = self._inside(said, cue=True)
        return (self._names[name], self._spelt[name]) if name else ("", "")

    def _inside(self, said: Sentence, *, cue: bool = False) -> str:
        for at, size, name in said.find(self._words):
            if said.marked and not self._agrees(name, said.typed[at : at + size]):
                continue
            if not cue or (_meant(said, at, size) and not _past(said, at)):
                return name
        return ""

    def _agrees(self, name: str, typed: Sequence[str]) -> bool:
        """Whether the words as typed can be the trade `name`; in longer names marks may be missing here and there."""
        low = [word.lower() for word in typed]
        if " ".join(low) in self._toned[name]:
            return True
        return len(low) > 1 and any(
            all(word in (wanted, plain(wanted)) for word, wanted in zip(low, spelt.split(), strict=False))
            for spelt in self._toned[name]
        )


def _proper(name: str) -> bool:
    """Whether a name is Vietnamese throughout: "nail" and "make up" are told by their trade's own name."""
    return all(is_syllable(word.lower()) for word in words(name))


def _meant(said: Sentence, at: int, size: int) -> bool:
    """Whether the words at `at` are a trade asked about: "lớp", "học", "nghề" before them, or no life at home."""
    before = said.folded[max(0, at - 3) : at]
    if not _cued(before):
        done = any(word in lists.words("trade", "done") for word in said.folded[max(0, at - 4) : at])
        return size > 1 and not done and said.folded[at] not in lists.words("trade", "life")
    if size > 1 or (said.marked and before[-1] in lists.words("trade", "named")):
        return True
    after = said.folded[at + 1] if at + 1 < len(said.folded) else ""
    apart, word = lists.table("trade"), said.folded[at]
    return after not in apart["not_before"].get(word, ()) and before[-1] not in apart["not_after"].get(word, ())


def _cued(before: Sequence[str]) -> bool:
    cues = lists.words("trade", "cues")
    return any(word in cues for word in before) or any(" ".join(pair) in cues for pair in pairwise(before))


def _past(said: Sentence, at: int) -> bool:
    """Whether the trade at `at` was learnt or done before ("đã học may", "năm ngoái học hàn")."""
    folded = " ".join(said.folded[max(0, at - 5) : at])
    if any(phrase in folded for phrase in lists.words("trade", "asked_for")):
        return False  # "đã ghi danh lớp may" is about a class to come
    before = [word.lower() for word in said.typed[max(0, at - 5) : at]]
    if any(word in lists.words("trade", "past") for word in before):
        return "chua" not in said.folded[at:]  # "đã được học lái xe chưa?" asks about what is to come
    return any(phrase in folded for phrase in lists.words("trade", "just_done"))
