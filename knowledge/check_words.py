"""Faults of wording in every text of every place: numbers in digits or words, names of places, length, translation."""

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Final

from knowledge import places
from knowledge.answers import placeholders
from knowledge.catalogue import Catalogue
from knowledge.dated import Entry, Parameter, Text
from knowledge.table import LANGUAGES, Fault

TEXT_LIMIT: Final = 300
"""Characters of a question, a reason, a remark, … once filled (short answers have `SHORT_LIMIT`)."""
MORE_LIMIT: Final = 1_200
"""Characters of what stands under "Xem thêm", once filled."""
MORE: Final = ".more"
"""How the place of such a text ends."""

_DIGIT: Final = re.compile(r"\d")
_PLACEHOLDER: Final = re.compile(r"\{[^{}]*\}")
_COUNTED: Final = (
    "đồng|nghìn|ngàn|triệu|tỷ|tỉ|ngày|tuần|tháng|năm|quý|tuổi|lần|giờ|khóa|khoá|km|cây số|phần trăm|nghề|nhóm|loại|mức"
)
_ENGLISH: Final = (
    "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|eighteen|twenty|thirty|forty|fifty|sixty|seventy"
    "|eighty|ninety|hundred|thousand|million|billion|dozen|twice|thrice|half"
)
_NUMBER_WORDS: Final = (
    # Always a number. "cấp hai", "cấp ba" are names of schools; "tỷ lệ" is no number.
    r"(?<!cấp )\bhai\b|\b(?:bốn|sáu|bảy|bẩy|tám|chín|mười|mươi|trăm|nghìn|ngàn|triệu|chục|rưỡi|tá)\b|\bt[ỷỉ]\b(?! lệ)",
    # Numbers only before what is counted: "một" is an article, "năm" a year, "ba" a father, "nửa" is in "nửa chừng".
    rf"(?<!cấp )\b(?:một|ba|năm|nửa)\s+(?:rưỡi\s+)?(?:{_COUNTED})\b",
    rf"\b(?:{_ENGLISH})s?\b",
    r"\bone\s+(?:day|week|month|year|time|hour|course|million|thousand|hundred|percent)\b",
)
_NUMBER_WORD: Final = re.compile("|".join(_NUMBER_WORDS), flags=re.IGNORECASE)
_UNITS: Final = {
    "VND": " đồng",
    "VND/day": " đồng/ngày",
    "VND/month": " đồng/tháng",
    "VND/course": " đồng/khóa",
    "km": " km",
    "age": " tuổi",
    "year": " năm",
    "month": " tháng",
    "week": " tuần",
    "day": " ngày",
    "working_day": " ngày làm việc",
    "hour": " giờ",
    "times": " lần",
    "percent": "%",
    "person": " người",
}


def plain(parameter: Parameter, entry: Entry) -> str:
    """A value about as long as people will read it: only for measuring texts here."""
    if isinstance(entry.value, int):
        return f"{entry.value:,}{_UNITS.get(parameter.unit, '')}"
    return f"{entry.value:%d/%m/%Y}" if isinstance(entry.value, date) else entry.value


def number_word(words: str) -> str:
    """The first number written as a word, "" when there is none; placeholders are no words."""
    found = _NUMBER_WORD.search(_PLACEHOLDER.sub(" ; ", words))
    return found.group() if found else ""


def check_words(path: str, place: str, text: Text, catalogue: Catalogue) -> Iterator[Fault]:
    """The faults of one text, given with its file and its place in it."""
    todo = "make it a parameter with its source and name it in braces"
    for language, words in text.items():
        where, bare = f"{place}.{language}", _PLACEHOLDER.sub("", words)
        if _DIGIT.search(bare):
            yield Fault(path, where, f"holds a number: {_shortened(words)}", todo)
        elif number := number_word(words):
            yield Fault(path, where, f"holds the number {number!r} in words: {_shortened(words)}", todo)
        if named := _province_names().search(bare):
            what = f"names the place {named.group()!r}"
            yield Fault(path, where, what, 'say "tỉnh mình", "thành phố mình", or move it to that place\'s folder')
        limit = MORE_LIMIT if place.endswith(MORE) else TEXT_LIMIT
        if len(longest := filled_longest(words, catalogue)) > limit:
            yield Fault(path, where, f"has {len(longest)} characters once filled", f"shorten it to {limit}")
    if not place.endswith(MORE):
        for language in LANGUAGES:
            if text and language not in text:
                yield Fault(path, f"{place}.{language}", "is missing", "translate it: only more may be in vi alone")


def filled_longest(words: str, catalogue: Catalogue) -> str:
    """The text with the longest value of each parameter, whatever the day and the place."""
    for name in placeholders(words):
        words = words.replace(f"{{{name}}}", _longest(name, catalogue))
    return words


def _longest(name: str, catalogue: Catalogue) -> str:
    if name.startswith("law:"):
        law, *day = name.removeprefix("law:").split(":")
        return "31/12/2026" if day else catalogue.law(law).citation if catalogue.knows_law(law) else name
    known = [pack.parameters[name] for pack in catalogue.packs.values() if name in pack.parameters]
    shown = [plain(parameter, entry) for parameter in known for entry in parameter.entries]
    return max(shown, key=len, default=name)


@cache
def _province_names() -> re.Pattern[str]:
    """Provinces by name; texts speak for any place, and a place's own name is put in by whoever shows them."""
    names = sorted((province.name for province in places.today().provinces()), key=len, reverse=True)
    return re.compile(r"\b(?:" + "|".join(map(re.escape, names)) + r")\b")


def _shortened(words: str) -> str:
    return words if len(words) <= 60 else f"{words[:57]}…"
