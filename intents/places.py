"""Communes and provinces as people name them: no tone marks, misspelt, or by a name from before the mergers."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz, process

from intents import lists
from intents.mentions import spotted
from intents.normalise import fold, normalise, words
from intents.sentence import Sentence
from intents.syllables import is_syllable

_KINDS = ("thi tran", "dac khu", "phuong", "xa")
_DISTRICT_KINDS = ("thi xa", "thanh pho", "huyen", "quan", "tp", "tx")
_LEAD = re.compile(
    r"^(?:(?:da|vang|a|thua|em|toi|tui|minh|chi|anh|co|chu|bac|chau|con|nha|que|nguoi|song|dang|hien|hien nay|"
    r"thuong tru|tru|tai|o|ben|thuoc|ve|la|cua|quan|gan|dia ban|ho khau|dia chi|xom minh)\s+)+"
)
_TAIL = re.compile(r"(?:\s+(?:a|nhe|nha|oi|day|thoi|em|nghe|nhen|ne|do|can bo|chi|anh))+$")
_KIND = re.compile(r"\b(thi tran|dac khu|phuong|xa|tt|p)\s+(?=\S)")
_DISTRICT = re.compile(r"\b(?:huyen|quan|thi xa|thanh pho|tp|tx|h)\s+(?=\S)")
_PROVINCE = re.compile(r"\b(?:tinh|thanh pho|tp|t)\s+(?=\S)")
_SOUNDS = (
    (re.compile(r"\bx"), "s"),
    (re.compile(r"\btr"), "ch"),
    (re.compile(r"\bn(?![gh])"), "l"),
    (re.compile(r"\b(?:gi(?=[aeou])|d|r|gi)"), "d"),
    (re.compile(r"y"), "i"),
    (re.compile(r"\bk(?!h)"), "c"),
    (re.compile(r"\bngh"), "ng"),
    (re.compile(r"\bgh"), "g"),
)
_ENOUGH = 78.0
_MOST = 6


@dataclass(frozen=True, slots=True)
class PlaceBook:
    """All places: `provinces` code -> name; `communes` code -> (name, province code).

    `old`: (name, district, province, codes of today) before the mergers; `served`: codes this installation works for.
    """

    provinces: Mapping[str, str]
    communes: Mapping[str, tuple[str, str]]
    old: tuple[tuple[str, str, str, tuple[str, ...]], ...]
    served: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PlaceHit:
    """A place of today, how sure (0 to 1), and the old name by which it was found ("" when by today's)."""

    code: str
    score: float
    via: str = ""


@dataclass(frozen=True, slots=True)
class _Name:
    bare: str
    toned: str
    codes: tuple[str, ...]
    district: str = ""
    province: str = ""
    via: str = ""


@dataclass(frozen=True, slots=True)
class _Said:
    name: str
    toned: str
    kind: str
    district: str
    provinces: frozenset[str]


def bare(name: str, kinds: Sequence[str] = _KINDS) -> str:
    """The folded name without its kind: "Thị trấn Đầm Hà" -> "dam ha"."""
    folded = fold(name)
    for kind in kinds:
        if folded.startswith(kind + " "):
            return folded[len(kind) + 1 :]
    return folded


def sounds(folded: str) -> str:
    """A folded name with the sounds that regions confuse made one (s/x, tr/ch, l/n, d/gi/r, i/y)."""
    for pattern, sound in _SOUNDS:
        folded = pattern.sub(sound, folded)
    return folded


class PlaceMatcher:
    """Finds places of a `PlaceBook`; served communes come first, equal scores mean that the name is ambiguous."""

    def __init__(self, book: PlaceBook) -> None:
        self._book = book
        self._by_bare: dict[str, list[_Name]] = {}
        self._by_sound: dict[str, set[str]] = {}
        self._districts: dict[str, set[str]] = {}
        self._province_codes: dict[str, str] = {}
        for code, name in book.provinces.items():
            self._province_codes[bare(name, ("thanh pho", "tinh"))] = code
        for old_name, new_name in lists.table("old_provinces").items():
            if fold(new_name) in self._province_codes:
                self._province_codes.setdefault(fold(old_name), self._province_codes[fold(new_name)])
        for code, (name, province) in book.communes.items():
            self._add(_Name(bare(name), _toned(name), (code,), province=province))
        for name, district, old_province, codes in book.old:
            bare_district = bare(district, _DISTRICT_KINDS)
            known = tuple(code for code in codes if code in book.communes)
            if not known:
                continue
            via = ", ".join(part for part in (name, district) if part)
            province = book.communes[known[0]][1]
            self._province_codes.setdefault(bare(old_province, ("thanh pho", "tinh")), province)
            self._add(_Name(bare(name), _toned(name), known, bare_district, province, via))
            for code in known:
                self._districts.setdefault(code, set()).add(bare_district)
        self._names = list(self._by_bare)
        self._all_districts = frozenset(d for found in self._districts.values() for d in found)

    def _add(self, name: _Name) -> None:
        self._by_bare.setdefault(name.bare, []).append(name)
        self._by_sound.setdefault(sounds(name.bare), set()).add(name.bare)

    def knows(self, folded: str) -> bool:
        """Whether `folded` is exactly a commune's name of today or before, without its kind."""
        return folded in self._by_bare

    def is_province(self, folded: str) -> bool:
        """Whether `folded` is a province's name of today or before, without its kind."""
        return folded in self._province_codes

    def knows_toned(self, name: str) -> bool:
        """Whether `name` with its tone marks is exactly a commune's name."""
        toned = " ".join(words(name)).lower()
        return any(entry.toned == toned for entry in self._by_bare.get(fold(name), ()))

    def find(self, text: str, *, province: str = "") -> tuple[PlaceHit, ...]:
        """The communes that an answer to "which commune?" can mean, at most six, best first."""
        said = self._read(text)
        if not said.name:
            return ()
        near = self._near(said.name)
        hits: dict[str, PlaceHit] = {}
        for name, likeness in near:
            for entry in self._by_bare[name]:
                for code in entry.codes:
                    score = self._score(entry, code, likeness, said, province)
                    known = hits.get(code)
                    if known is None or score > known.score:
                        hits[code] = PlaceHit(code, score, entry.via)
        return self._best(hits.values())

    def find_province(self, text: str) -> tuple[PlaceHit, ...]:
        """The provinces that `text` can name, by today's or an older name."""
        name = _TAIL.sub("", _LEAD.sub("", fold(text)))
        name = _PROVINCE.sub("", name).strip()
        if name in self._province_codes:
            return (PlaceHit(self._province_codes[name], 1.0),)
        found = process.extract(name, list(self._province_codes), scorer=fuzz.ratio, score_cutoff=_ENOUGH, limit=_MOST)
        hits: dict[str, PlaceHit] = {}
        for known, score, _ in found:
            code = self._province_codes[known]
            hits.setdefault(code, PlaceHit(code, round(score / 100, 3)))
        return tuple(hits.values())

    def mentioned(self, text: str) -> PlaceHit | str | None:
        """The place named in a running sentence: the commune when one is meant, else the name as said, else None."""
        spoken = self.spot(text)
        if spoken is None:
            return None
        said, hit = spoken
        return hit or said

    def spot(self, text: str) -> tuple[str, PlaceHit | None] | None:
        """The place named in a running sentence as said, and the commune when exactly one (or one served) is meant."""
        said, rest = spotted(Sentence.from_words(_spelt(word) for word in words(text)), self)
        if not said:
            return None
        return said, self.resolve(said, province=self._province_in(rest))

    def _province_in(self, following: Sequence[str]) -> str:
        """The code of the province whose name comes right after a commune's: "Tân Phong, Lai Châu"."""
        folded = [fold(word) for word in following[:4] if fold(word) not in {"tinh", "thanh", "pho"}]
        for size in (3, 2):
            code = self._province_codes.get(" ".join(folded[:size]))
            if code:
                return code
        return ""

    def resolve(self, said: str, *, province: str = "") -> PlaceHit | None:
        """The one commune that `said` means, None when it is unknown or ambiguous."""
        hits = [hit for hit in self.find(said, province=province) if hit.score >= 0.85]
        if not hits:
            return None
        if len(hits) == 1 or hits[0].score > hits[1].score:
            served = [hit for hit in hits if hit.code in self._book.served]
            return hits[0] if len(hits) == 1 or len(served) == 1 or hits[0].score - hits[1].score > 0.05 else None
        return None

    def _read(self, text: str) -> _Said:
        folded = fold(text)
        body = _TAIL.sub("", _LEAD.sub("", folded + " ").strip())
        kind = ""
        provinces: set[str] = set()
        province = _PROVINCE.search(body)
        if province and (code := self._province_codes.get(body[province.end() :])):
            provinces.add(code)
            body = body[: province.start()].strip()
        body, ended = self._cut_province(body)
        provinces |= ended
        district = ""
        cue = _DISTRICT.search(body)
        if cue and cue.start() > 0:
            body, district = body[: cue.start()].strip(), body[cue.end() :].strip()
        named = _KIND.search(body)
        if named:
            kind, body = named[1], body[named.end() :]
        if not district and body not in self._by_bare:
            body, district = self._cut_district(body)
        return _Said(body, _marked(text, body), kind, district, frozenset(provinces))

    def _cut_province(self, body: str) -> tuple[str, set[str]]:
        parts = body.split()
        for size in (4, 3, 2):
            tail = " ".join(parts[-size:])
            if len(parts) > size and tail in self._province_codes and body not in self._by_bare:
                return " ".join(parts[:-size]), {self._province_codes[tail]}
        return body, set()

    def _cut_district(self, body: str) -> tuple[str, str]:
        parts = body.split()
        for size in (3, 2, 1):
            head, tail = " ".join(parts[:-size]), " ".join(parts[-size:])
            if head in self._by_bare and tail in self._all_districts:
                return head, tail
        return body, ""

    def _near(self, name: str) -> list[tuple[str, float]]:
        if name in self._by_bare:
            return [(name, 1.0)]
        alike = [(known, 0.95) for known in self._by_sound.get(sounds(name), ())]
        if alike:
            return alike
        found = process.extract(name, self._names, scorer=fuzz.ratio, score_cutoff=_ENOUGH, limit=8)
        return [(known, score / 100 * 0.95) for known, score, _ in found]

    def _score(self, entry: _Name, code: str, likeness: float, said: _Said, province: str) -> float:
        score = likeness * 0.9
        if said.provinces:
            score += 0.05 if self._book.communes[code][1] in said.provinces else -0.3
        elif province:
            score += 0.04 if self._book.communes[code][1] == province else -0.04
        if said.district:
            districts = {entry.district} if entry.via else self._districts.get(code, set())
            best = max((fuzz.ratio(said.district, d) for d in districts), default=0.0)
            score += 0.05 if best > 85 else -0.2
        if code in self._book.served:
            score += 0.08
        if said.toned != fold(said.toned):
            score += 0.02 if entry.toned == said.toned else -0.03
        return round(max(0.0, min(1.0, score + (0.0 if entry.via else 0.01))), 3)

    def _best(self, hits: Iterable[PlaceHit]) -> tuple[PlaceHit, ...]:
        ranked = sorted(hits, key=lambda hit: (-hit.score, hit.code not in self._book.served, bool(hit.via), hit.code))
        if not ranked:
            return ()
        floor = ranked[0].score - 0.25
        return tuple(hit for hit in ranked if hit.score >= floor)[:_MOST]


@lru_cache(maxsize=20_000)
def _spelt(word: str) -> str:
    """A word with the keystrokes of a typing method read ("Taajp": "Tập"); what is a syllable stays as typed."""
    if is_syllable(word.lower()) or not word.isalpha():
        return word
    read = normalise(word)
    return (read[:1].upper() + read[1:] if word[0].isupper() else read) if is_syllable(read) else word


def _toned(name: str) -> str:
    typed = [word.lower() for word in words(name)]
    return " ".join(typed[len(typed) - len(bare(name).split()) :])


def _marked(text: str, body: str) -> str:
    """The words of `text` that folded to `body`, with their marks."""
    typed = [word.lower() for word in words(text)]
    folded = [fold(word) for word in typed]
    wanted = body.split()
    for start in range(len(folded) - len(wanted) + 1):
        if folded[start : start + len(wanted)] == wanted:
            return " ".join(typed[start : start + len(wanted)])
    return body
