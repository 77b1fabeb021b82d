"""People as an officer describes them: what each may get, how much, and on which basis."""

from datetime import date
from pathlib import Path

import pytest

from knowledge.catalogue import Catalogue
from knowledge.check_texts import plain
from knowledge.dated import KnowledgeError
from knowledge.eligibility import Outcome, contradictions
from knowledge.people import Person, read_people, screened

CASES = Path(__file__).parents[1] / "cases" / "knowledge"
FACTS = Catalogue.load().facts
PEOPLE = [
    pytest.param(person, id=f"{path.stem}::{person.description}")
    for path in sorted(CASES.glob("*.toml"))
    for person in read_people(path, FACTS)
]
EXPECTABLE = {"verdict", "amounts", "maybe", "basis", "see", "reasons", "remarks", "alternative"}


@pytest.mark.parametrize("person", PEOPLE)
def test_this_person_may_get_what_the_case_says(person: Person, catalogue: Catalogue) -> None:
    outcomes = {outcome.benefit: outcome for outcome in screened(person, catalogue)}
    open_ones = {name for name, outcome in outcomes.items() if outcome.verdict == "open"}
    assert set(outcomes) - open_ones == {n for n, e in person.expect.items() if e["verdict"] != "open"}
    for benefit, expected in person.expect.items():
        assert set(expected) <= EXPECTABLE
        _compare(outcomes[benefit], expected, person, catalogue)


@pytest.mark.parametrize("person", PEOPLE)
def test_what_does_not_go_together_is_asked_back_and_nothing_else(person: Person, catalogue: Catalogue) -> None:
    found = contradictions(person.facts, where=person.where, on=person.on, catalogue=catalogue)
    assert tuple(contradiction.id for contradiction in found) == person.contradictions


def _compare(outcome: Outcome, expected: dict, person: Person, catalogue: Catalogue) -> None:
    def filled(text: str) -> str:
        return catalogue.fill(text, plain, where=person.where, on=person.on)

    found = {
        "verdict": outcome.verdict,
        "amounts": {amount.parameters[0]: amount.value for amount in outcome.amounts if amount.certain},
        "maybe": {amount.parameters[0]: amount.value for amount in outcome.amounts if not amount.certain},
        "see": list(outcome.see),
        "reasons": [filled(reason["vi"]) for reason in outcome.reasons],
        "remarks": len(outcome.remarks),
        "alternative": outcome.alternative,
    }
    citations = {catalogue.law(source.law).citation for source in outcome.basis}
    assert set(expected.get("basis", [])) <= citations
    assert {key: found[key] for key in expected if key != "basis"} == {
        k: v for k, v in expected.items() if k != "basis"
    }


def test_there_are_160_people_in_every_place_on_both_sides_of_each_change_of_law() -> None:
    days = {param.values[0].on for param in PEOPLE}
    assert len(PEOPLE) >= 160
    assert {date(2025, 12, 31), date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 1), date(2027, 1, 1)} <= days
    assert {"", "31", "22", "12", "20"} <= {param.values[0].where.province for param in PEOPLE}


def test_every_benefit_has_somebody_who_is_judged_on_it(catalogue: Catalogue) -> None:
    judged = {benefit for param in PEOPLE for benefit in param.values[0].expect}
    assert {benefit for pack in catalogue.packs.values() for benefit in pack.benefits} <= judged


def test_a_file_of_people_names_every_fault_at_once(tmp_path: Path) -> None:
    path = tmp_path / "people.toml"
    path.write_text(
        '[[person]]\ndescription = "chị A."\non = 2026-01-01\nfacts = { age = "old", area = "thon", foo = 1 }\n'
    )
    with pytest.raises(KnowledgeError) as raised:
        read_people(path, FACTS)
    assert str(raised.value).count("\n") == 3
    assert "area is never 'thon': write one of xa, phuong, dac_khu, dont_know" in str(raised.value)
