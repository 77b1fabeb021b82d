import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.normalise import fold, lexicon, normalise
from intents.syllables import canonical, decode_keys, is_syllable


@given(st.text(max_size=80))
def test_folding_never_raises_and_is_idempotent(text):
    assert fold(fold(text)) == fold(text)


@given(st.text(max_size=80))
def test_normalising_never_raises_and_leaves_single_spaces(text):
    clean = normalise(text)
    assert clean == " ".join(clean.split())


@given(st.text(alphabet="aăâeêioôơuưybcdđghklmnpqrstvx0123456789 sfrxjw", max_size=40))
def test_keystrokes_never_raise(text):
    normalise(text)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Đầm Hà, Quảng Ninh!", "dam ha quang ninh"),
        ("  Học\tnghề\nMAY  ", "hoc nghe may"),
        ("hoà HOÀ ho\u0300a", "hoa hoa hoa"),
        ("", ""),
    ],
)
def test_folding_leaves_plain_words(text, folded):
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("hocj ngheef ddieenj", "học nghề điện"),
        ("hoc5 nghe62", "học nghề"),
        ("d9u7o7c5", "được"),
        ("dduwowcj", "được"),
        ("đượccccc", "được"),
        ("ko bik", "không biết"),
        ("sđt của xklđ", "số điện thoại của xuất khẩu lao động"),
        ("hoà thuỷ", "hòa thủy"),
        ("8h tối, em 23t, 3tr", "8 giờ tối em 23 tuổi 3 triệu"),
        ("bằng b2 và a1", "bằng b2 và a1"),
        ("lop9", "lop 9"),
        ("rứa tui đi", "vậy tôi đi"),
    ],
)
def test_typing_is_repaired(typed, meant):
    assert normalise(typed) == meant


@pytest.mark.parametrize("word", ["bản Hồ", "ấp Ba", "xóm Đình", "buôn Ma Thuột", "hk", "bt", "dk"])
def test_place_words_and_short_forms_with_several_meanings_are_left_alone(word):
    assert normalise(word) == word.lower()


@pytest.mark.parametrize("word", ["nghiêng", "quý", "giờ", "gì", "uống", "khuya", "thuở", "xoèn"])
def test_written_syllables_are_known(word):
    assert is_syllable(word)


@pytest.mark.parametrize("word", ["hocj", "zalo", "ngiêng", "kan", "cêt", "hạng5", "họcs", "tc"])
def test_impossible_syllables_are_known(word):
    assert not is_syllable(word)


def test_keys_that_spell_no_syllable_stay():
    assert decode_keys("zalo") == "zalo"
    assert decode_keys("facebook") == "facebook"


def test_both_ways_to_place_a_tone_mark_are_one():
    assert canonical("hoà") == canonical("hòa")
    assert canonical("khoẻ") == canonical("khỏe")


def test_every_short_form_is_one_folded_word():
    assert all(len(key.split()) == 1 and key == key.lower() for key in lexicon())
