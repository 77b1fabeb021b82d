"""What is known of a person on a day in a place, and which benefits that brings into play."""

from collections.abc import Collection
from datetime import date
from functools import cache

from knowledge.benefits import Benefit, Fact
from knowledge.catalogue import Catalogue
from knowledge.conditions import Facts, FactValue, Known, judge
from knowledge.dated import Entry, Parameter, Where


def understood(facts: Facts, *, where: Where, on: date, catalogue: Catalogue, requested: bool = False) -> Known:
    """The facts with what follows from them, the values of the law that day, and what may still be asked.

    `requested`: somebody asked for this screening, so that the questions kept for requests may be asked too.
    """

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
        if fact.ask != "interview" and not (requested and fact.ask == "request"):
            return False
        return fact.only_if is None or judge(fact.only_if, known) in ("yes", "open")

    known = Known(complete, dated, askable)
    return known


def ready(fact: Fact, known: Known) -> bool:
    """Whether the time has come to ask this: what it depends on is known."""
    return fact.only_if is None or judge(fact.only_if, known) == "yes"


def in_play(known: Known, *, where: Where, on: date, catalogue: Catalogue, benefits: Collection[str]) -> list[Benefit]:
    """The benefits of that place and day that may concern the person: those named, else those of every screening."""
    offered = catalogue.benefits(where=where, on=on)
    chosen = [b for b in offered if (b.id in benefits if benefits else not b.only_for)]
    return [b for b in chosen if judge(b.when, known) != "no"]
