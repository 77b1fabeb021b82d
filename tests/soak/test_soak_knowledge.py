"""The whole of the knowledge: every place on every day that matters, and very many people."""

import random
import re
from datetime import date
from pathlib import Path
from runpy import run_path

import pytest

from knowledge import places
from knowledge.answers import EMERGENCY, TOPICS, placeholders
from knowledge.catalogue import Catalogue
from knowledge.check_texts import days_of_change
from knowledge.check_words import number_word
from knowledge.dated import Entry, Parameter, Where
from knowledge.eligibility import benefits_for, next_question, screen

pytestmark = pytest.mark.soak
POPULATION = run_path(str(Path(__file__).parents[1] / "knowledge" / "population.py"))
simulated, QuestionsAsked = POPULATION["simulated"], POPULATION["QuestionsAsked"]
CATALOGUE = Catalogue.load()
PROVINCES = [Where(), *(Where(province.code) for province in places.today().provinces())]
DAYS = days_of_change(CATALOGUE)
PEOPLE = 10_000


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_every_number_in_every_answer_in_every_province_traces_to_a_sourced_entry(day: date) -> None:
    for where in PROVINCES:
        for topic in (*TOPICS, EMERGENCY):
            answer = CATALOGUE.answer(topic, where=where, on=day)
            assert answer is not None
            for text in (*answer.short.values(), *answer.more.values()):
                bare = _marked(text, where, day)
                assert not re.search(r"\d", bare), (where, topic, bare)
                assert not number_word(bare), (where, topic, bare)


def _marked(text: str, where: Where, day: date) -> str:
    def mark(parameter: Parameter, entry: Entry) -> str:
        assert parameter.id.startswith("law:") or entry.holds(day)
        assert entry.confidence != "M"
        assert entry.source.article or CATALOGUE.law(entry.source.law)
        return "<value>"

    told = CATALOGUE.fill(text, mark, where=where, on=day)
    for name in placeholders(text):
        if name.startswith("law:"):
            told = told.replace(CATALOGUE.law(name.split(":")[1]).citation, "<law>")
    return told


@pytest.mark.parametrize("day", [date(2025, 12, 31), date(2026, 1, 1), date(2026, 7, 1), date(2027, 1, 1)], ids=str)
@pytest.mark.parametrize("code", ["", "31", "22", "12", "20"])
def test_ten_thousand_people_are_asked_few_questions_in_every_place(code: str, day: date) -> None:
    average, most = QuestionsAsked(CATALOGUE, day, Where(code)).counts(PEOPLE, seed=1956)
    assert most <= 8
    assert average <= 6


@pytest.mark.parametrize("code", ["", "31", "22", "12", "20"])
def test_ten_thousand_people_are_screened_with_a_reason_and_a_source(code: str) -> None:
    rng, where, day = random.Random(61), Where(code), date(2026, 11, 22)
    for _ in range(PEOPLE):
        person = simulated(rng)
        for topic in ("", "work_abroad"):
            benefits = benefits_for(topic, where=where, on=day, catalogue=CATALOGUE)
            here = {"where": where, "on": day, "catalogue": CATALOGUE, "benefits": benefits}
            facts = dict(person)
            while question := next_question(facts, **here):
                facts[question.fact] = "dont_know"
            for outcome in screen(facts, **here):
                assert outcome.verdict != "open"
                assert outcome.reasons
                assert outcome.basis
