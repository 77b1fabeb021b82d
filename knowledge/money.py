"""Amounts of a benefit, computed for a person from the dated values."""

from dataclasses import dataclass
from math import prod

from knowledge.benefits import AmountKind, AmountRule, Benefit
from knowledge.conditions import Known, judge
from knowledge.dated import Confidence, Source, Text, Unit, unique, weakest


@dataclass(frozen=True, slots=True)
class Amount:
    """One amount: `value` in `unit`. Not `certain`: it depends on what is not known; the label says on what."""

    label: Text
    value: int
    unit: Unit
    kind: AmountKind
    parameters: tuple[str, ...]
    sources: tuple[Source, ...]
    confidence: Confidence
    certain: bool


def amounts_of(benefit: Benefit, known: Known) -> tuple[Amount, ...]:
    """The amounts that the person may get; of one group the highest that surely applies, and what may be higher."""
    judged = [(rule, judge(rule.when, known)) for rule in benefit.amounts]
    shown = [
        (rule.group, _amount(rule, known, certain=verdict == "yes")) for rule, verdict in judged if verdict != "no"
    ]
    best: dict[str, int] = {}
    for group, amount in shown:
        if amount.certain:
            best[group] = max(best.get(group, 0), amount.value)
    return tuple(
        amount
        for group, amount in shown
        if not group or amount.value > best.get(group, 0) or (amount.certain and amount.value == best[group])
    )


def _amount(rule: AmountRule, known: Known, *, certain: bool) -> Amount:
    dated = [known.dated(name) for name in rule.parameters]
    entries = [entry for _, entry in dated]
    value, unit = prod(entry.number for entry in entries), dated[-1][0].unit
    paid, times = known.facts.get(rule.pays), known.facts.get(rule.times)
    if rule.kind == "product":
        unit = "VND"
    if isinstance(paid, int):
        value, unit = (paid * value // 100, "VND") if rule.kind == "share" else (min(value, paid), unit)
    if isinstance(times, int):
        value, unit = value * times, "VND"
    return Amount(
        label=rule.label,
        value=value,
        unit=unit,
        kind=rule.kind,
        parameters=rule.parameters,
        sources=unique(entry.source for entry in entries),
        confidence=weakest(entry.confidence for entry in entries),
        certain=certain,
    )
