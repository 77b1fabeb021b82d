import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.texts import fitted, numbered, split, utf16
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


def test_replies_of_a_turn_are_joined_into_one_message_where_they_fit():
    one, two = Reply("Một."), Reply("Hai?", (Choice("a", "Có"), Choice("b", "Không")))
    assert fitted([one, two], 2000) == (Reply("Một.\n\nHai?", two.choices),)
    assert fitted([two, one], 2000) == (two, one), "a list of numbers belongs under its own question"
    assert fitted([one, two], 20) == (one, two)
    assert fitted([one, Reply("Hình", (), "https://a.vn/b.png")], 2000)[0] == one
    assert fitted([], 2000) == ()


@given(st.lists(st.builds(Reply, st.text(max_size=3000), st.just((Choice("a", "Có"),)) | st.just(())), max_size=4))
def test_every_message_fits_and_the_choices_stand_under_the_last_piece(replies):
    made = fitted(replies, 500)
    assert all(len(unicodedata.normalize("NFC", numbered(m))) <= 500 for m in made)
    assert [m.choices for m in made if m.choices] == [r.choices for r in replies if r.choices]


def test_a_picture_stays_with_the_first_piece_of_a_long_text():
    made = fitted([Reply("Câu dài lắm. " * 60, (Choice("a", "Có"),), "https://a.vn/b.png")], 200)
    assert [bool(m.image) for m in made] == [True] + [False] * (len(made) - 1)
    assert [bool(m.choices) for m in made] == [False] * (len(made) - 1) + [True]
