"""Eligibility: what a person may get, judged from what is known of them, and what to ask next."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from knowledge.asking import Question, next_question
from knowledge.benefits import Benefit
from knowledge.catalogue import Catalogue
from knowledge.conditions import DONT_KNOW, Compare, Condition, Doubt, Facts, Known, Never, Verdict, judge
from knowledge.contradictions import Contradiction, contradictions
from knowledge.dated import NATION, Confidence, Entry, Source, Text, Where, unique, weakest
from knowledge.money import Amount, amounts_of
from knowledge.person import in_play, understood

__all__ = [
    "DONT_KNOW",
    "Amount",
    "Contradiction",
    "Outcome",
    "Question",
    "benefits_for",
    "contradictions",
    "next_question",
    "screen",
]

Result = Literal["likely", "unlikely", "ask_officer", "open"]
_RESULTS: Final[Mapping[Verdict, Result]] = {
    "yes": "likely",
    "no": "unlikely",
    "officer": "ask_officer",
    "open": "open",
}
_BEST_FIRST: Final[Mapping[Result, int]] = {"likely": 0, "ask_officer": 1, "open": 2, "unlikely": 3}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is to be said of one benefit: never a decision. `duration`: id of a parameter, or "".

    `see`: topics to offer instead. `alternative`: a better outcome for the same purpose stands before this one; nobody
    can have both. `concerns`: false when it is not even known whether the person belongs to the group ("không biết");
    such outcomes stand last among those for the officer and are best named together in one line.
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
    concerns: bool = True


def benefits_for(topic: str, *, where: Where = NATION, on: date, catalogue: Catalogue) -> tuple[str, ...]:
    """The benefits that a topic brings into play, to be given to `screen` and `next_question` as `benefits`.

    Empty for the topics of short vocational training: then the usual interview is the right one.
    """
    return tuple(benefit.id for benefit in catalogue.benefits(where=where, on=on) if topic in benefit.only_for)


def screen(
    facts: Facts, *, where: Where = NATION, on: date, catalogue: Catalogue, benefits: Collection[str] = ()
) -> tuple[Outcome, ...]:
    """What the person may get, best first. Benefits that do not concern them are left out.

    `benefits` limits the screening to these ids (see `benefits_for`); without it, those of every screening are judged.
    An outcome is `open` while a question can still change it.
    """
    known = understood(facts, where=where, on=on, catalogue=catalogue, requested=bool(benefits))
    offered = in_play(known, where=where, on=on, catalogue=catalogue, benefits=benefits)
    judged = [(benefit, _verdict(benefit, known), judge(benefit.when, known) == "yes") for benefit in offered]
    judged.sort(key=lambda item: (_BEST_FIRST[_RESULTS[item[1]]], not item[2], item[0].rank))
    outcomes: list[Outcome] = []
    had: set[str] = set()
    for benefit, verdict, concerns in judged:
        second = benefit.purpose in had
        outcomes.append(_outcome(benefit, verdict, known, catalogue, alternative=second, concerns=concerns))
        if verdict == "yes":
            had.add(benefit.purpose)
    return tuple(outcomes)


def _verdict(benefit: Benefit, known: Known) -> Verdict:
    """Open while it may not concern the person at all; else what its rule says, as sure as that it concerns them."""
    concerns = judge(benefit.when, known)
    return "open" if concerns == "open" else judge(benefit.whole, known)


def _outcome(
    benefit: Benefit, verdict: Verdict, known: Known, catalogue: Catalogue, *, alternative: bool, concerns: bool
) -> Outcome:
    explained = [] if verdict == "open" else _explaining(benefit.whole, verdict, known)
    remarks = tuple(remark for remark in benefit.remarks if judge(remark.when, known) == "yes")
    promised = () if verdict in ("no", "open") else amounts_of(benefit, known)
    limits = _limits(explained, known) if verdict in ("yes", "no") else []
    basis = unique(
        [
            *benefit.sources,
            *(leaf.source for leaf in explained if leaf.source),
            *(limit.source for limit in limits),
            *(source for amount in promised for source in amount.sources),
        ]
    )
    laws = [catalogue.law(source.law).confidence for source in benefit.sources]
    laws += [limit.confidence for limit in limits]
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
        concerns=concerns,
    )


def _limits(explained: list[Compare | Doubt], known: Known) -> list[Entry]:
    """The limits of the law that numbers were measured against."""
    measured = [leaf for leaf in explained if isinstance(leaf, Compare) and leaf.operator not in ("is", "has")]
    return [known.dated(leaf.operand[0])[1] for leaf in measured]


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
    if leaf.fact not in known.facts and not known.askable(leaf.fact):
        return leaf.doubt if verdict == "officer" and fact.ask == "never" else None
    doubt = leaf.doubt if said and leaf.doubt else fact.doubt
    return {"yes": leaf.met, "no": leaf.unmet, "officer": doubt, "open": None}[verdict]
