"""Numbers, dates, phones and amounts as people say them, in digits or in words."""

import re
from datetime import date

from intents.normalise import fold

_DIGITS = {
    "khong": 0, "mot": 1, "hai": 2, "ba": 3, "bon": 4, "tu": 4, "nam": 5, "lam": 5, "nham": 5,
    "sau": 6, "bay": 7, "bảy": 7, "tam": 8, "chin": 9, "mốt": 1,
}  # fmt: skip
_TENS = {"muoi", "chuc"}
_WORDS = re.compile(
    r"\b(?:khong|mot|hai|ba|bon|tu|nam|lam|nham|sau|bay|tam|chin|muoi|chuc|tram|le|linh|ham|bam|ruoi)\b"
)
_SPOKEN_WORDS = frozenset(["khong", "mot", "hai", "ba", "bon", "tu", "nam", "lam", "sau", "bay", "tam", "chin", "o"])
_SPOKEN = rf"(?:{'|'.join(sorted(_SPOKEN_WORDS))})"
_DIGIT = re.compile(r"\d")
_FEWEST_SPOKEN = 9  # words of a phone number said aloud
_SPOKEN_PHONE = re.compile(rf"\b(?:{_SPOKEN}\s+){{8,10}}{_SPOKEN}\b")
_PHONE = re.compile(r"(?<![\w])(?:\+?84|0|[oO](?=[\s.\-]?\d))(?:[\s.\-]?[\doO]){8,10}(?![\d])")
_BARE_PHONE = re.compile(r"(?<!\d)[35789](?:[\s.\-]?\d){8}(?!\d)")
_DATE = re.compile(
    r"(?<!\d)(\d{1,2})\s*(?:[/.\- ]|tháng|thang)\s*(\d{1,2})\s*(?:[/.\- ]|năm|nam)\s*(\d{4}|\d{2})(?!\d)"
)
_YEAR = re.compile(r"(?<!\d)(19[2-9]\d|20[0-2]\d)(?!\d)")
_SHORT_YEAR = re.compile(r"\b(?:sinh nam|nam sinh|sinh|sn|nam|doi)\s*(?:la\s*)?(\d{2})\b(?!\s*tuoi)")
_AGE = re.compile(r"(\d{1,3})\s*(?:tuoi|tui|t)\b|\btuoi\s+(\d{1,3})\b")
_MILLION = re.compile(
    r"(\d+(?:[.,]\d+)?)\s*(trieu|tr|cu|m|nghin|ngan|k|tram nghin|lit|chai|ty|ti)(?![a-z])\s*(ruoi|\d+)?"
)
_UNITS = {
    "trieu": 1_000_000, "tr": 1_000_000, "cu": 1_000_000, "chai": 1_000_000, "m": 1_000_000,
    "nghin": 1_000, "ngan": 1_000, "k": 1_000, "lit": 100_000, "tram nghin": 100_000, "ty": 10**9, "ti": 10**9,
}  # fmt: skip


def in_words(said: list[str]) -> int | None:
    """The number below 1,000 that folded number words say ("bon", "lam" -> 45), None when they say none."""
    total, last = 0, None
    for word in said:
        if word in {"le", "linh"}:
            continue
        if word == "tram":
            total, last = (last if last is not None else 1) * 100, None
        elif word in _TENS:
            total, last = total + (last if last is not None else 1) * 10, None
        elif word in {"ham", "bam"}:
            total, last = total + (20 if word == "ham" else 30), None
        elif word in _DIGITS:
            if last is not None:
                total, last = total + last * 10, _DIGITS[word]
            else:
                last = _DIGITS[word]
        else:
            return None
    return total + (last or 0) if said else None


def number(text: str) -> int | None:
    """The first number in an answer: "45", "bốn lăm", "4 chục", "hai mươi hai"; None when there is none."""
    folded = fold(text)
    digits = re.search(r"\d+", folded)
    if digits:
        value = int(digits[0][:18])
        tail = re.match(r"\s*chuc(?:\s+(\d|\w+))?", folded[digits.end() :])
        if not tail:
            return value
        extra = tail[1] or ""
        return value * 10 + (int(extra) if extra.isdigit() else _DIGITS.get(extra, 0))
    said = _longest_words(folded)
    return in_words(said) if said else None


def _longest_words(folded: str) -> list[str]:
    best: list[str] = []
    run: list[str] = []
    for word in [*folded.split(), ""]:
        if _WORDS.fullmatch(word) and word != "ruoi":
            run.append(word)
        else:
            best, run = (run if len(run) > len(best) else best), []
    return best


def birth_date(text: str) -> date | None:
    """The date of birth, only when day, month and year were all said and make a real date."""
    found = _DATE.search(text.lower())
    if not found:
        return None
    day, month, year = (int(part) for part in found.groups())
    if year < 100:
        year += 2000 if year <= 25 else 1900
    try:
        return date(year, month, day)
    except ValueError:
        return None


def birth_year(text: str, *, this_year: int) -> int | None:
    """The year of birth from a year, a date, or an age: "1981", "sinh năm 81", "45 tuổi", "bốn lăm tuổi"."""
    born = birth_date(text)
    if born:
        return born.year
    folded = fold(text)
    year = _YEAR.search(folded)
    if year:
        return int(year[1]) if int(year[1]) <= this_year else None
    said = age(text)
    if said is not None:
        return this_year - said
    short = _SHORT_YEAR.search(folded)
    if short:
        return _full_year(int(short[1]), this_year)
    value = number(text)
    if value is None:
        return None
    born_in_words = re.search(r"\b(?:sinh|nam)\b", folded)
    if born_in_words and value < 100:
        return _full_year(value, this_year)
    return this_year - value if 5 <= value <= 110 else None


def _full_year(short: int, this_year: int) -> int:
    return short + (2000 if 2000 + short <= this_year - 5 else 1900)


def age(text: str) -> int | None:
    """The age said beside the word "tuổi", in digits or words; None when there is none between 5 and 110."""
    folded = fold(text)
    digits = _AGE.search(folded)
    if digits:
        value: int | None = int(digits[1] or digits[2])
    else:
        if " tuoi" not in folded and " tui" not in folded:
            return None
        before = re.search(r"((?:\w+\s+){1,4})(?:tuoi|tui)\b", folded)
        if not before:
            return None
        run: list[str] = []
        for word in reversed(before[1].split()):
            if not _WORDS.fullmatch(word) and not word.isdigit():
                break
            run.insert(0, word)
        value = number(" ".join(run)) if run else None
    return value if value is not None and 5 <= value <= 110 else None


def phone(text: str) -> str:
    """The phone number in `text`, spoken digits too, as digits with a leading 0; "" when there is none."""
    for pattern in (_PHONE, _BARE_PHONE) if _DIGIT.search(text) else ():
        found = pattern.search(text)
        if found:
            return _with_zero(re.sub(r"\D", "", re.sub(r"[oO]", "0", found[0])))
    folded = fold(text)
    said = sum(map(_SPOKEN_WORDS.__contains__, folded.split()))
    spoken = _SPOKEN_PHONE.search(folded) if said >= _FEWEST_SPOKEN else None
    if spoken:
        return _with_zero("".join("0" if word == "o" else str(_DIGITS[word]) for word in spoken[0].split()))
    return ""


def _with_zero(digits: str) -> str:
    if digits.startswith("84") and len(digits) >= 11:
        digits = digits[2:]
    return digits if digits.startswith("0") else "0" + digits


def distance_km(text: str) -> int | None:
    """A distance in whole kilometres: "15 km", "mười cây", "500 mét" (rounded up to 1); None when none is said."""
    folded = fold(text)
    metres = re.search(r"(\d+)\s*(?:met|m)\b", folded)
    if metres and not re.search(r"\d+\s*(?:km|cay|ki)", folded):
        return max(1, round(int(metres[1]) / 1000))
    return number(text)


def amount(text: str) -> int | None:
    """An amount in đồng: "4 củ", "hai triệu rưỡi", "500k"; None when no unit of money is said."""
    folded = re.sub(r"(\d)\s(\d{3})\b", r"\1\2", fold(re.sub(r"(?<=\d)[.,](?=\d{3}\b)", "", text)))
    said = re.search(r"((?:\w+\s+){1,4}?)(trieu|cu|tram nghin|nghin|ngan|lit|chai|ty|ti)\b", folded)
    if said and not re.search(r"\d", said[1]):
        run = [w for w in said[1].split() if _WORDS.fullmatch(w)]
        value = in_words(run) if run else None
        if value is not None:
            folded = f"{value} {said[2]}{folded[said.end() :]}"
    found = _MILLION.search(folded)
    if not found:
        plain = re.search(r"\b\d{4,}\b", folded)
        return int(plain[0]) if plain else None
    unit = _UNITS[found[2]]
    total = round(float(found[1].replace(",", ".")) * unit)
    if found[3] == "ruoi":
        return total + unit // 2
    return total + int(found[3]) * unit // 10 ** len(found[3]) if found[3] and unit >= 1_000_000 else total
