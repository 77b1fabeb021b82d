"""The next question of the interview: the one that can still change the most outcomes."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from knowledge.benefits import Benefit, Choice, Fact, QuestionKind
from knowledge.catalogue import Catalogue
from knowledge.conditions import Compare, Condition, Doubt, Facts, Known, Never, compare, judge, leaves
from knowledge.dated import NATION, Text, Where
from knowledge.person import in_play, ready, understood


@dataclass(frozen=True, slots=True)
class Question:
    """A question to the person. "Không biết" is always an answer (`DONT_KNOW`) and stands in no list of choices."""

    fact: str
    kind: QuestionKind
    text: Text
    hint: Text
    easier: Text
    choices: tuple[Choice, ...]
    low: int
    high: int
    sensitive: bool


def next_question(
    facts: Facts,
    *,
    where: Where = NATION,
    on: date,
    catalogue: Catalogue,
    benefits: Collection[str] = (),
    amounts: bool = False,
) -> Question | None:
    """The question that can still change the most outcomes, or None when none can.

    With `amounts`, what only the money depends on is asked after that, for benefits that may be had.
    """
    known = understood(facts, where=where, on=on, catalogue=catalogue, requested=bool(benefits))
    offered = in_play(known, where=where, on=on, catalogue=catalogue, benefits=benefits)
    wanted: dict[str, int] = {}
    for benefit in offered:
        concerns = judge(benefit.when, known)
        condition = benefit.when if concerns == "open" else benefit.rule
        for fact in _live(condition, known, catalogue):
            wanted[fact] = wanted.get(fact, 0) + 1
    if not wanted and amounts:
        wanted = _for_money(offered, known, catalogue)
    if not wanted:
        return None
    order = list(catalogue.facts)
    return question(catalogue.facts[min(wanted, key=lambda fact: (-wanted[fact], order.index(fact)))])


def question(fact: Fact) -> Question:
    """The question by which a fact is asked; also for asking one again."""
    return Question(
        fact.id, fact.kind, fact.text, fact.hint, fact.easier, fact.choices, fact.low, fact.high, fact.sensitive
    )


def _live(condition: Condition, known: Known, catalogue: Catalogue) -> set[str]:
    """The facts that are not known and can still change the verdict of a condition, and may be asked now."""
    if isinstance(condition, Compare):
        asked = compare(condition, known) == "open" and ready(catalogue.facts[condition.fact], known)
        return {condition.fact} if asked else set()
    if isinstance(condition, Never):
        return _live(condition.part, known, catalogue)
    if isinstance(condition, Doubt) or judge(condition, known) != "open":
        return set()
    return {fact for part in condition.parts for fact in _live(part, known, catalogue)}


def _for_money(offered: list[Benefit], known: Known, catalogue: Catalogue) -> dict[str, int]:
    """Facts that only amounts depend on, of benefits that are not out of reach."""
    wanted: dict[str, int] = {}
    for benefit in offered:
        if judge(benefit.rule, known) == "no":
            continue
        for amount in benefit.amounts:
            if judge(amount.when, known) == "no":
                continue
            for name in (*(leaf.fact for leaf in leaves(amount.when)), amount.times):
                fact = catalogue.facts.get(name)
                if fact and fact.ask == "amount" and name not in known.facts and ready(fact, known):
                    wanted[name] = wanted.get(name, 0) + 1
    return wanted
