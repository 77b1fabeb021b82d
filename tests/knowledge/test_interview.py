"""The interview: short, always ends, asks nothing twice, and no outcome stands without a source."""

import random
from collections import Counter
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.catalogue import Catalogue
from knowledge.check_texts import plain
from knowledge.conditions import DONT_KNOW
from knowledge.eligibility import Question, next_question, screen

CATALOGUE = Catalogue.load()
DAYS = st.sampled_from([date(2025, 12, 31), date(2026, 1, 1), date(2026, 7, 1), date(2027, 1, 1)])
SITUATIONS = [choice.value for choice in CATALOGUE.facts["situations"].choices if choice.value != "none"]


def answer_of(fact_id: str) -> st.SearchStrategy[Any]:
    fact = CATALOGUE.facts[fact_id]
    if fact.kind == "number":
        return st.just(DONT_KNOW) | st.integers(fact.low, min(fact.high, 200))
    values = st.sampled_from([choice.value for choice in fact.choices])
    if fact.kind == "many":
        return st.just(DONT_KNOW) | st.lists(values, min_size=1, max_size=4, unique=True)
    return st.just(DONT_KNOW) | values


ALL_ANSWERS = st.fixed_dictionaries({name: answer_of(name) for name in CATALOGUE.facts})
SOME_FACTS = st.fixed_dictionaries({}, optional={name: answer_of(name) for name in CATALOGUE.facts})


def interview(person: dict[str, Any], on: date, *, amounts: bool = False, known: dict | None = None) -> list[Question]:
    facts, asked = dict(known or {}), []
    while question := next_question(facts, on=on, catalogue=CATALOGUE, amounts=amounts):
        assert question.fact not in facts
        asked.append(question)
        facts[question.fact] = person[question.fact]
        assert len(asked) <= len(CATALOGUE.facts)
    assert all(outcome.verdict != "open" for outcome in screen(facts, on=on, catalogue=CATALOGUE))
    return asked


def simulated(rng: random.Random) -> dict[str, Any]:
    """A person drawn as the population of rural Vietnam; the answers they would give, each unknown in 15 of 100."""

    def chance(share: float) -> bool:
        return rng.random() < share

    def yes(share: float) -> str:
        return "yes" if chance(share) else "no"

    situations = [rng.choice(SITUATIONS[:4])] if chance(0.06) else []
    situations += [name for name, share in (("land_recovered", 0.05), ("insured_unemployed", 0.08)) if chance(share)]
    situations += ["ex_prisoner"] if chance(0.01) else []
    person = {
        "age": rng.randint(15, 70),
        "area": "xa" if chance(0.7) else rng.choice(["phuong", "phuong", "phuong", "dac_khu"]),
        "situations": situations or ["none"],
        "trained_before": yes(0.2),
        "job_loss": yes(0.2),
        "service_recent": yes(0.8),
        "trained_after_service": yes(0.3),
        "ui_status": rng.choice(["receiving", "paid", "no"]),
        "household": rng.choices(["poor", "near_poor", "none"], [12, 12, 76])[0],
        "ethnic": yes(0.25),
        "disabled": yes(0.05),
        "distance_km": rng.randint(0, 40),
        "difficult_area": yes(0.2),
        "course_days": rng.randint(10, 80),
    }
    return {name: DONT_KNOW if chance(0.15) else value for name, value in person.items()}


class QuestionsAsked:
    """Counts the questions to many people; whoever has said the same so far is asked the same next."""

    def __init__(self, on: date) -> None:
        self.on = on
        self.next: dict[str, str] = {}

    def of(self, person: dict[str, Any]) -> int:
        facts: dict[str, Any] = {}
        while fact := self.after(facts):
            facts[fact] = person[fact]
        return len(facts)

    def after(self, facts: dict[str, Any]) -> str:
        said = repr(facts)
        if said not in self.next:
            question = next_question(facts, on=self.on, catalogue=CATALOGUE)
            self.next[said] = question.fact if question else ""
        return self.next[said]


@pytest.mark.parametrize(("on", "people"), [(date(2025, 12, 31), 1_000), (date(2026, 11, 22), 10_000)], ids=str)
def test_the_interview_is_short_over_the_simulated_population(on: date, people: int) -> None:
    rng, asked = random.Random(338), QuestionsAsked(on)
    counts = Counter(asked.of(simulated(rng)) for _ in range(people))
    average = sum(number * persons for number, persons in counts.items()) / people
    assert max(counts) <= 8
    assert average <= 6


@given(person=ALL_ANSWERS, on=DAYS, known=SOME_FACTS, amounts=st.booleans())
@settings(max_examples=150, deadline=None)
def test_the_interview_always_ends_and_settles_everything(
    person: dict[str, Any], on: date, known: dict[str, Any], amounts: bool
) -> None:
    asked = interview(person, on, amounts=amounts, known=known)
    assert len({question.fact for question in asked}) == len(asked)
    if not amounts:
        assert len(asked) <= 8


@given(facts=SOME_FACTS, on=DAYS)
@settings(max_examples=200, deadline=None)
def test_no_outcome_stands_without_a_source_and_every_text_can_be_told(facts: dict[str, Any], on: date) -> None:
    for outcome in screen(facts, on=on, catalogue=CATALOGUE):
        assert outcome.basis
        assert outcome.confidence != "M"
        for source in outcome.basis:
            assert CATALOGUE.law(source.law).holds(on)
        if outcome.verdict != "open":
            assert outcome.reasons, (outcome.benefit, outcome.verdict)
        for text in (*outcome.reasons, *outcome.remarks, *outcome.papers, *(a.label for a in outcome.amounts)):
            for words in text.values():
                assert CATALOGUE.fill(words, plain, on=on)
        for amount in outcome.amounts:
            assert amount.sources
        if outcome.verdict in ("unlikely", "open"):
            assert not outcome.amounts


@given(
    facts=ALL_ANSWERS, on=DAYS, name=st.sampled_from([n for n, f in CATALOGUE.facts.items() if f.ask == "interview"])
)
@settings(max_examples=200, deadline=None)
def test_learning_more_never_undoes_likely_or_unlikely(facts: dict[str, Any], on: date, name: str) -> None:
    """What was settled with less known stays settled when one more question is answered."""
    facts = {key: value for key, value in facts.items() if key != "months_since_service"}
    fewer = {key: value for key, value in facts.items() if key != name}
    before = {o.benefit: o.verdict for o in screen(fewer, on=on, catalogue=CATALOGUE)}
    after = {o.benefit: o.verdict for o in screen(facts, on=on, catalogue=CATALOGUE)}
    for benefit, verdict in before.items():
        if verdict == "likely":
            assert after[benefit] == "likely"
        if verdict == "unlikely":
            assert after.get(benefit, "unlikely") == "unlikely"


@given(person=ALL_ANSWERS, on=DAYS)
@settings(max_examples=60, deadline=None)
def test_every_question_asked_can_change_an_outcome(person: dict[str, Any], on: date) -> None:
    facts: dict[str, Any] = {}
    while question := next_question(facts, on=on, catalogue=CATALOGUE):
        answers = [choice.value for choice in question.choices] or [1, 14, 15, 70]
        results = {
            tuple((o.benefit, o.verdict) for o in screen({**facts, question.fact: value}, on=on, catalogue=CATALOGUE))
            for value in answers
        }
        assert len(results) > 1, question.fact
        facts[question.fact] = person[question.fact]


def test_under_fifteen_nothing_more_is_asked(today: date) -> None:
    assert [q.fact for q in interview({"age": 14}, today)] == ["age"]


def test_what_is_known_is_not_asked(today: date) -> None:
    facts = {"age": 40, "area": "xa", "situations": ["none"], "trained_before": "no"}
    assert next_question(facts, on=today, catalogue=CATALOGUE) is None


def test_money_is_asked_about_only_on_request(today: date) -> None:
    facts = {"age": 40, "area": "xa", "situations": ["none"], "trained_before": "no"}
    person = {"distance_km": 20, "difficult_area": "no", "course_days": 30}
    asked = [q.fact for q in interview(person, today, amounts=True, known=facts)]
    assert sorted(asked) == ["course_days", "difficult_area", "distance_km"]


def test_a_near_class_needs_no_question_on_the_area(today: date) -> None:
    facts = {"age": 40, "area": "xa", "situations": ["none"], "trained_before": "no", "distance_km": 3}
    asked = [q.fact for q in interview({"course_days": 30}, today, amounts=True, known=facts)]
    assert asked == ["course_days"]


def test_sensitive_facts_are_never_asked_by_themselves() -> None:
    assert {fact.id for fact in CATALOGUE.facts.values() if fact.sensitive} == {"disabled", "ethnic"}
    assert all(fact.ask == "never" for fact in CATALOGUE.facts.values() if fact.sensitive)


def test_the_screening_can_be_limited_to_some_benefits(today: date) -> None:
    facts = {"age": 40, "area": "xa", "trained_before": "no"}
    assert next_question(facts, on=today, catalogue=CATALOGUE, benefits=("nd338_rural",)) is None
    outcomes = screen(facts, on=today, catalogue=CATALOGUE, benefits=("nd338_rural",))
    assert [outcome.benefit for outcome in outcomes] == ["nd338_rural"]


def test_questions_can_be_told_whenever_they_are_asked() -> None:
    for on in (date(2025, 12, 31), date(2026, 11, 22)):
        rng = random.Random(46)
        for _ in range(300):
            for question in interview(simulated(rng), on, amounts=True):
                for text in (question.text, question.hint, question.easier, *(c.label for c in question.choices)):
                    assert set(text) == {"vi", "en"}
                    for words in text.values():
                        assert CATALOGUE.fill(words, plain, on=on)
