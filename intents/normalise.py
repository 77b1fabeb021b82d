"""Text as people type it, made comparable; for comparing only, never for storing."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files

from intents.syllables import canonical, decode_keys, is_syllable, loosened

_WORD = re.compile(r"[^\W_]+")
_REPEATED = re.compile(r"([^\W\d_])\1{2,}")
_NUMBER_UNIT = re.compile(r"(\d+)([^\W\d_]{2,}|[ht])|([^\W\d_]{2,})(\d+)")
_ACCENTED = {
    "a": "àáảãạăằắẳẵặâầấẩẫậ", "e": "èéẻẽẹêềếểễệ", "i": "ìíỉĩị", "o": "òóỏõọôồốổỗộơờớởỡợ",
    "u": "ùúủũụưừứửữự", "y": "ỳýỷỹỵ", "d": "đ",
}  # fmt: skip
_PLAIN = str.maketrans({accented: plain for plain, letters in _ACCENTED.items() for accented in letters})
# What a letter or two glued to a number stand for.
_UNITS = {"h": "giờ", "tr": "triệu", "th": "tháng", "tuoi": "tuổi", "thang": "tháng", "ngay": "ngày", "trieu": "triệu"}
_OF_AGE = range(14, 90)
_RECENT = 256  # texts kept: a message is read from many sides in its own turn, and never after it


@lru_cache(maxsize=_RECENT)
def fold(text: str) -> str:
    """`text` in lower case without tone marks and punctuation, đ as d, one space between words; idempotent."""
    lowered = text.lower().translate(_PLAIN)
    if not lowered.isascii():  # decomposed letters, full-width forms, other scripts
        lowered = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", lowered).lower().translate(_PLAIN))
        lowered = "".join(char for char in lowered if not unicodedata.combining(char))
        lowered = unicodedata.normalize("NFC", lowered).lower()
    return " ".join(_WORD.findall(lowered))


def words(text: str) -> list[str]:
    """The words of `text` as typed (NFC), without punctuation."""
    return _WORD.findall(unicodedata.normalize("NFC", text))


@cache
def lexicon(language: str = "vi") -> Mapping[str, str]:
    """Teencode, abbreviation and dialect words and what they mean, from `data/<language>/_words.toml`."""
    raw = (files("intents") / "data" / language / "_words.toml").read_text(encoding="utf-8")
    return {key: meaning for table in tomllib.loads(raw).values() for key, meaning in table.items()}


def _squeeze(word: str) -> str:
    """ "đượccc" -> "được"; two equal letters stay for Telex ("hoocj") to read."""
    return _REPEATED.sub(r"\1", word)


@lru_cache(maxsize=50_000)
def _repair(word: str) -> str:
    known = lexicon()
    if word in known:
        return known[word]
    squeezed = _squeeze(word)
    if squeezed in known:
        return known[squeezed]
    if squeezed.isdigit():
        return squeezed
    spelt = decode_keys(squeezed)
    if not is_syllable(spelt):
        single = re.sub(r"([^\W\d_])\1$", r"\1", spelt)
        spelt = single if is_syllable(single) or single in known else loosened(spelt)
        apart = _NUMBER_UNIT.fullmatch(spelt)
        if apart:
            return " ".join(_unit(part, apart[1]) for part in apart.groups() if part)
    return known.get(spelt) or canonical(spelt)


def _unit(part: str, number: str | None) -> str:
    """A number or what is glued to it: "50t" is an age, "8h" an hour, "3tr" an amount."""
    if part == "t" and number:
        return "tuổi" if int(number[:4]) in _OF_AGE else "tháng"
    return _UNITS.get(part) or _repair(part)


@lru_cache(maxsize=_RECENT)
def normalise(text: str) -> str:
    """`text` in lower case as a careful writer would have typed it: keystrokes, repeats, slang and dialect repaired.

    Tone marks that were typed stay; nothing is guessed where a short form has several meanings.
    """
    lowered = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).lower())
    return " ".join(_repair(word) for word in _WORD.findall(lowered))
