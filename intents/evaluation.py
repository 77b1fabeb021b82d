"""Figures of understanding over labelled questions, scored as docs and `hocnghe eval` say."""

import json
import math
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from intents.normalise import fold
from intents.recogniser import ACTS, EMERGENCY, OUT_OF_SCOPE, Recognition
from intents.slots import Slots

SLOTS = ("trade", "household_type", "age", "commune", "phone", "country")


@dataclass(frozen=True, slots=True)
class Item:
    """A labelled question; `labels` are all acceptable, a list of slot values means any of them."""

    id: str
    text: str
    labels: tuple[str, ...]
    style: str = ""
    slots: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ours(self) -> bool:
        """Whether the question counts among those in scope."""
        return OUT_OF_SCOPE not in self.labels

    @property
    def foreign(self) -> bool:
        """Whether the question is out of scope and nothing else."""
        return self.labels == (OUT_OF_SCOPE,)


@dataclass(frozen=True, slots=True)
class Share:
    """A share of `n` with its Wilson 95 % interval."""

    hits: int
    n: int

    @property
    def value(self) -> float:
        """Hits ÷ n, 0 when there is nothing to count."""
        return self.hits / self.n if self.n else 0.0

    def interval(self) -> tuple[float, float]:
        """Wilson score interval, 95 %."""
        if not self.n:
            return (0.0, 1.0)
        z = 1.96
        middle = (self.value + z * z / (2 * self.n)) / (1 + z * z / self.n)
        half = z * math.sqrt(self.value * (1 - self.value) / self.n + z * z / (4 * self.n**2)) / (1 + z * z / self.n)
        return (max(0.0, middle - half), min(1.0, middle + half))


@dataclass(frozen=True, slots=True)
class Figures:
    """The shares of one set of questions."""

    n: int
    top1: Share
    one_tap: Share
    answered: Share
    wrong_answer_rate: Share
    oos_answered: Share
    oos_refused: Share

    def to_json(self) -> dict[str, Any]:
        """The shares between 0 and 1, and the interval of `top1`."""
        names = ("top1", "one_tap", "answered", "wrong_answer_rate", "oos_answered", "oos_refused")
        shares: dict[str, Any] = {name: round(getattr(self, name).value, 4) for name in names}
        return {"n": self.n, **shares, "top1_95": [round(end, 4) for end in self.top1.interval()]}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question and what was understood."""

    item: Item
    found: Recognition
    slots: Slots
    ms: float = 0.0

    @property
    def right(self) -> bool:
        """Whether the best topic is acceptable."""
        return self.found.best in self.item.labels

    @property
    def wrong_answer(self) -> bool:
        """Whether a wrong topic was answered; an emergency on a foreign question counts as refused."""
        if self.found.decision != "answer" or (self.item.foreign and self.found.best == EMERGENCY):
            return False
        return not self.right and (self.item.ours or self.item.foreign)

    @property
    def one_tap(self) -> bool:
        """Whether the right topic was answered or offered."""
        offered = self.found.decision == "clarify" and any(t.topic in self.item.labels for t in self.found.topics)
        return offered or (self.found.decision == "answer" and self.right)


@dataclass(frozen=True, slots=True)
class Report:
    """All figures, by style too, with slots and latency in milliseconds."""

    total: Figures
    by_style: Mapping[str, Figures]
    slots: Mapping[str, Mapping[str, float]]
    ms_p50: float
    ms_p99: float
    outcomes: tuple[Outcome, ...]

    def to_json(self) -> dict[str, Any]:
        """The shape of `hocnghe eval --json`."""
        return {
            **self.total.to_json(),
            "slots": {name: dict(figures) for name, figures in self.slots.items()},
            "by_style": {style: figures.to_json() for style, figures in self.by_style.items()},
            "ms_p50": round(self.ms_p50, 3),
            "ms_p99": round(self.ms_p99, 3),
        }

    def confusions(self, most: int = 20) -> list[tuple[str, str, int]]:
        """The pairs (first label, best topic, how often) taken for one another, commonest first."""
        pairs = Counter((o.item.labels[0], o.found.best) for o in self.outcomes if o.item.ours and not o.right)
        return [(wanted, got, count) for (wanted, got), count in pairs.most_common(most)]

    def worst_topics(self, most: int = 10) -> list[tuple[str, Share]]:
        """The topics with the lowest `top1`."""
        seen: Counter[str] = Counter(o.item.labels[0] for o in self.outcomes if o.item.ours)
        right: Counter[str] = Counter(o.item.labels[0] for o in self.outcomes if o.item.ours and o.right)
        ranked = sorted(((topic, Share(right[topic], n)) for topic, n in seen.items()), key=lambda row: row[1].value)
        return ranked[:most]

    def wrong_answers(self) -> list[Outcome]:
        """The wrong answers, the surest first."""
        wrong = [outcome for outcome in self.outcomes if outcome.wrong_answer]
        return sorted(wrong, key=lambda outcome: -outcome.found.topics[0].score)


def items(lines: Iterable[str]) -> list[Item]:
    """Labelled questions from JSON lines (`id`, `text`, `labels`, `style`, `slots`)."""
    read = [json.loads(line) for line in lines if line.strip()]
    return [Item(str(r["id"]), r["text"], tuple(r["labels"]), r.get("style", ""), r.get("slots") or {}) for r in read]


def evaluate(
    questions: Sequence[Item],
    recognise: Callable[[str], Recognition],
    read_slots: Callable[[str], Slots] = lambda _text: Slots(),
    *,
    trade_of: Callable[[str], str] = lambda _name: "",
    progress: Callable[[float], None] = lambda _share: None,
) -> Report:
    """Recognise every question and count; `trade_of` gives the trade id of a name, so that synonyms are equal."""
    outcomes: list[Outcome] = []
    for at, item in enumerate(questions):
        start = time.perf_counter()
        found, slots = recognise(item.text), read_slots(item.text)
        outcomes.append(Outcome(item, found, slots, (time.perf_counter() - start) * 1000))
        progress((at + 1) / len(questions))
    return report(outcomes, trade_of=trade_of)


def report(outcomes: Sequence[Outcome], *, trade_of: Callable[[str], str] = lambda _name: "") -> Report:
    """The figures of outcomes."""
    times = sorted(outcome.ms for outcome in outcomes) or [0.0]
    styles = sorted({outcome.item.style for outcome in outcomes if outcome.item.style})
    return Report(
        figures(outcomes),
        {style: figures([o for o in outcomes if o.item.style == style]) for style in styles},
        slot_figures(outcomes, trade_of),
        times[len(times) // 2],
        times[min(len(times) - 1, math.ceil(len(times) * 0.99) - 1)],
        tuple(outcomes),
    )


def figures(outcomes: Sequence[Outcome]) -> Figures:
    """The shares over some outcomes."""
    ours = [o for o in outcomes if o.item.ours]
    foreign = [o for o in outcomes if o.item.foreign]
    refused = [o for o in foreign if o.found.decision == "unknown" or o.found.best == EMERGENCY]
    answered = [
        o for o in foreign if o.found.decision == "answer" and o.found.best not in ACTS and o.found.best != EMERGENCY
    ]
    return Figures(
        len(outcomes),
        Share(sum(o.right for o in ours), len(ours)),
        Share(sum(o.one_tap for o in ours), len(ours)),
        Share(sum(o.found.decision == "answer" for o in ours), len(ours)),
        Share(sum(o.wrong_answer for o in outcomes), len(outcomes)),
        Share(len(answered), len(foreign)),
        Share(len(refused), len(foreign)),
    )


def slot_figures(outcomes: Sequence[Outcome], trade_of: Callable[[str], str]) -> dict[str, dict[str, float]]:
    """Precision and recall of each slot and of all together, over in-scope questions."""
    counts: dict[str, list[int]] = {name: [0, 0, 0] for name in (*SLOTS, "all")}  # right, said, marked
    for outcome in outcomes:
        if not outcome.item.ours:
            continue
        for name in SLOTS:
            marked = outcome.item.slots.get(name)
            said = getattr(outcome.slots, "trade_said" if name == "trade" else name)
            right = bool(said and marked) and _agrees(name, marked, outcome.slots, trade_of)
            for row in (counts[name], counts["all"]):
                row[0] += right
                row[1] += bool(said)
                row[2] += bool(marked)
    return {
        name: {
            "precision": round(right / said, 4) if said else 1.0,
            "recall": round(right / n, 4) if n else 1.0,
            "n": n,
        }
        for name, (right, said, n) in counts.items()
    }


def _agrees(name: str, marked: Any, slots: Slots, trade_of: Callable[[str], str]) -> bool:
    values = marked if isinstance(marked, list) else [marked]
    said = slots.trade_said if name == "trade" else getattr(slots, name)
    if any(fold(str(value)) == fold(str(said)) for value in values):
        return True
    if name == "trade":
        return any(
            slots.trade == trade_of(str(v)) != "" or set(fold(str(v)).split()) <= set(fold(said).split())
            for v in values
        )
    bare = _no_kind(fold(str(said)))
    return name in {"commune", "country"} and any(_no_kind(fold(str(value))) == bare for value in values)


def _no_kind(name: str) -> str:
    for kind in ("thi tran ", "phuong ", "xa ", "ban ", "thon ", "ap ", "xom ", "buon ", "huyen ", "tinh "):
        name = name.removeprefix(kind)
    return name
