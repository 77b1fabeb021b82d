"""Trades as people name them, in an answer or in a running sentence."""

import re
from collections.abc import Mapping, Sequence

from rapidfuzz import fuzz, process

from intents import lists
from intents.normalise import fold, normalise, words
from intents.sentence import Sentence
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
        self._longest = max((name.count(" ") + 1 for name in self._names), default=0)

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
        for at, size, name in said.runs(self._longest):
            if name not in self._names:
                continue
            typed = " ".join(said.typed[at : at + size]).lower()
            if said.marked and typed not in self._toned[name] and (size == 1 or typed != name):
                continue
            if not cue or (_meant(said.folded, at, size) and not _past(said, at)):
                return name
        return ""


def _proper(name: str) -> bool:
    """Whether a name is Vietnamese throughout: "nail" and "make up" are told by their trade's own name."""
    return all(is_syllable(word.lower()) for word in words(name))


def _meant(folded: Sequence[str], at: int, size: int) -> bool:
    """Whether the words at `at` are a trade asked about: "lớp", "học", "nghề" before them, or no life at home."""
    before = folded[max(0, at - 3) : at]
    if not any(word in lists.words("trade", "cues") for word in before):
        done = any(word in lists.words("trade", "done") for word in folded[max(0, at - 4) : at])
        return size > 1 and not done and folded[at] not in lists.words("trade", "life")
    if size > 1:
        return True
    after = folded[at + 1] if at + 1 < len(folded) else ""
    apart = lists.table("trade")
    return after not in apart["not_before"].get(folded[at], ()) and before[-1] not in apart["not_after"].get(
        folded[at], ()
    )


def _past(said: Sentence, at: int) -> bool:
    """Whether the trade at `at` was learnt or done before ("đã học may", "năm ngoái học hàn")."""
    before = [word.lower() for word in said.typed[max(0, at - 5) : at]]
    if any(word in lists.words("trade", "past") for word in before):
        return True
    folded = " ".join(said.folded[max(0, at - 5) : at])
    return any(phrase in folded for phrase in lists.words("trade", "just_done"))
