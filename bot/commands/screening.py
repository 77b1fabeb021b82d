"""screen: eligibility of the people in a file, as a table or JSON, beside what the file expects."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.common import AsJson
from bot.effects import Json
from bot.i18n import Language, language
from bot.model import BotError
from knowledge.answers import in_language
from knowledge.dated import Entry, Parameter
from knowledge.eligibility import DONT_KNOW, Outcome, benefits_for, contradictions, next_question
from knowledge.people import Person, read_people, screened

if TYPE_CHECKING:
    from knowledge.catalogue import Catalogue

app = typer.Typer()
MOST_QUESTIONS = 20


@app.command()
def screen(
    file: Annotated[Path, typer.Argument(help="Tệp người (TOML), xem docs/knowledge.md.")],
    as_json: AsJson = False,
) -> None:
    """Xét thử điều kiện của những người trong tệp; khác với điều tệp mong đợi thì kết thúc bằng 1."""
    from bot import wiring

    if not file.is_file():
        raise BotError(f"{file}: no such file: give a TOML file of people (docs/knowledge.md shows one).")
    catalogue = wiring.catalogue()
    people = read_people(file, catalogue.facts)
    results = [_result(person, catalogue, language()) for person in people]
    if as_json:
        typer.echo(json.dumps(results, ensure_ascii=False, indent=1))
    else:
        _table(results)
    raise typer.Exit(1 if any(r["unexpected"] for r in results) else 0)


def _result(person: Person, catalogue: "Catalogue", say: Language) -> dict[str, Json]:
    outcomes = screened(person, catalogue)
    return {
        "description": person.description,
        "on": person.on.isoformat(),
        "place": person.where.commune or person.where.province,
        "outcomes": [_outcome(o, person, catalogue, say) for o in outcomes],
        "asked": _asked(person, catalogue),
        "contradictions": [
            c.id for c in contradictions(person.facts, where=person.where, on=person.on, catalogue=catalogue)
        ],
        "unexpected": _unexpected(person, {o.benefit: o for o in outcomes}),
    }


def _outcome(outcome: Outcome, person: Person, catalogue: "Catalogue", say: Language) -> dict[str, Json]:
    def render(parameter: Parameter, entry: Entry) -> str:
        return say.value(parameter.unit, entry.value)

    def text(words: Mapping[str, str]) -> str:
        return catalogue.fill(in_language(words, say.code), render, where=person.where, on=person.on)

    return {
        "benefit": outcome.benefit,
        "title": text(outcome.title),
        "verdict": outcome.verdict,
        "alternative": outcome.alternative,
        "reasons": [text(r) for r in outcome.reasons],
        "remarks": [text(r) for r in outcome.remarks],
        "amounts": [
            {
                "parameters": list(a.parameters),
                "label": text(a.label),
                "value": a.value,
                "unit": a.unit,
                "certain": a.certain,
            }
            for a in outcome.amounts
        ],
        "basis": [{"law": catalogue.law(s.law).citation, "article": s.article} for s in outcome.basis],
        "papers": [text(p) for p in outcome.papers],
        "hand_in": text(outcome.hand_in),
    }


def _asked(person: Person, catalogue: "Catalogue") -> list[str]:
    """What the interview would ask of this person, answered from the file ("không biết" where the file is silent)."""
    known: dict[str, Json] = {}
    benefits = benefits_for(person.topic, where=person.where, on=person.on, catalogue=catalogue)
    for _ in range(MOST_QUESTIONS):
        question = next_question(known, where=person.where, on=person.on, catalogue=catalogue, benefits=benefits)
        if question is None:
            break
        known[question.fact] = person.facts.get(question.fact, DONT_KNOW)
    return list(known)


def _unexpected(person: Person, outcomes: Mapping[str, Outcome]) -> list[str]:
    """Where the verdict or an amount is not what the file expects; the tests of the cases look at more."""
    found = []
    for benefit, expected in person.expect.items():
        outcome = outcomes.get(benefit)
        verdict = outcome.verdict if outcome else "none"
        if verdict != expected.get("verdict", verdict):
            found.append(f"{benefit}: {verdict}, expected {expected['verdict']}")
        held = {p: a.value for a in (outcome.amounts if outcome else ()) for p in a.parameters}
        for parameter, value in expected.get("amounts", {}).items():
            if held.get(parameter) != value:
                found.append(f"{benefit}: {parameter} = {held.get(parameter)}, expected {value}")
    return found


def _table(results: list[dict[str, Json]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("người", "ngày", "chế độ", "kết quả", "số tiền", "hỏi", "khác mong đợi", show_lines=True)
    for result in results:
        outcomes = result["outcomes"]
        table.add_row(
            result["description"],
            result["on"],
            "\n".join(o["benefit"] for o in outcomes),
            "\n".join(o["verdict"] for o in outcomes),
            "\n".join(f"{a['value']:,} {a['unit']}" for o in outcomes for a in o["amounts"]),
            str(len(result["asked"])),
            "\n".join(result["unexpected"]),
        )
    Console().print(table)
