"""Conditions over the facts of a person, with two kinds of not knowing: not asked yet, and nobody here can tell."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from knowledge.dated import Entry, NotInForce, Parameter, Source, Text

DONT_KNOW: Final = "dont_know"
"""The answer "không biết": never asked again; leads to the officer where it matters."""

FactValue = str | int | bool | Sequence[str]
Facts = Mapping[str, FactValue]
Verdict = Literal["yes", "no", "open", "officer"]
"""`open`: a question can still settle it; `officer`: the person or the law leaves it uncertain."""

Operator = Literal["is", "has", "at_least", "at_most", "less_than", "more_than"]


@dataclass(frozen=True, slots=True)
class Compare:
    """A comparison of one fact; `operand` is a parameter for numbers, else the accepted values.

    `unsure`: values for which the law itself leaves the matter to the officer. The texts are the reasons shown to the
    person; `see` names a topic to be offered when the condition is not met.
    """

    fact: str
    operator: Operator
    operand: tuple[str, ...]
    unsure: tuple[str, ...] = ()
    met: Text | None = None
    unmet: Text | None = None
    doubt: Text | None = None
    see: str = ""
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Every:
    """All of the conditions."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one of the conditions."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Never:
    """Not the condition."""

    part: "Condition"


@dataclass(frozen=True, slots=True)
class Doubt:
    """What the law, or our knowledge of it, leaves to the officer whoever the person is."""

    text: Text
    source: Source | None


Condition = Compare | Every | Some | Never | Doubt
ALWAYS: Final = Every(())


@dataclass(frozen=True, slots=True)
class Known:
    """What a condition is judged against: the facts, the values of the law, and which facts can still be asked.

    `judged` remembers verdicts by the condition's identity (and keeps the condition, so that no identity comes again).
    """

    facts: Facts
    dated: Callable[[str], tuple[Parameter, Entry]]
    askable: Callable[[str], bool]
    judged: dict[int, tuple[Condition, Verdict]] = field(default_factory=dict, compare=False, repr=False)


def leaves(condition: Condition) -> Iterator[Compare]:
    """Every comparison of a condition, in the order of the file."""
    if isinstance(condition, Compare):
        yield condition
    elif isinstance(condition, Never):
        yield from leaves(condition.part)
    elif not isinstance(condition, Doubt):
        for part in condition.parts:
            yield from leaves(part)


def doubts(condition: Condition) -> Iterator[Doubt]:
    """Everything in a condition that is left to the officer whoever the person is."""
    if isinstance(condition, Doubt):
        yield condition
    elif isinstance(condition, Never):
        yield from doubts(condition.part)
    elif not isinstance(condition, Compare):
        for part in condition.parts:
            yield from doubts(part)


def judge(condition: Condition, known: Known) -> Verdict:
    """Whether the condition is met, not met, still open, or for the officer to say."""
    remembered = known.judged.get(id(condition))
    if remembered is None:
        remembered = known.judged[id(condition)] = (condition, _judged(condition, known))
    return remembered[1]


def _judged(condition: Condition, known: Known) -> Verdict:
    if isinstance(condition, Compare):
        return compare(condition, known)
    if isinstance(condition, Doubt):
        return "officer"
    if isinstance(condition, Never):
        inner = judge(condition.part, known)
        return "no" if inner == "yes" else "yes" if inner == "no" else inner
    settled: Verdict = "no" if isinstance(condition, Every) else "yes"
    verdict: Verdict = "yes" if settled == "no" else "no"
    for part in condition.parts:
        judged = judge(part, known)
        if judged == settled:
            return settled
        if judged == "open" or (judged == "officer" and verdict != "open"):
            verdict = judged
    return verdict


def compare(leaf: Compare, known: Known) -> Verdict:
    """The verdict of one comparison."""
    value = known.facts.get(leaf.fact)
    if value is None:
        return "open" if known.askable(leaf.fact) else "officer"
    if value == DONT_KNOW:
        return "officer"
    if leaf.operator in ("is", "has"):
        said = _words(value)
        if any(word in leaf.operand for word in said):
            return "yes"
        return "officer" if any(word in leaf.unsure for word in said) else "no"
    return _measure(leaf, value, known)


def _measure(leaf: Compare, value: FactValue, known: Known) -> Verdict:
    """A number against a limit of the law; without a limit in force on that day nobody here can tell."""
    if not isinstance(value, int):
        return "officer"
    try:
        limit = known.dated(leaf.operand[0])[1].number
    except NotInForce:
        return "officer"
    return "yes" if _holds(leaf.operator, value, limit) else "no"


def _words(value: FactValue) -> tuple[str, ...]:
    if isinstance(value, bool):
        return ("yes" if value else "no",)
    if isinstance(value, str):
        return (value,)
    return (str(value),) if isinstance(value, int) else tuple(value)


def _holds(operator: Operator, value: int, limit: int) -> bool:
    if operator == "at_least":
        return value >= limit
    if operator == "at_most":
        return value <= limit
    return value < limit if operator == "less_than" else value > limit
