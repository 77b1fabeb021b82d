"""Which strings can be a Vietnamese syllable, and what Telex or VNI keystrokes stand for."""

import re
import unicodedata
from functools import lru_cache

_TONES = {"\u0300": 2, "\u0301": 1, "\u0309": 3, "\u0303": 4, "\u0323": 5}
_MARKS = {tone: mark for mark, tone in _TONES.items()}
_INITIALS = "ngh gh gi kh ng nh ph qu th tr ch b c d đ g h k l m n p r s t v x"  # the longer ones first
_WRITTEN = (
    "a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây "
    "e ec em en eng eo ep et ê êch êm ên ênh êp êt êu "
    "i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu "
    "o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong "
    "ooc oong op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt "
    "u ua uân uâng uât uây uc uê uêch uênh ui um un ung uơ uôc uôi uôm uôn uông uôt up ut uy uya uych uyên uyêt "
    "uynh uyt uyu ư ưa ưc ưi ưm ưn ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu y yêm yên yêng yêt yêu"
)
_RHYMES = frozenset(_WRITTEN.split())
_FRONT = frozenset("eêiy")
_STOPS = ("c", "ch", "p", "t")
_PLAIN_QUALITY = str.maketrans("ăâđêôơư", "aadeoou")
_PLAIN_RHYMES = frozenset(r.translate(_PLAIN_QUALITY) for r in _RHYMES)


def split_tone(word: str) -> tuple[str, int]:
    """`word` without its tone mark (â, ă, đ… stay) and the tone: 0 none, 1 sắc, 2 huyền, 3 hỏi, 4 ngã, 5 nặng."""
    tone = 0
    letters = []
    for char in unicodedata.normalize("NFD", word):
        if char in _TONES:
            tone = _TONES[char]
        else:
            letters.append(char)
    return unicodedata.normalize("NFC", "".join(letters)), tone


def _parts(base: str) -> tuple[str, str]:
    for initial in _INITIALS.split():
        if base.startswith(initial) and len(base) > len(initial):
            return initial, base[len(initial) :]
    return "", base


def _spelling_rule(initial: str, rhyme: str) -> bool:
    front = rhyme[0] in _FRONT
    if initial in {"k", "gh", "ngh"}:
        return front
    if initial in {"c", "ng"}:
        return not front
    return initial != "g" or rhyme[0] not in "eê"


@lru_cache(maxsize=50_000)
def is_syllable(word: str) -> bool:
    """Whether `word` (NFC, lower case) can be a written Vietnamese syllable, with or without its marks."""
    base, tone = split_tone(word)
    if base in {"gi", "gin", "giêng", "gieng", "giêt", "giêc", "qu"}:
        return base != "qu"
    initial, rhyme = _parts(base)
    known = rhyme in _RHYMES or rhyme in _PLAIN_RHYMES
    if not known or not _spelling_rule(initial, rhyme):
        return False
    return not rhyme.endswith(_STOPS) or tone in {0, 1, 5}


def _place_tone(base: str, tone: int) -> str:
    """Put the tone mark where the older, commoner rule puts it (hòa, thúy), so that both spellings are one."""
    if not tone:
        return base
    start = 2 if base.startswith(("qu", "gi")) and len(base) > 2 and base[2] in "aăâeêioôơuưy" else 0
    spots = [i for i in range(start, len(base)) if base[i] in "aăâeêioôơuưy"]
    if not spots:
        return base
    marked = [i for i in spots if base[i] in "ăâêôơư"]
    if marked:
        at = marked[-1]
    elif len(spots) == 1:
        at = spots[0]
    else:
        at = spots[1] if len(spots) > 2 or spots[-1] < len(base) - 1 else spots[0]
    return unicodedata.normalize("NFC", base[: at + 1] + _MARKS[tone] + base[at + 1 :])


@lru_cache(maxsize=50_000)
def canonical(word: str) -> str:
    """One spelling for each syllable: hoà and hòa, quí and quí stay apart only in letters."""
    base, tone = split_tone(word)
    return _place_tone(base, tone) if tone else word


_TELEX_TONES = {"s": 1, "f": 2, "r": 3, "x": 4, "j": 5}
_TELEX_PAIRS = (
    ("uwow", "ươ"),
    ("uow", "ươ"),
    ("aa", "â"),
    ("aw", "ă"),
    ("ee", "ê"),
    ("oo", "ô"),
    ("ow", "ơ"),
    ("uw", "ư"),
)
_VNI_MARKS = {"6": {"a": "â", "e": "ê", "o": "ô"}, "7": {"o": "ơ", "u": "ư"}, "8": {"a": "ă"}, "9": {"d": "đ"}}
# A digit after these is a number ("lop 1", "cap 2", "thang 5"), not a VNI tone.
_NOUNS = "lop cap khoa ca quy hang thon khu to thang ngay nam muc bac loai doi xom ap ban tuoi so bang"
_COUNTED = frozenset(_NOUNS.split())


def _telex(word: str) -> str:
    rest, tone = word, 0
    vowel = re.search(r"[aeiouyăâêôơư]", word)
    if vowel is None:
        return word
    for at in range(len(word) - 1, vowel.start(), -1):
        if word[at] in _TELEX_TONES:
            tone, rest = _TELEX_TONES[word[at]], word[:at] + word[at + 1 :]
            break
    if "dd" in rest or (rest.startswith("d") and rest.endswith("d")):
        rest = rest.replace("dd", "đ") if "dd" in rest else "đ" + rest[1:-1]
    for keys, letters in _TELEX_PAIRS:
        rest = rest.replace(keys, letters)
    rest = _late_keys(rest)
    return _place_tone(rest, tone)


def _late_keys(word: str) -> str:
    """Marks typed after the final consonant: "duocw" = dươc, "nghen" + "e" = nghên."""
    if word.endswith("w"):
        body = word[:-1]
        for plain, marked in (("uo", "ươ"), ("u", "ư"), ("o", "ơ"), ("a", "ă")):
            if plain in body:
                return body.replace(plain, marked, 1)
    last = re.fullmatch(r"(.*)([aeo])([bcdghmnpt]+)\2", word)
    if last:
        return last[1] + {"a": "â", "e": "ê", "o": "ô"}[last[2]] + last[3]
    return word.replace("w", "ư")


def _vni(word: str) -> str:
    letters: list[str] = []
    tone = 0
    for char in word:
        if char in "12345":
            tone = int(char)
        elif char in _VNI_MARKS:
            marks = _VNI_MARKS[char]
            spot = next((i for i in range(len(letters) - 1, -1, -1) if letters[i] in marks), None)
            if spot is None:
                return word
            letters[spot] = marks[letters[spot]]
        elif char.isdigit():
            return word
        else:
            letters.append(char)
    base = (
        "".join(letters).replace("uơ", "ươ") if len(letters) > 3 or "uơ" in "".join(letters[1:]) else "".join(letters)
    )
    return _place_tone(base, tone)


@lru_cache(maxsize=50_000)
def decode_keys(word: str) -> str:
    """The syllable that Telex or VNI keystrokes spell ("hocj", "nghe62"), or `word` itself when they spell none."""
    if len(word) < 3 or is_syllable(word):
        return word
    if word.isalpha():
        spelt = _telex(word)
    elif word[0].isalpha() and not (word[:-1] in _COUNTED and word[-1].isdigit()):
        spelt = _vni(word)
    else:
        return word
    return spelt if spelt != word and is_syllable(spelt) else word


_STARTS = (("f", "ph"), ("w", "qu"), ("dz", "d"), ("z", "d"), ("j", "gi"), ("k", "c"))
_ENDS = (("g", "ng"), ("h", "nh"), ("k", "ch"), ("k", "c"))


@lru_cache(maxsize=50_000)
def loosened(word: str) -> str:
    """The syllable behind a hurried spelling ("trườg", "thík", "fải"), or `word` itself when there is none."""
    if len(word) < 3:
        return word
    for written, meant in _ENDS:
        if word.endswith(written) and is_syllable(word[:-1] + meant):
            return word[:-1] + meant
    for written, meant in _STARTS:
        rest = word[len(written) :]
        if word.startswith(written) and is_syllable(meant + rest):
            return meant + rest
    return word
