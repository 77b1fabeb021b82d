"""Programmes and offices of the past, by the names that people type, toneless or not."""

import unicodedata
from datetime import date

import pytest

from knowledge.catalogue import Catalogue
from knowledge.check_words import plain
from knowledge.dated import Where
from knowledge.old_names import folded, named


def fold(text: str) -> str:
    """What a caller folds by: lower case, no marks, no punctuation."""
    plain_letters = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    bare = "".join(letter for letter in plain_letters if not unicodedata.combining(letter))
    return " ".join("".join(letter if letter.isalnum() else " " for letter in bare).split())


TODAY = date(2026, 11, 22)
CATALOGUE = Catalogue.load()
NAMES = folded(CATALOGUE, fold)


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ("Đề án 1956 còn không?", "project_1956"),
        ("de an 1956 con khong a", "project_1956"),
        ("1956 còn không ạ", "project_1956"),
        ("Quyết định số 1956 cho học nghề bao nhiêu tiền", "project_1956"),
        ("thẻ học nghề của bộ đội giờ dùng ở đâu", "training_card"),
        ("em có thẻ đào tạo nghề từ năm ngoái", "training_card"),
        ("the hoc nghe bo doi con khong", "training_card"),
        ("theo nghị định 61 thì được bao nhiêu", "nd61_2015"),
        ("NĐ 61/2015/NĐ-CP còn hiệu lực không", "nd61_2015"),
        ("nghị định 61/2020 về thất nghiệp", "unemployment_decree_28"),
        ("nghe nói vay 100 triệu không cần thế chấp", "loan_100_million"),
        ("muon hoi quy quoc gia ve viec lam", "loan_100_million"),
        ("QĐ 46 còn không", "qd46_2015"),
        ("luật việc làm 2013", "employment_law_2013"),
        ("phòng LĐTBXH ở đâu", "labour_department"),
        ("so lao dong thuong binh xa hoi tinh minh", "labour_department"),
        ("lên UBND huyện nộp được không", "district"),
        ("huyện còn không", "district"),
        ("thị xã còn không ạ", "district"),
    ],
)
def test_an_old_name_is_known_however_it_is_typed(said: str, what: str) -> None:
    found = named(fold(said), on=TODAY, names=NAMES, typed=said)
    assert found is not None
    assert found.id == what


@pytest.mark.parametrize(
    "said",
    [
        "tôi sinh năm 1956 có học được không",
        "chị Huyền ở xã Tiên Yên muốn học may",
        "nhà thì xa lớp 20 cây số",
        "muốn mở quán bún ở quê",
        "em muốn học nghề may",
        "tôi có thể học nghề gì",
        "toi co the hoc nghe gi",
        "nhà em ở huyện cũ Ba Chẽ, muốn học nấu ăn",
        "em ở thị xã mới lên phường, có được học không",
        "học phí 61 nghìn một buổi",
        "vay 10 triệu được không",
        "",
    ],
)
def test_other_words_are_not_taken_for_an_old_name(said: str) -> None:
    assert named(fold(said), on=TODAY, names=NAMES, typed=said) is None


def test_without_the_typed_text_the_folded_one_is_enough() -> None:
    assert named("de an 1956 con khong", on=TODAY, names=NAMES)
    assert named("toi co the hoc nghe gi", on=TODAY, names=NAMES) is None


@pytest.mark.parametrize(
    ("said", "first_day"),
    [
        ("thẻ học nghề", date(2026, 1, 1)),
        ("nghị định 61", date(2026, 1, 1)),
        ("vay 100 triệu", date(2026, 1, 1)),
        ("sở lao động", date(2025, 7, 1)),
        ("chuẩn nghèo cũ", date(2027, 1, 1)),
    ],
)
def test_what_is_still_in_force_is_no_old_name(said: str, first_day: date) -> None:
    assert named(fold(said), on=first_day, names=NAMES)
    assert named(fold(said), on=date.fromordinal(first_day.toordinal() - 1), names=NAMES) is None


def test_a_place_adds_its_own_old_names() -> None:
    lang_son = folded(CATALOGUE, fold, where=Where("20"))
    found = named("ke hoach 51 con khong", on=TODAY, names=lang_son)
    assert found is not None
    assert found.id == "ls_plan_51"
    assert named("ke hoach 51 con khong", on=TODAY, names=NAMES) is None


@pytest.mark.parametrize("code", ["", "31", "22", "12", "20"])
def test_every_old_name_tells_what_stands_in_its_place(code: str) -> None:
    where = Where(code)
    for day in (date(2025, 7, 1), date(2025, 12, 31), date(2026, 1, 1), TODAY, date(2027, 1, 1), date(2031, 1, 1)):
        for old in CATALOGUE.superseded(where=where, on=day):
            assert old.sources
            assert CATALOGUE.answer(old.topic, where=where, on=day)
            for words in old.text.values():
                assert CATALOGUE.fill(words, plain, where=where, on=day)


def test_no_name_means_two_things() -> None:
    for code in ("", "31", "22", "12", "20"):
        everything = CATALOGUE.superseded(where=Where(code), on=date.max)
        names = [name for old in everything for name in dict.fromkeys(map(fold, (*old.names, *old.alone)))]
        assert len(names) == len(set(names)), sorted(name for name in names if names.count(name) > 1)
