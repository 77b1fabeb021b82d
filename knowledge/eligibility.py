"""Eligibility: what a person may get, judged from what is known of them, and what to ask next."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final, Literal

from knowledge.benefits import Benefit, Choice, Fact, QuestionKind
from knowledge.catalogue import Catalogue
from knowledge.conditions import (
    DONT_KNOW,
    Compare,
    Condition,
    Doubt,
    Every,
    Facts,
    FactValue,
    Known,
    Never,
    Verdict,
    compare,
    judge,
    leaves,
)
from knowledge.dated import NATION, Confidence, Entry, Parameter, Source, Text, Where, unique, weakest
from knowledge.money import Amount, amounts_of

__all__ = ["DONT_KNOW", "Amount", "Outcome", "Question", "next_question", "screen"]

Result = Literal["likely", "unlikely", "ask_officer", "open"]
_RESULTS: Final[Mapping[Verdict, Result]] = {
    "yes": "likely",
    "no": "unlikely",
    "officer": "ask_officer",
    "open": "open",
}
_BEST_FIRST: Final[Mapping[Result, int]] = {"likely": 0, "ask_officer": 1, "open": 2, "unlikely": 3}


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


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is to be said of one benefit: never a decision. `duration`: id of a parameter, or "".

    `see`: topics to offer instead. `alternative`: a better outcome for the same purpose stands before this one; nobody
    can have both.
    """

    benefit: str
    title: Text
    verdict: Result
    reasons: tuple[Text, ...]
    remarks: tuple[Text, ...]
    amounts: tuple[Amount, ...]
    basis: tuple[Source, ...]
    papers: tuple[Text, ...]
    hand_in: Text
    duration: str
    confidence: Confidence
    topic: str
    see: tuple[str, ...]
    alternative: bool


def screen(
    facts: Facts, *, where: Where = NATION, on: date, catalogue: Catalogue, benefits: Collection[str] = ()
) -> tuple[Outcome, ...]:
    """What the person may get, best first. Benefits that do not concern them are left out.

    `benefits` limits the screening to these ids. An outcome is `open` while a question can still change it.
    """
    known = _known(facts, where, on, catalogue)
    in_play = _in_play(known, where, on, catalogue, benefits)
    judged = [(benefit, _verdict(benefit, known)) for benefit in in_play]
    judged.sort(key=lambda pair: (_BEST_FIRST[_RESULTS[pair[1]]], pair[0].rank))
    outcomes: list[Outcome] = []
    had: set[str] = set()
    for benefit, verdict in judged:
        outcomes.append(_outcome(benefit, verdict, known, catalogue, alternative=benefit.purpose in had))
        if verdict == "yes":
            had.add(benefit.purpose)
    return tuple(outcomes)


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
    known = _known(facts, where, on, catalogue)
    in_play = _in_play(known, where, on, catalogue, benefits)
    wanted: dict[str, int] = {}
    for benefit in in_play:
        concerns = judge(benefit.when, known)
        condition = benefit.when if concerns == "open" else benefit.rule
        for fact in _live(condition, known, catalogue):
            wanted[fact] = wanted.get(fact, 0) + 1
    if not wanted and amounts:
        wanted = _for_money(in_play, known, catalogue)
    if not wanted:
        return None
    order = list(catalogue.facts)
    return _question(catalogue.facts[min(wanted, key=lambda fact: (-wanted[fact], order.index(fact)))])


def _known(facts: Facts, where: Where, on: date, catalogue: Catalogue) -> Known:
    """The facts with what follows from them, the values of the law that day, and what may still be asked."""

    @cache
    def dated(parameter: str) -> tuple[Parameter, Entry]:
        return catalogue.dated(parameter, where=where, on=on)

    complete: dict[str, FactValue] = dict(facts)
    given = Known(complete, dated, lambda _fact: False)
    for fact in catalogue.facts.values():
        if fact.derived and fact.id not in complete and (verdict := judge(fact.derived, given)) in ("yes", "no"):
            complete[fact.id] = verdict

    def askable(name: str) -> bool:
        fact = catalogue.facts[name]
        if fact.ask != "interview":
            return False
        return fact.only_if is None or judge(fact.only_if, known) in ("yes", "open")

    known = Known(complete, dated, askable)
    return known


def _in_play(known: Known, where: Where, on: date, catalogue: Catalogue, benefits: Collection[str]) -> list[Benefit]:
    offered = catalogue.benefits(where=where, on=on)
    return [b for b in offered if (not benefits or b.id in benefits) and judge(b.when, known) != "no"]


def _verdict(benefit: Benefit, known: Known) -> Verdict:
    """Open while it may not concern the person at all; else what its rule says, as sure as that it concerns them."""
    concerns = judge(benefit.when, known)
    return "open" if concerns == "open" else judge(Every((benefit.when, benefit.rule)), known)


def _live(condition: Condition, known: Known, catalogue: Catalogue) -> set[str]:
    """The facts that are not known and can still change the verdict of a condition, and may be asked now."""
    if isinstance(condition, Compare):
        ready = compare(condition, known) == "open" and _ready(catalogue.facts[condition.fact], known)
        return {condition.fact} if ready else set()
    if isinstance(condition, Never):
        return _live(condition.part, known, catalogue)
    if isinstance(condition, Doubt) or judge(condition, known) != "open":
        return set()
    return {fact for part in condition.parts for fact in _live(part, known, catalogue)}


def _ready(fact: Fact, known: Known) -> bool:
    return fact.only_if is None or judge(fact.only_if, known) == "yes"


def _for_money(in_play: list[Benefit], known: Known, catalogue: Catalogue) -> dict[str, int]:
    """Facts that only amounts depend on, of benefits that are not out of reach."""
    wanted: dict[str, int] = {}
    for benefit in in_play:
        if judge(benefit.rule, known) == "no":
            continue
        for amount in benefit.amounts:
            if judge(amount.when, known) == "no":
                continue
            for name in (*(leaf.fact for leaf in leaves(amount.when)), amount.times):
                fact = catalogue.facts.get(name)
                if fact and fact.ask == "amount" and name not in known.facts and _ready(fact, known):
                    wanted[name] = wanted.get(name, 0) + 1
    return wanted


def _question(fact: Fact) -> Question:
    return Question(
        fact.id, fact.kind, fact.text, fact.hint, fact.easier, fact.choices, fact.low, fact.high, fact.sensitive
    )


def _outcome(benefit: Benefit, verdict: Verdict, known: Known, catalogue: Catalogue, *, alternative: bool) -> Outcome:
    explained = [] if verdict == "open" else _explaining(Every((benefit.when, benefit.rule)), verdict, known)
    remarks = tuple(remark for remark in benefit.remarks if judge(remark.when, known) == "yes")
    promised = () if verdict in ("no", "open") else amounts_of(benefit, known)
    basis = unique(
        [
            *benefit.sources,
            *(leaf.source for leaf in explained if leaf.source),
            *(source for amount in promised for source in amount.sources),
        ]
    )
    laws = [catalogue.law(source.law).confidence for source in benefit.sources]
    return Outcome(
        benefit=benefit.id,
        title=benefit.title,
        verdict=_RESULTS[verdict],
        reasons=_reasons(explained, verdict, known, catalogue),
        remarks=tuple(remark.text for remark in remarks),
        amounts=promised,
        basis=basis,
        papers=benefit.papers,
        hand_in=benefit.hand_in,
        duration=benefit.duration,
        confidence=weakest([*laws, *(amount.confidence for amount in promised)]),
        topic=benefit.topic,
        see=_elsewhere(explained) if verdict == "no" else (),
        alternative=alternative,
    )


def _explaining(condition: Condition, verdict: Verdict, known: Known) -> list[Compare | Doubt]:
    """The comparisons that made the verdict what it is."""
    if isinstance(condition, Compare | Doubt):
        return [condition] if judge(condition, known) == verdict else []
    if isinstance(condition, Never):
        opposite: Verdict = "no" if verdict == "yes" else "yes" if verdict == "no" else verdict
        return _explaining(condition.part, opposite, known)
    deciding = [part for part in condition.parts if judge(part, known) == verdict]
    return [leaf for part in deciding for leaf in _explaining(part, verdict, known)]


def _elsewhere(explained: list[Compare | Doubt]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(leaf.see for leaf in explained if isinstance(leaf, Compare) and leaf.see))


def _reasons(
    explained: list[Compare | Doubt], verdict: Verdict, known: Known, catalogue: Catalogue
) -> tuple[Text, ...]:
    reasons: list[Text] = []
    for leaf in explained:
        reason = leaf.text if isinstance(leaf, Doubt) else _reason(leaf, verdict, known, catalogue)
        if reason and reason not in reasons:
            reasons.append(reason)
    return tuple(reasons)


def _reason(leaf: Compare, verdict: Verdict, known: Known, catalogue: Catalogue) -> Text | None:
    """The text of a comparison for this verdict; none for what was never asked because it did not come to that."""
    said = known.facts.get(leaf.fact, DONT_KNOW) != DONT_KNOW
    fact = catalogue.facts[leaf.fact]
    if leaf.fact not in known.facts and (fact.ask == "never" or not _ready(fact, known)):
        return None
    doubt = leaf.doubt if said and leaf.doubt else fact.doubt
    return {"yes": leaf.met, "no": leaf.unmet, "officer": doubt, "open": None}[verdict]
