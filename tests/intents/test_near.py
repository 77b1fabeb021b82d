"""Sentences that say the same: the pairs of tests/cases/near.toml; look-ups; groups; the cases the program carries."""

import tomllib
from pathlib import Path

import pytest

from intents import cases
from intents.near import NearBook, Phrase, form, grouped, key, near, teachable

PAIRS = tomllib.loads((Path(__file__).parent.parent / "cases" / "near.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("one", "other"), PAIRS["same"])
def test_the_same_in_nearly_the_same_words(one, other):
    assert near(form(one), form(other))
    assert NearBook([Phrase("", one, "x")]).find(other) is not None
    assert NearBook([Phrase("", other, "x")]).find(one) is not None


@pytest.mark.parametrize(("one", "other"), PAIRS["different"])
def test_something_else_in_nearly_the_same_words(one, other):
    assert not near(form(one), form(other))
    assert NearBook([Phrase("", one, "x")]).find(other) is None
    assert NearBook([Phrase("", other, "x")]).find(one) is None


def test_a_places_own_phrase_comes_before_everybodys_and_stays_there():
    said = "lớp xe nâng bao giờ mở"
    book = NearBook([Phrase("", said, "all"), Phrase("03595", said, "here")])
    assert [book.find(said, place).target for place in ("03595", "99001", "")] == ["here", "all", "all"]
    assert NearBook([Phrase("03595", said, "here")]).find(said, "99001") is None


def test_a_word_alone_is_too_little_to_be_taught():
    assert [teachable(said) for said in ("học", "dạ học ạ", "?!", "", "học gì", "học lái xe")] == [False] * 4 + [
        True
    ] * 2


def test_questions_that_are_alike_stand_together_the_most_frequent_first():
    asked = ["giá lợn hôm nay", "có sóng wifi chưa", "nhà văn hóa có sóng wifi chưa", "co song wifi chua a"]
    asked += ["nhà văn hoá có sóng wifi chưa ạ", "gia lon hom nay", "Giá lợn hôm nay thế nào", "bao giờ mưa"]
    found = [[asked[at] for at in group] for group in grouped(asked)]
    assert sorted(map(len, found), reverse=True) == [len(g) for g in found]
    assert any({"giá lợn hôm nay", "gia lon hom nay"} <= set(group) for group in found)
    assert ["bao giờ mưa"] in found
    assert sorted(at for group in grouped(asked) for at in group) == list(range(len(asked)))


def test_no_questions_are_no_groups():
    assert grouped([]) == []


def test_the_same_key_for_the_same_words():
    assert key("Dạ, Học lái xe ạ!") == key("hoc lai xe")


def test_the_program_carries_the_cases_as_they_are():
    assert not cases.stale(), "run `python -m intents.cases`"
    assert {c.label for c in cases.load()} == {path.stem for path in cases.SOURCE.glob("*.toml")}
    assert len(cases.load()) > 250


def test_a_case_that_was_changed_makes_them_stale(tmp_path):
    (tmp_path / "cost.toml").write_text('toned = ["Mất bao nhiêu tiền?"]\n', encoding="utf-8")
    assert cases.stale(tmp_path)
    assert not cases.stale(tmp_path / "nowhere"), "an installed program has no case files to compare with"
