"""Every answer, on the days on which the law changes: told, short, and each number in it with its source."""

import re
from datetime import date
from functools import cache

import pytest

from knowledge.answers import EMERGENCY, SHORT_LIMIT, TOPICS, fill, placeholders
from knowledge.catalogue import FIRST_DAY, Catalogue
from knowledge.check_texts import all_texts
from knowledge.check_words import number_word, plain
from knowledge.dated import Entry, NotInForce, Parameter, UnknownLaw, UnknownParameter, Where
from knowledge.reading import DATA, read_places

DAYS = [
    FIRST_DAY,
    date(2025, 12, 31),
    date(2026, 1, 1),
    date(2026, 6, 30),
    date(2026, 7, 1),
    date(2026, 11, 22),
    date(2027, 1, 1),
    date(2030, 12, 31),
    date(2031, 1, 1),
]
PACKS = read_places(DATA)[0]
EVERYWHERE = Catalogue(PACKS)  # with the template, which Catalogue.load leaves out
PLACES = [*(pack.where for pack in PACKS), Where("31", "11557"), Where("01", "00004")]
ALL = (*TOPICS, EMERGENCY)
spelt = cache(number_word)


def test_there_are_forty_one_topics() -> None:
    assert len(TOPICS) == len(set(TOPICS)) == 41


@pytest.mark.parametrize("day", DAYS, ids=str)
@pytest.mark.parametrize("topic", ALL)
def test_every_number_in_an_answer_comes_from_a_value_with_its_source(topic: str, day: date) -> None:
    """Values are rendered as marks; whatever digit is left besides them and the citations was typed into the text."""
    catalogue = EVERYWHERE
    for where in PLACES:
        answer = catalogue.answer(topic, where=where, on=day)
        assert answer is not None
        shown: list[Entry] = []

        def mark(parameter: Parameter, entry: Entry, shown: list[Entry] = shown) -> str:
            assert parameter.id.startswith("law:") or entry.holds(day)
            shown.append(entry)
            return "<value>"

        for text in (*answer.short.values(), *answer.more.values()):
            told = catalogue.fill(text, mark, where=where, on=day)
            for name in placeholders(text):
                if name.startswith("law:"):
                    told = told.replace(catalogue.law(name.split(":")[1]).citation, "<law>")
            assert not re.search(r"\d", told), told
            assert not spelt(told), told
        for entry in shown:
            assert catalogue.law(entry.source.law)
            assert entry.confidence != "M"


@pytest.mark.parametrize("day", DAYS, ids=str)
@pytest.mark.parametrize("where", PLACES, ids=str)
def test_every_short_answer_is_short_and_offers_a_next_step(where: Where, day: date) -> None:
    for topic in ALL:
        answer = EVERYWHERE.answer(topic, where=where, on=day)
        assert answer is not None
        assert answer.next
        for text in answer.short.values():
            assert len(EVERYWHERE.fill(text, plain, where=where, on=day)) <= SHORT_LIMIT
        assert set(answer.short) == {"vi", "en"}


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_an_answer_names_no_source_that_was_not_in_force(day: date) -> None:
    for topic in ALL:
        for where in PLACES:
            answer = EVERYWHERE.answer(topic, where=where, on=day)
            assert answer is not None
            for source in answer.sources:
                assert EVERYWHERE.law(source.law).holds(day), (topic, source)


def test_the_amount_changes_on_the_day_the_decree_comes_into_force(catalogue: Catalogue) -> None:
    def told(day: date) -> str:
        answer = catalogue.answer("support_tuition", on=day)
        assert answer is not None
        return catalogue.fill(answer.short["vi"], plain, on=day)

    assert "2,000,000 đồng/khóa" in told(date(2025, 12, 31))
    assert "4,000,000" not in told(date(2025, 12, 31))
    assert "4,000,000 đồng/khóa" in told(date(2026, 1, 1))


def test_the_base_salary_changes_in_the_middle_of_2026(catalogue: Catalogue) -> None:
    assert catalogue.value("base_salary", on=date(2026, 6, 30)).value == 2_340_000
    assert catalogue.value("base_salary", on=date(2026, 7, 1)).value == 2_530_000


def test_the_poverty_line_changes_with_2027(catalogue: Catalogue) -> None:
    assert catalogue.value("poor.income_rural", on=date(2026, 12, 31)).value == 1_500_000
    assert catalogue.value("poor.income_rural", on=date(2027, 1, 1)).value == 2_200_000


@pytest.mark.parametrize(
    "topic",
    ["eligibility_disability", "eligibility_poor_household", "student_after_THCS", "driving_licence", "dropout_rules"],
)
def test_what_is_uncertain_goes_to_the_officer(topic: str, catalogue: Catalogue, today: date) -> None:
    answer = catalogue.answer(topic, on=today)
    assert answer is not None
    assert answer.officer


def test_an_answer_is_as_sure_as_the_weakest_value_in_it(catalogue: Catalogue, today: date) -> None:
    tuition = catalogue.answer("support_tuition", on=today)
    soldier = catalogue.answer("discharged_soldier", on=today)
    assert tuition is not None
    assert soldier is not None
    assert tuition.confidence == "V1"
    assert soldier.confidence == "V3"


def test_hai_phong_says_more_and_keeps_the_nations_short_text(catalogue: Catalogue, today: date) -> None:
    nation = catalogue.answer("support_tuition", on=today)
    city = catalogue.answer("support_tuition", where=Where("31", "11557"), on=today)
    assert nation is not None
    assert city is not None
    assert city.short == nation.short
    assert city.more["vi"].startswith(nation.more["vi"])
    assert "{hp.tuition_share}" in city.more["vi"]
    assert "nq03_2024_hp" in {source.law for source in city.sources}
    assert "nq03_2024_hp" not in {source.law for source in nation.sources}
    assert city.short_sources == nation.short_sources
    assert {source.law for source in city.short_sources} == {"nd338"}


def test_hai_phong_flags_its_nine_trades(catalogue: Catalogue) -> None:
    flagged = [trade for trade in catalogue.trades(where=Where("31")) if trade.levels]
    assert len(flagged) == 9
    assert all(trade.levels == ("trung_cap", "cao_dang") and trade.source for trade in flagged)
    assert not [trade for trade in catalogue.trades() if trade.levels]


def test_at_least_sixty_trades_with_everyday_names(catalogue: Catalogue) -> None:
    trades = catalogue.trades()
    assert len(trades) >= 60
    assert all(trade.names and trade.leads_to for trade in trades)
    assert sum(bool(trade.dialect) for trade in trades) >= 50


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_programmes_of_the_past_are_told_only_once_they_are_past(day: date, catalogue: Catalogue) -> None:
    old = {programme.id for programme in catalogue.superseded(on=day)}
    assert "project_1956" in old
    assert ("training_card" in old) == (day >= date(2026, 1, 1))
    for programme in catalogue.superseded(on=day):
        assert catalogue.fill(programme.text["vi"], plain, on=day)


def test_emergency_names_all_five_numbers(catalogue: Catalogue, today: date) -> None:
    answer = catalogue.answer(EMERGENCY, on=today)
    assert answer is not None
    told = catalogue.fill(answer.short["vi"], plain, on=today)
    assert re.findall(r"\d+", told) == ["113", "115", "114", "111", "112"]
    assert len(catalogue.contacts(topic=EMERGENCY)) == 5


def test_before_the_first_day_nothing_is_said(catalogue: Catalogue) -> None:
    assert catalogue.answer("cost", on=FIRST_DAY) is not None
    assert catalogue.answer("cost", on=date(2025, 6, 30)) is None
    assert catalogue.answer("no_such_topic", on=FIRST_DAY) is None


def test_asking_for_what_is_not_there_says_what_to_do(catalogue: Catalogue) -> None:
    with pytest.raises(NotInForce, match=r"has no value on 2025-12-31\. Ask for another day"):
        catalogue.value("nd338.tuition", on=date(2025, 12, 31))
    with pytest.raises(UnknownParameter, match="Correct the name"):
        catalogue.value("nd338.tution", on=date(2026, 1, 1))
    with pytest.raises(UnknownLaw, match="Correct the name"):
        catalogue.law("nd999")


def test_a_day_of_a_law_renders_as_a_date(catalogue: Catalogue, today: date) -> None:
    assert catalogue.fill("{law:nd338} {law:nd338:in_force}", plain, on=today) == "NĐ 338/2025/NĐ-CP 01/01/2026"
    with pytest.raises(ValueError, match="has no day 'until'"):
        fill("{law:nd338:until}", plain, value=lambda name: catalogue.dated(name, on=today), law=catalogue.law)


def test_no_text_promises(catalogue: Catalogue) -> None:
    """We never decide: whoever says "được hưởng" or "đủ điều kiện" outright takes the officer's place."""
    for path, place, text in all_texts(catalogue):
        assert "chắc chắn được" not in text.get("vi", ""), (path, place)
