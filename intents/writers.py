"""Honest validation: train on all writers but one, test on that one, for each writer."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from intents import training
from intents.catalogue import IntentData
from intents.evaluation import Item, Outcome, Report, Share, report
from intents.normalise import fold
from intents.recogniser import ACTS, EMERGENCY, OUT_OF_SCOPE
from intents.slots import Slots


@dataclass(frozen=True, slots=True)
class Threshold:
    """From the share `least` on: the share of questions answered, and the share of all sentences answered wrongly."""

    least: float
    answered: float
    wrong: float


@dataclass(frozen=True, slots=True)
class WritersReport:
    """One report a writer, and one over all; `toneless` is `top1` of the same sentences without tone marks."""

    by_writer: Mapping[str, Report]
    total: Report
    toneless: Share

    @property
    def mean(self) -> float:
        """Mean `top1` over the writers."""
        return statistics.fmean(r.total.top1.value for r in self.by_writer.values())

    @property
    def spread(self) -> float:
        """Standard deviation of `top1` over the writers."""
        values = [r.total.top1.value for r in self.by_writer.values()]
        return statistics.stdev(values) if len(values) > 1 else 0.0

    def thresholds(self, steps: Sequence[float] = (0.8, 0.84, 0.88, 0.9, 0.92, 0.94, 0.96)) -> list[Threshold]:
        """What would be answered, and wrongly answered, from each share on: for choosing `bands.answer`."""
        outcomes = [o for o in self.total.outcomes if o.found.topics]
        ours = [o for o in outcomes if o.item.ours]
        found: list[Threshold] = []
        for least in steps:
            answered = [o for o in outcomes if o.found.topics[0].score >= least]
            wrong = [o for o in answered if not o.right and o.found.best != EMERGENCY and _counts(o.item)]
            share = sum(o.found.topics[0].score >= least for o in ours) / max(len(ours), 1)
            found.append(Threshold(least, share, len(wrong) / max(len(self.total.outcomes), 1)))
        return found

    def to_json(self) -> dict[str, Any]:
        """Figures in the shape of `hocnghe eval --json`, with one entry a writer."""
        return {
            **self.total.to_json(),
            "mean": round(self.mean, 4),
            "spread": round(self.spread, 4),
            "top1_toneless": round(self.toneless.value, 4),
            "by_writer": {writer: figures.total.to_json() for writer, figures in self.by_writer.items()},
        }


def writers_disjoint(
    data: IntentData, *, progress: Callable[[float, str], None] = lambda _s, _w: None
) -> WritersReport:
    """Train once for each writer without that writer's sentences and test on them (some minutes of one core)."""
    writers = sorted({phrase.writer for _, phrase in data.phrases()})
    reports: dict[str, Report] = {}
    toneless: list[bool] = []
    for at, writer in enumerate(writers):
        progress(at / len(writers), writer)
        rest = without(data, writer)
        trained = training.of(training.train(rest), rest)
        held = [(topic, phrase) for topic, phrase in data.phrases() if phrase.writer == writer]
        outcomes = []
        for number, (topic, phrase) in enumerate(held):
            item = Item(f"{writer}-{number}", phrase.text, (*_labels(topic), *phrase.also), writer)
            outcomes.append(Outcome(item, trained.recognise(phrase.text), Slots()))
            if item.ours:
                toneless.append(trained.recognise(fold(phrase.text)).best in item.labels)
        reports[writer] = report(outcomes)
    total = report([outcome for figures in reports.values() for outcome in figures.outcomes])
    return WritersReport(reports, total, Share(sum(toneless), len(toneless)))


def without(data: IntentData, writer: str) -> IntentData:
    """`data` without the sentences of one writer, those looked up as whole messages too (acts stay)."""
    held = {fold(phrase.text) for _, phrase in data.phrases() if phrase.writer == writer}
    return replace(
        data,
        topics=tuple(replace(t, phrases=tuple(p for p in t.phrases if p.writer != writer)) for t in data.topics),
        whole={said: topic for said, topic in data.whole.items() if topic in ACTS or said not in held},
    )


def _counts(item: Item) -> bool:
    return item.ours or item.foreign


def _labels(topic: str) -> tuple[str, ...]:
    """As questions are labelled: emergencies are out of scope, the benefit may be answered or declined."""
    if topic == EMERGENCY:
        return (OUT_OF_SCOPE,)
    return (topic, OUT_OF_SCOPE) if topic == "unemployment_benefit" else (topic,)
