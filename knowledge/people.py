"""Files of people with what is known of them: read, checked, ready to be screened."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from knowledge.answers import TOPICS
from knowledge.benefits import Fact
from knowledge.catalogue import Catalogue
from knowledge.conditions import DONT_KNOW, Facts, FactValue
from knowledge.dated import KnowledgeError, Where
from knowledge.eligibility import Outcome, benefits_for, screen
from knowledge.table import Fault, Table


@dataclass(frozen=True, slots=True)
class Person:
    """One `[[person]]`: described in a sentence, with a day, a place, facts, and what is expected per benefit.

    `expect` is kept as it stands in the file: benefit → {verdict, amounts, maybe, basis, see, reasons}. `topic`: what
    they ask for beside short training (`loan_jobcreation`, `work_abroad`, …), "" for training. `contradictions`: ids of
    what they said that does not go together.
    """

    description: str
    on: date
    where: Where
    facts: Facts
    expect: Mapping[str, Mapping[str, Any]]
    topic: str = ""
    contradictions: tuple[str, ...] = ()


def screened(person: Person, catalogue: Catalogue) -> tuple[Outcome, ...]:
    """The outcomes for a person of a file, as their topic asks."""
    benefits = benefits_for(person.topic, where=person.where, on=person.on, catalogue=catalogue)
    return screen(person.facts, where=person.where, on=person.on, catalogue=catalogue, benefits=benefits)


def read_people(path: Path, facts: Mapping[str, Fact]) -> tuple[Person, ...]:
    """The people of a file; raises one error that lists every fact and value that is not known."""
    faults: list[Fault] = []
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{path.name}: is no TOML ({error}): correct the line that is named"
        raise KnowledgeError(msg) from error
    file = Table(data, path.name, "", faults)
    people = tuple(_person(table, facts) for table in file.tables("person", required=True))
    file.close()
    if faults:
        msg = f"{path.name} cannot be used:\n" + "\n".join(map(str, faults))
        raise KnowledgeError(msg)
    return people


def _person(table: Table, known: Mapping[str, Fact]) -> Person:
    description = table.words("description")
    table.place = description or table.place
    place = table.words("place", required=False)
    facts: dict[str, FactValue] = table.take("facts", (dict,), "{ age = 41 }") or {}
    person = Person(
        description=description,
        on=table.day("on", required=True) or date.min,
        where=Where(commune=place, province=table.words("province", required=False))
        if len(place) == 5
        else Where(place),
        facts=facts,
        expect=table.take("expect", (dict,), "{ … }", required=False) or {},
        topic=table.words("topic", required=False),
        contradictions=table.names("contradictions"),
    )
    if person.topic and person.topic not in TOPICS:
        table.fault(f"topic {person.topic!r} is not known", "write one of the topics, for example loan_jobcreation")
    for name, value in facts.items():
        _check_fact(name, value, table, known)
    table.close()
    return person


def _check_fact(name: str, value: FactValue, table: Table, known: Mapping[str, Fact]) -> None:
    fact = known.get(name)
    if fact is None:
        table.fault(f"fact {name!r} is not known", f"write one of {', '.join(known)}")
    elif fact.kind == "number":
        if value != DONT_KNOW and (not isinstance(value, int) or isinstance(value, bool)):
            table.fault(f"{name} = {value!r} is no whole number", f'write {name} = {fact.low}, or "{DONT_KNOW}"')
    elif not isinstance(value, bool):
        said = [value] if isinstance(value, str) else list(value) if not isinstance(value, int) else [str(value)]
        allowed = [*(choice.value for choice in fact.choices), DONT_KNOW]
        for word in said:
            if word not in allowed:
                table.fault(f"{name} is never {word!r}", f"write one of {', '.join(allowed)}")
