import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.texts import numbered, split, utf16
from bot.model import Choice, Reply


def test_choices_are_a_numbered_list():
    assert numbered(Reply("Hỏi gì?", (Choice("a", "Lớp"), Choice("b", "Tiền")))) == "Hỏi gì?\n1. Lớp\n2. Tiền"


def test_a_long_text_is_cut_at_sentence_ends():
    assert split("Một câu ngắn. Câu hai dài hơn. Câu ba.", 20) == ["Một câu ngắn.", "Câu hai dài hơn.", "Câu ba."]


def test_a_word_without_an_end_is_cut_where_it_must():
    assert split("a" * 25, 10) == ["a" * 10, "a" * 10, "a" * 5]


def test_decomposed_letters_count_once():
    assert split(unicodedata.normalize("NFD", "Đồng ý " * 10), 70) == [("Đồng ý " * 10).strip()]


@pytest.mark.parametrize("measure", [len, utf16])
@given(text=st.text(max_size=300), limit=st.integers(4, 60))
def test_every_piece_fits_and_no_word_is_lost(measure, text, limit):
    pieces = split(text, limit, measure)
    assert all(measure(p) <= limit for p in pieces)
    kept = "".join("".join(p.split()) for p in pieces)
    assert kept == "".join(unicodedata.normalize("NFC", text).split())
