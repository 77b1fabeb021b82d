"""What a message says about the person: trade, household, age, commune, phone, country, for whom."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from intents import lists
from intents.normalise import fold, normalise
from intents.numbers import age, birth_date, birth_year, distance_km, number, phone
from intents.places import PlaceMatcher
from intents.sentence import Names, Sentence
from intents.trades import TradeMatcher
from intents.vocabulary import Vocabulary

__all__ = [
    "SlotReader", "Slots", "birth_date", "birth_year", "distance_km", "number", "phone", "yes_no",
]  # fmt: skip

_RECENT = 32  # messages kept: one is asked about from several sides in its own turn
_GROUPS = (
    (
        "escaped_poverty",
        r"(?<!chua )thoat (?:ho )?(?:can )?ngheo|(?:ra|het|khoi|cat) (?:khoi )?(?:ho|dien|so) (?:can )?ngheo",
    ),
    ("near_poor", r"can ngheo"),
    ("low_income", r"thu nhap thap"),
    ("poor", r"(?:ho|dien|so|ho gia dinh) (?:ho )?ngheo|chua thoat ngheo"),
)
_DENIED = re.compile(
    r"(?:khong|chang|cha|no|dau|dau co|chua|ko)"
    r"(?: (?:phai|thuoc|co|nam|trong|duoc|la|con|dien|vao|xet|cap|so|ho)){0,4} $"
)
_UNSURE = re.compile("|".join(sorted(lists.words("yes_no", "unsure"))))
_ASKED_BACK = re.compile(r"(?:co|duoc|dung|phai|dong y) (?:a )?(?:khong|chua)(?: a| em| vay)?")
_RIGHT = re.compile(r"dung(?: (?:vay|roi|the|day|y|a|la|do)|$)")
_NOT_SO = re.compile(r"(?:cung |van |hoan toan |that ra |toi |em |minh |chac )(?:la )?(?:khong|chua)")
_DIGIT = re.compile(r"\d")
_BARE_AGE = re.compile(
    r"\b(?:nam nay|toi|em|minh|chi|anh|bac|co|chu|me|bo|chau) (?:da |moi |gan |hon |ngoai |duoc |nam nay )?([1-9]\d)"
    r"(?= (?:roi|thi|ma|hoc|muon|con|co|khong|o|nha|la)\b|$)"
)
_RELATIONS = (
    "con gái|con trai|con dâu|con rể|con|cháu|vợ|chồng|mẹ|bố|ba|má|cha|em gái|em trai|anh trai|chị gái|hàng xóm"
)
_FOR = re.compile(
    rf"\b(?:cho|hộ|giúp|giùm|thay|của) (?:thằng |đứa |cái |con bé )?({_RELATIONS}) (?:tôi|em|mình|tui|nhà|gái|trai|\w+)"
    rf"|\b({_RELATIONS}) (?:của )?(?:tôi|mình|tui|chị|bác|nhà (?:em|tôi|tui|mình))\b"
)


@dataclass(frozen=True, slots=True)
class Slots:
    """What is said in one message; an empty value means that it is not said."""

    trade: str = ""
    trade_said: str = ""
    household_type: str = ""
    age: int | None = None
    birth_year: int | None = None
    commune: str = ""
    commune_code: str = ""
    phone: str = ""
    country: str = ""
    relation: str = ""


class SlotReader:
    """Reads slots by the trades and places handed in."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.trades = TradeMatcher(vocabulary.trades)
        self.places = PlaceMatcher(vocabulary.places)
        self._others = TradeMatcher({name: (name,) for name in lists.table("trade")["known"]})
        self._recent = lru_cache(maxsize=_RECENT)(self._read)

    def read(self, text: str) -> Slots:
        """The slots said in `text`; nothing is guessed from what is not there."""
        return self._recent(text)

    def _read(self, text: str) -> Slots:
        clean = normalise(text)
        folded = fold(clean)
        said = Sentence.of(clean)
        trade, trade_said = self.trades.mentioned(said)
        place = self.places.spot(text)
        commune, hit = place if place else ("", None)
        return Slots(
            trade=trade,
            trade_said=trade_said or self._others.mentioned(said)[1],
            household_type=_household(folded),
            age=_own_age(clean),
            birth_year=_year(folded),
            commune=commune,
            commune_code=hit.code if hit else "",
            phone=phone(text),
            country=_country(said),
            relation=_relation(clean),
        )


def yes_no(text: str) -> bool | None:
    """Yes or no in an answer to a yes/no question; None when it is neither ("không biết", "hình như")."""
    clean = normalise(text)
    said = fold(clean)
    if not said or _UNSURE.search(said):
        return None
    typed = clean.split()
    while len(typed) > 1 and fold(typed[0]) in {"da", "thua", "a", "vay", "thi"}:
        typed = typed[1:]
    body = fold(" ".join(typed))
    if _ASKED_BACK.fullmatch(body):
        return None
    if typed[0] == "đúng" or (typed[0] == "dung" and _RIGHT.match(body)):
        return True
    first = fold(typed[0])
    if first in lists.words("yes_no", "no") or _NOT_SO.match(body):
        return False
    return True if first in lists.words("yes_no", "yes") or body.startswith("tat nhien") else None


def _household(folded: str) -> str:
    if "ngheo" not in folded and "thu nhap" not in folded:
        return ""
    found: list[tuple[int, str]] = []
    taken: list[tuple[int, int]] = []
    for group, pattern in _GROUPS:
        for match in re.finditer(pattern, folded):
            if any(start <= match.start() < end or start < match.end() <= end for start, end in taken):
                continue
            taken.append(match.span())
            if not _DENIED.search(folded[: match.start()]):
                found.append((match.start(), group))
    return min(found)[1] if found else ""


def _own_age(text: str) -> int | None:
    digits = _DIGIT.search(text)
    if not digits and "tu" not in text:
        return None
    if re.search(r"độ tuổi \d|tuổi thọ|lao động tuổi", text):
        return None
    said = age(text)
    if said is None and digits:
        bare = _BARE_AGE.search(fold(text))
        said = int(bare[1]) if bare else None
    return said if said is not None and 10 <= said <= 99 else None


def _year(folded: str) -> int | None:
    if not _DIGIT.search(folded):
        return None
    full = re.search(r"\b(?:sinh(?: nam)?|nam sinh|sn|doi) (?:nam )?(19[2-9]\d|20[01]\d)\b", folded)
    if full:
        return int(full[1])
    short = re.search(r"\b(?:sinh nam|nam sinh|sn|sinh) (\d\d)\b(?! tuoi)", folded)
    if short:
        value = int(short[1])
        return value + (2000 if value <= 20 else 1900)
    return None


@cache
def _country_names() -> Names:
    return Names(lists.countries())


def _country(said: Sentence) -> str:
    known = lists.countries()
    for at, size, name in said.find(_country_names()):
        entry = known[name]
        typed = " ".join(said.typed[at : at + size])
        if said.marked and typed not in entry[1] and (size == 1 or not typed.isascii()):
            continue
        if size > 1 or len(name) > 5 or _abroad(said, at):
            return entry[0]
    return ""


def _abroad(said: Sentence, at: int) -> bool:
    """Whether the short name at `at` ("dai", "han") is a country: "đi", "sang" before it, no "đại học" made of it."""
    if not at:
        return False
    before, after = said.folded[at - 1], said.folded[at + 1] if at + 1 < len(said.folded) else ""
    if said.marked:
        return before in lists.words("abroad", "cues")
    others = lists.table("abroad")["not_before"].get(said.folded[at], ())
    return before in lists.words("abroad", "strong") and after not in others


def _relation(clean: str) -> str:
    found = _FOR.search(clean)
    return (found[1] or found[2]) if found else ""
