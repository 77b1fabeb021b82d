import pytest

from intents.augment import copies
from intents.guard import Guard
from intents.spelling import Speller
from intents.splitter import cuts

SPELLER = Speller({"hoc": 90, "nghe": 80, "may": 60, "o": 50, "dau": 50, "duoc": 50, "khong": 90, "truong": 20})


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("hocnghe ở đâu", "hoc nghe ở đâu"),
        ("họcnghề", "học nghề"),
        ("khogn", "khong"),
        ("trương", "trương"),
        ("zalo", "zalo"),
        ("facebook", "facebook"),
        ("hocnghemayodau", "hocnghemayodau"),
    ],
)
def test_only_what_can_be_no_syllable_is_repaired(typed, meant):
    assert SPELLER.repair(typed) == meant


def test_a_message_is_cut_at_marks_joins_and_question_tails():
    pieces = list(cuts("Lớp may học mấy tháng? Học xong có bằng không và đăng ký ở đâu vậy"))
    assert ("Lớp may học mấy tháng?", "Học xong có bằng không và đăng ký ở đâu vậy") in pieces
    assert len(pieces) <= 4


def test_a_short_message_is_not_cut():
    assert list(cuts("học may ở đâu")) == []


def test_danger_is_heard_without_tone_marks_and_harmless_words_silence_it():
    guard = Guard({"danger": ["cứu với"], "harmless": ["lớp sơ cứu"]})
    assert guard.warns("cuu voi chay nha")
    assert not guard.warns("cuu voi lop so cuu o dau")
    assert not guard.warns("hoc may o dau")


def test_copies_are_three_and_seeded():
    import random

    first = copies("tôi muốn học nghề may ở xã", random.Random(1))
    assert len(first) == 3
    assert first == copies("tôi muốn học nghề may ở xã", random.Random(1))
    assert first[1] == "toi muon hoc nghe may o xa"
