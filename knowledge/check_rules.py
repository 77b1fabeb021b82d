"""Faults of benefits and questions: names of nothing, rules that are never true, benefits that nobody is asked into."""

from collections.abc import Iterator
from datetime import date
from itertools import islice, product
from typing import Final

from knowledge.answers import EMERGENCY, TOPICS, placeholders
from knowledge.benefits import Benefit, ContradictionRule, Fact
from knowledge.catalogue import FIRST_DAY, Catalogue
from knowledge.conditions import Compare, Condition, FactValue, Known, doubts, judge, leaves
from knowledge.dated import KnowledgeError, Source, Where
from knowledge.reading import Pack
from knowledge.table import Fault

_TRIES: Final = 50_000
_AMOUNT_UNITS: Final = ("VND", "VND/day", "VND/month", "VND/course", "month")


def check_rules(catalogue: Catalogue) -> Iterator[Fault]:
    """Faults of all benefits, questions, contacts and old programmes of all places."""
    for pack in catalogue.packs.values():
        for fact in pack.facts.values():
            yield from _check_fact(fact, pack, catalogue)
        for benefit in pack.benefits.values():
            path = pack.paths["benefit", benefit.id]
            found = [*_check_names(benefit, path, catalogue)]
            yield from found or _check_sense(benefit, path, pack, catalogue)
        for rule in pack.contradictions.values():
            yield from _check_contradiction(rule, pack, catalogue)
        yield from _check_directory(pack, catalogue)
        yield from _check_trades(pack, catalogue)
    yield from _idle_questions(catalogue)


def _check_fact(fact: Fact, pack: Pack, catalogue: Catalogue) -> Iterator[Fault]:
    path = pack.paths["fact", fact.id]
    if pack.code:
        yield Fault(path, fact.id, "stands in a place's folder", "questions belong to the nation: move it there")
    for condition in (fact.only_if, fact.derived):
        if condition:
            yield from _check_condition(condition, path, fact.id, catalogue)


def _check_condition(condition: Condition, path: str, place: str, catalogue: Catalogue) -> Iterator[Fault]:
    for leaf in leaves(condition):
        fact = catalogue.facts.get(leaf.fact)
        if fact is None:
            yield Fault(path, place, f"asks for fact {leaf.fact!r}, which is not known", "add it to questions.toml")
            continue
        measured = leaf.operator not in ("is", "has")
        if measured != (fact.kind == "number"):
            yield Fault(path, place, f"{leaf.operator} does not fit {leaf.fact}", "use is or has for choices only")
        elif measured:
            yield from _check_number(leaf, path, place, catalogue)
        else:
            yield from _check_values(leaf, fact, path, place)
        if leaf.source:
            yield from _check_sources((leaf.source,), path, place, catalogue)


def _check_number(leaf: Compare, path: str, place: str, catalogue: Catalogue) -> Iterator[Fault]:
    for name in leaf.operand:
        if not any(name in pack.parameters for pack in catalogue.packs.values()):
            yield Fault(path, place, f"compares with {name!r}, which is no parameter", "name a parameter, not a number")


def _check_values(leaf: Compare, fact: Fact, path: str, place: str) -> Iterator[Fault]:
    allowed = [choice.value for choice in fact.choices]
    for value in (*leaf.operand, *leaf.unsure):
        if value not in allowed:
            yield Fault(path, place, f"{fact.id} is never {value!r}", f"write one of {', '.join(allowed)}")


def _check_sources(sources: tuple[Source, ...], path: str, place: str, catalogue: Catalogue) -> Iterator[Fault]:
    for source in sources:
        if not catalogue.knows_law(source.law):
            yield Fault(path, place, f"names no law {source.law!r}", "correct the id, or add it to laws.toml")
        elif catalogue.law(source.law).confidence == "M":
            yield Fault(
                path, place, f"rests on {source.law}, which nobody has checked (M)", "check it, or leave it out"
            )


def _check_names(benefit: Benefit, path: str, catalogue: Catalogue) -> Iterator[Fault]:
    if not benefit.sources:
        yield Fault(path, "sources", "is missing", "write sources = [{ law = …, article = … }]")
    yield from _check_sources(benefit.sources, path, "sources", catalogue)
    if benefit.topic not in TOPICS:
        yield Fault(path, "topic", f"{benefit.topic!r} is no topic", "write one of the topics in knowledge/answers.py")
    for topic in benefit.only_for:
        if topic not in TOPICS:
            yield Fault(path, "only_for", f"{topic!r} is no topic", "write the topics from which it is asked for")
    conditions = [("when", benefit.when), ("rule", benefit.rule)]
    conditions += [("amount", amount.when) for amount in benefit.amounts]
    conditions += [("remark", remark.when) for remark in benefit.remarks]
    for place, condition in conditions:
        yield from _check_condition(condition, path, place, catalogue)
    for doubt in doubts(benefit.rule):
        yield from _check_sources((doubt.source,) if doubt.source else (), path, "rule", catalogue)
    for leaf in leaves(benefit.rule):
        if leaf.see and leaf.see not in TOPICS:
            yield Fault(path, "rule", f"see = {leaf.see!r} is no topic", "write a topic")
    yield from _check_amounts(benefit, path, catalogue)


def _check_amounts(benefit: Benefit, path: str, catalogue: Catalogue) -> Iterator[Fault]:
    named = [(name, str(amount.kind)) for amount in benefit.amounts for name in amount.parameters]
    named += [(benefit.duration, "duration")] if benefit.duration else []
    for name, place in named:
        found = [pack.parameters[name] for pack in catalogue.packs.values() if name in pack.parameters]
        if not found:
            yield Fault(path, "amount", f"names {name!r}, which is no parameter", "correct it, or add the parameter")
        elif place != "duration" and (found[0].unit == "percent") != (place == "share"):
            yield Fault(path, "amount", f"{name} has unit {found[0].unit}", 'a percentage is of kind = "share"')
        elif place not in ("duration", "share") and found[0].unit not in _AMOUNT_UNITS:
            yield Fault(path, "amount", f"{name} has unit {found[0].unit}", "an amount is money, or months to multiply")
        for parameter in found:
            if any(entry.confidence == "M" for entry in parameter.entries):
                yield Fault(path, place, f"shows {name}, which nobody has checked (M)", "check it, or leave it out")
    for amount in benefit.amounts:
        for fact in filter(None, (amount.times, amount.pays)):
            if fact not in catalogue.facts:
                yield Fault(path, "amount", f"fact {fact!r} is not known", "add it to questions.toml")


def _check_sense(benefit: Benefit, path: str, pack: Pack, catalogue: Catalogue) -> Iterator[Fault]:
    """What only trying out shows: values in force on the benefit's first day, reachable, able to be true."""
    place = pack.where
    first = max(benefit.since, FIRST_DAY)
    for name in (name for amount in benefit.amounts for name in amount.parameters):
        try:
            catalogue.value(name, where=place, on=first)
        except KnowledgeError as error:
            yield Fault(path, "amount", f"has no value on the first day: {error}", "correct since, or add an entry")
            return
    trials = list(islice(_people(benefit, catalogue, place), _TRIES))
    if not any(judge(benefit.when, person) in ("yes", "officer") for person in trials):
        yield Fault(
            path, "when", "no question leads to this benefit", "use a fact that is asked, and a value it can have"
        )
    elif not any(judge(benefit.rule, person) in ("yes", "officer") for person in trials):
        yield Fault(path, "rule", "can never be met", "two of its conditions exclude one another: correct one")


def _people(benefit: Benefit, catalogue: Catalogue, place: Where) -> Iterator[Known]:
    """People who answered every question the benefit may ask, in all combinations that matter."""
    first = max(benefit.since, FIRST_DAY)
    tested = [*leaves(benefit.when), *leaves(benefit.rule)]
    asks = ("interview", "request") if benefit.only_for else ("interview",)
    asked = [name for name in dict.fromkeys(leaf.fact for leaf in tested) if catalogue.facts[name].ask in asks]
    values = [_values(catalogue.facts[name], tested, catalogue, place, first) for name in asked]
    for combination in product(*values):
        facts = dict(zip(asked, combination, strict=True))
        yield Known(facts, lambda name: catalogue.dated(name, where=place, on=first), lambda _fact: False)


def _values(fact: Fact, tested: list[Compare], catalogue: Catalogue, place: Where, on: date) -> list[FactValue]:
    if fact.kind != "number":
        return [choice.value for choice in fact.choices]
    values: set[int] = {fact.low, fact.high}
    for leaf in tested:
        if leaf.fact == fact.id:
            try:
                limit = catalogue.value(leaf.operand[0], where=place, on=on).number
            except KnowledgeError:
                continue
            values |= {limit - 1, limit, limit + 1}
    return [value for value in sorted(values) if fact.low <= value <= fact.high]


def _check_contradiction(rule: ContradictionRule, pack: Pack, catalogue: Catalogue) -> Iterator[Fault]:
    path = pack.paths["contradiction", rule.id]
    faults = [*_check_condition(rule.when, path, rule.id, catalogue)]
    named = {name for words in rule.text.values() for name in placeholders(words) if name.startswith("fact:")}
    for name in sorted({f"fact:{rule.ask}", *named}):
        if name.removeprefix("fact:") not in catalogue.facts:
            faults.append(Fault(path, rule.id, f"names {name}, which is not known", "correct it, or add the fact"))
    said = {leaf.fact for leaf in leaves(rule.when)}
    if rule.ask not in said:
        faults.append(Fault(path, rule.id, f"asks {rule.ask} again, which it does not judge", f"ask one of {said}"))
    yield from faults


def _check_directory(pack: Pack, catalogue: Catalogue) -> Iterator[Fault]:
    for contact in pack.contacts.values():
        path = pack.paths["contact", contact.id]
        yield from _check_sources((contact.source,), path, contact.id, catalogue)
        phone = catalogue.nation.parameters.get(contact.phone) or pack.parameters.get(contact.phone)
        if contact.phone and (phone is None or phone.unit != "phone"):
            yield Fault(path, contact.id, f"phone {contact.phone!r} is no phone parameter", "name one of unit phone")
        for topic in contact.topics:
            if topic not in (*TOPICS, EMERGENCY):
                yield Fault(path, contact.id, f"{topic!r} is no topic", "write one of the topics")
    for old in pack.superseded.values():
        path = pack.paths["superseded", old.id]
        yield from _check_sources(old.sources, path, old.id, catalogue)
        if not old.sources:
            yield Fault(path, old.id, "has no source", "write sources = [{ law = …, article = … }]")
        if old.topic not in TOPICS:
            yield Fault(path, old.id, f"{old.topic!r} is no topic", "write the topic that replaced it")
        for name in old.names:
            if len(name.split()) == 1 and not name.isupper():
                what = f"name {name!r} is one word, which may mean something else"
                yield Fault(path, old.id, what, "move it to alone: there it counts when nothing else is said")


def _check_trades(pack: Pack, catalogue: Catalogue) -> Iterator[Fault]:
    for trade in pack.trades.values():
        if trade.source:
            yield from _check_sources((trade.source,), pack.paths["trade", trade.id], trade.id, catalogue)
        elif trade.usual_length or trade.levels:
            todo = "write source = { law = …, article = … }, or strike out usual_length and levels"
            yield Fault(pack.paths["trade", trade.id], trade.id, "has no source", todo)


def _idle_questions(catalogue: Catalogue) -> Iterator[Fault]:
    used: set[str] = set()
    for pack in catalogue.packs.values():
        for benefit in pack.benefits.values():
            used |= {leaf.fact for condition in (benefit.when, benefit.rule) for leaf in leaves(condition)}
    for fact in catalogue.facts.values():
        if fact.ask in ("interview", "request") and fact.id not in used:
            path = catalogue.nation.paths["fact", fact.id]
            yield Fault(path, fact.id, "is asked but changes nothing", 'write ask = "never", or use it', warning=True)
