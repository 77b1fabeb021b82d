"""Every fault in the knowledge: what is wrong, where, and what to do about it. Nothing stops at the first."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Final

from knowledge.answers import parameters_named
from knowledge.catalogue import REPORT_DUE, Catalogue
from knowledge.check_places import check_places
from knowledge.check_rules import check_rules
from knowledge.check_texts import all_texts, check_answers, check_texts
from knowledge.conditions import leaves
from knowledge.dated import Parameter
from knowledge.reading import DATA, Pack, read_places
from knowledge.table import Fault

__all__ = ["Fault", "faults"]

STALE: Final = timedelta(days=180)
_WORDED: Final = ("phone", "text", "code")


def faults(root: Path | None = None, *, on: date) -> list[Fault]:
    """All faults of a folder of knowledge (default: the package's); `on` is the day against which age is measured."""
    packs, found = read_places(root or DATA)
    catalogue = Catalogue(packs)
    for pack in packs:
        found += _check_laws(pack, catalogue, on)
        found += _check_parameters(pack, catalogue, on)
    found += check_texts(catalogue)
    found += check_answers(catalogue)
    found += check_rules(catalogue)
    found += check_places(catalogue, root or DATA)
    found += _unused(catalogue)
    return sorted(dict.fromkeys(found), key=lambda fault: (fault.warning, fault.path, fault.place))


def _check_laws(pack: Pack, catalogue: Catalogue, on: date) -> Iterator[Fault]:
    for law in pack.laws.values():
        path = pack.paths["law", law.id]
        if law.in_force and law.until and law.until < law.in_force:
            yield Fault(path, law.id, f"ends on {law.until} before it begins", "correct in_force or until")
        for successor in law.replaced_by:
            if not catalogue.knows_law(successor):
                yield Fault(path, law.id, f"replaced_by names no law {successor!r}", "correct the id, or add the law")
        if on - law.checked_on > STALE:
            yield _stale(path, law.id, law.checked_on)


def _check_parameters(pack: Pack, catalogue: Catalogue, on: date) -> Iterator[Fault]:
    for parameter in pack.parameters.values():
        path = pack.paths["parameter", parameter.id]
        nation = catalogue.nation.parameters.get(parameter.id)
        if nation and nation.unit != parameter.unit:
            what = f"has unit {parameter.unit}, the nation's has {nation.unit}"
            yield Fault(path, parameter.id, what, "write the nation's unit, or give it another id")
        if not parameter.entries:
            yield Fault(path, parameter.id, "has no entry", "write a [[parameter.entry]] with its value and source")
        yield from _check_entries(parameter, path, catalogue, on)
        yield from _check_order(parameter, path)


def _check_entries(parameter: Parameter, path: str, catalogue: Catalogue, on: date) -> Iterator[Fault]:
    for entry in parameter.entries:
        place = f"{parameter.id} since {entry.since}"
        kind = str if parameter.unit in _WORDED else date if parameter.unit == "date" else int
        if not isinstance(entry.value, kind):
            yield Fault(path, place, f"value {entry.value!r} does not fit unit {parameter.unit}", "correct one of them")
        if not catalogue.knows_law(entry.source.law):
            yield Fault(path, place, f"names no law {entry.source.law!r}", "correct the id, or add it to laws.toml")
        if not entry.source.article:
            yield Fault(path, place, "has no article", "write where in the law it stands: article = …")
        if entry.until and entry.until < entry.since:
            yield Fault(path, place, f"ends on {entry.until} before it begins", "correct since or until")
        if on - entry.checked_on > STALE:
            yield _stale(path, place, entry.checked_on)


def _check_order(parameter: Parameter, path: str) -> Iterator[Fault]:
    for earlier, later in pairwise(parameter.entries):
        place = f"{parameter.id} since {later.since}"
        if later.since == earlier.since or (earlier.until and earlier.until >= later.since):
            yield Fault(path, place, f"overlaps the entry since {earlier.since}", "end the earlier one the day before")
        elif earlier.until and earlier.until + timedelta(days=1) < later.since:
            what = f"leaves a gap after {earlier.until}"
            yield Fault(path, place, what, "strike out the earlier until, or begin the later one on the next day")


def _stale(path: str, place: str, checked_on: date) -> Fault:
    todo = "look at the source again and write today's checked_on"
    return Fault(path, place, f"was last checked on {checked_on}", todo, warning=True)


def _unused(catalogue: Catalogue) -> Iterator[Fault]:
    used = set(parameters_named(words for _, _, text in all_texts(catalogue) for words in text.values()))
    for pack in catalogue.packs.values():
        used.update(contact.phone for contact in pack.contacts.values())
        conditions = [
            condition for fact in pack.facts.values() for condition in (fact.only_if, fact.derived) if condition
        ]
        for benefit in pack.benefits.values():
            used.add(benefit.duration)
            used.update(name for amount in benefit.amounts for name in amount.parameters)
            conditions += [benefit.when, benefit.rule, *(amount.when for amount in benefit.amounts)]
            conditions += [remark.when for remark in benefit.remarks]
        conditions += [rule.when for rule in pack.contradictions.values()]
        used.update(name for condition in conditions for leaf in leaves(condition) for name in leaf.operand)
    for pack in catalogue.packs.values():
        for name in pack.parameters:
            if name not in used and not name.endswith(REPORT_DUE):
                todo = "name it in a text or a benefit, or strike it out"
                yield Fault(pack.paths["parameter", name], name, "is used by nothing", todo, warning=True)
