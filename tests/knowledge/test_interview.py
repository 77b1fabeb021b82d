"""The interview: short, always ends, asks nothing twice, and no outcome stands without a source."""

import random
import time
from datetime import date
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.answers import TOPICS
from knowledge.catalogue import Catalogue
from knowledge.check_words import plain
from knowledge.conditions import DONT_KNOW
from knowledge.dated import NATION, Where
from knowledge.eligibility import Question, benefits_for, next_question, screen

POPULATION = run_path(str(Path(__file__).with_name("population.py")))  # this folder's name is that of the package
simulated, QuestionsAsked = POPULATION["simulated"], POPULATION["QuestionsAsked"]
CATALOGUE = Catalogue.load()
DAYS = st.sampled_from([date(2025, 12, 31), date(2026, 1, 1), date(2026, 7, 1), date(2027, 1, 1)])
PLACES = st.sampled_from([Where(), Where("31"), Where("22"), Where("12"), Where("20")])
ON_REQUEST = sorted(
    {topic for pack in CATALOGUE.packs.values() for b in pack.benefits.values() for topic in b.only_for}
)
ASKED_FOR = st.sampled_from(["", *ON_REQUEST])


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


def interview(
    person: dict[str, Any],
    on: date,
    *,
    amounts: bool = False,
    known: dict | None = None,
    where: Where = NATION,
    topic: str = "",
) -> list[Question]:
    benefits = benefits_for(topic, where=where, on=on, catalogue=CATALOGUE)
    here = {"where": where, "on": on, "catalogue": CATALOGUE, "benefits": benefits}
    facts, asked = dict(known or {}), []
    while question := next_question(facts, amounts=amounts, **here):
        assert question.fact not in facts
        asked.append(question)
        facts[question.fact] = person[question.fact]
        assert len(asked) <= len(CATALOGUE.facts)
    assert all(outcome.verdict != "open" for outcome in screen(facts, **here))
    return asked


@pytest.mark.parametrize(
    ("where", "on", "people"),
    [
        (Where(), date(2026, 11, 22), 10_000),
        (Where(), date(2025, 12, 31), 1_000),
        *((Where(code), date(2026, 11, 22), 1_000) for code in ("31", "22", "12", "20")),
    ],
    ids=str,
)
def test_the_interview_is_short_over_the_simulated_population(where: Where, on: date, people: int) -> None:
    average, most = QuestionsAsked(CATALOGUE, on, where).counts(people, seed=338)
    assert most <= 8
    assert average <= 6


@given(person=ALL_ANSWERS, on=DAYS, known=SOME_FACTS, where=PLACES, topic=ASKED_FOR, amounts=st.booleans())
@settings(max_examples=80, deadline=None)
def test_the_interview_always_ends_and_settles_everything(
    person: dict[str, Any], on: date, known: dict[str, Any], where: Where, topic: str, amounts: bool
) -> None:
    asked = interview(person, on, amounts=amounts, known=known, where=where, topic=topic)
    assert len({question.fact for question in asked}) == len(asked)
    if not amounts:
        assert len(asked) <= 8


@given(facts=SOME_FACTS, on=DAYS, where=PLACES, topic=ASKED_FOR)
@settings(max_examples=100, deadline=None)
def test_no_outcome_stands_without_a_source_and_every_text_can_be_told(
    facts: dict[str, Any], on: date, where: Where, topic: str
) -> None:
    benefits = benefits_for(topic, where=where, on=on, catalogue=CATALOGUE)
    for outcome in screen(facts, where=where, on=on, catalogue=CATALOGUE, benefits=benefits):
        assert outcome.basis
        assert outcome.confidence != "M"
        for source in outcome.basis:
            assert CATALOGUE.law(source.law).holds(on), (outcome.benefit, source)
        if outcome.verdict != "open":
            assert outcome.reasons, (outcome.benefit, outcome.verdict)
        texts = (*outcome.reasons, *outcome.remarks, *outcome.papers, *(a.label for a in outcome.amounts))
        for words in (words for text in (outcome.title, outcome.hand_in, *texts) for words in text.values()):
            assert CATALOGUE.fill(words, plain, where=where, on=on)
        assert all(amount.sources for amount in outcome.amounts)
        if outcome.verdict in ("unlikely", "open"):
            assert not outcome.amounts


@given(
    facts=ALL_ANSWERS,
    on=DAYS,
    where=PLACES,
    topic=ASKED_FOR,
    name=st.sampled_from([n for n, f in CATALOGUE.facts.items() if f.ask in ("interview", "request")]),
)
@settings(max_examples=100, deadline=None)
def test_learning_more_never_undoes_likely_or_unlikely(
    facts: dict[str, Any], on: date, where: Where, topic: str, name: str
) -> None:
    """What was settled with less known stays settled when one more question is answered."""
    benefits = benefits_for(topic, where=where, on=on, catalogue=CATALOGUE)
    facts = {key: value for key, value in facts.items() if key != "months_since_service"}
    fewer = {key: value for key, value in facts.items() if key != name}

    def judged(known: dict[str, Any]) -> dict[str, str]:
        outcomes = screen(known, where=where, on=on, catalogue=CATALOGUE, benefits=benefits)
        return {outcome.benefit: outcome.verdict for outcome in outcomes}

    before, after = judged(fewer), judged(facts)
    for benefit, verdict in before.items():
        if verdict == "likely":
            assert after[benefit] == "likely"
        if verdict == "unlikely":
            assert after.get(benefit, "unlikely") == "unlikely"


@given(person=ALL_ANSWERS, on=DAYS)
@settings(max_examples=40, deadline=None)
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
        for _ in range(100):
            for question in interview(simulated(rng), on, amounts=True):
                for text in (question.text, question.hint, question.easier, *(c.label for c in question.choices)):
                    assert set(text) == {"vi", "en"}
                    for words in text.values():
                        assert CATALOGUE.fill(words, plain, on=on)


def test_whoever_only_wants_training_is_asked_nothing_about_loans_or_abroad(today: date) -> None:
    rng = random.Random(10)
    requests = {fact.id for fact in CATALOGUE.facts.values() if fact.ask == "request"}
    asked = {question.fact for _ in range(200) for question in interview(simulated(rng), today)}
    assert requests
    assert not asked & requests
    for benefit in screen({"age": 30}, on=today, catalogue=CATALOGUE):
        assert not CATALOGUE.nation.benefits[benefit.benefit].only_for


@pytest.mark.parametrize(
    ("topic", "facts"),
    [
        ("loan_jobcreation", ["age", "loan_plan"]),
        ("loan_study", ["household", "study_kind"]),
        ("loan_work_abroad", ["age", "situations", "abroad_contract", "household", "merit"]),
        ("work_abroad", ["age", "situations", "household", "merit"]),
        ("student_after_THCS", ["schooling"]),
    ],
)
def test_a_topic_brings_its_own_benefits_and_few_questions(topic: str, facts: list[str], today: date) -> None:
    person = dict.fromkeys(CATALOGUE.facts, DONT_KNOW)
    asked = [question.fact for question in interview(person, today, topic=topic)]
    assert sorted(asked) == sorted(facts)


def test_topics_of_training_bring_the_usual_interview(today: date) -> None:
    for topic in set(TOPICS) - set(ON_REQUEST):
        assert benefits_for(topic, on=today, catalogue=CATALOGUE) == ()


def test_what_may_not_concern_the_person_at_all_stands_last_and_says_so(today: date) -> None:
    facts = {"age": 40, "area": "phuong", "situations": DONT_KNOW, "trained_before": "no", "gender": "male"}
    outcomes = screen({**facts, "disabled": "no"}, on=today, catalogue=CATALOGUE)
    assert [outcome.concerns for outcome in outcomes] == [True, False, False, False, False]
    assert outcomes[0].benefit == "nd338_rural"


def test_the_best_stands_first_and_one_cannot_have_two_for_the_same_purpose(today: date) -> None:
    facts = {"age": 25, "area": "xa", "situations": ["military_service", "ex_prisoner"], "service_recent": "yes"}
    outcomes = screen({**facts, "trained_before": "no"}, on=today, catalogue=CATALOGUE)
    assert [(o.benefit, o.alternative) for o in outcomes] == [
        ("nd338_youth", False),
        ("nd338_rural", True),
        ("ex_prisoner_loan", False),
    ]


def test_an_outcome_is_as_sure_as_the_limits_it_was_measured_by(today: date) -> None:
    """The age of borrowers was read at second hand: the officer confirms it; that of learners in the law itself."""
    loan = screen({"age": 17, "loan_plan": "yes"}, on=today, catalogue=CATALOGUE, benefits=("loan_worker",))[0]
    training = screen({"age": 14}, on=today, catalogue=CATALOGUE)[0]
    assert (loan.verdict, loan.confidence) == ("unlikely", "V3")
    assert "blds" in {source.law for source in loan.basis}
    assert (training.verdict, training.confidence) == ("unlikely", "V1")


def test_a_step_of_the_screening_takes_at_most_a_millisecond(today: date) -> None:
    """The quickest of many: what the program costs, not what else the machine is doing."""
    facts = {"age": 25, "area": "xa", "situations": ["military_service", "land_recovered"], "trained_before": "no"}
    for step in (screen, next_question):
        times = []
        for _ in range(50):
            started = time.perf_counter()
            step(facts, where=Where("22"), on=today, catalogue=CATALOGUE)
            times.append(time.perf_counter() - started)
        assert min(times) <= 0.001
