"""A question without the person in it: numbers of phones and papers, addresses, names, days of birth are taken out.

What is taken out leaves a "…". In doubt more is taken: an officer must understand the question, not the asker.
"""

import re

from intents.normalise import fold

LONGEST = 300
GONE = "…"
_MAIL = re.compile(r"\S+@\S+")
_LINK = re.compile(r"(?i)\b(?:https?://|www\.|(?:zalo|fb|facebook)\.(?:me|com)/)\S+")
# Runs of eight digits and more, however they are broken up; an amount of money tells nobody who asks.
_DIGITS = re.compile(r"\+?\(?\d[\d .\-()]{6,}\d")
_AMOUNT = re.compile(r"(?i)\d{1,3}(?:\.\d{3})+(?=\s*(?:đồng|dong|đ\b|vnđ|vnd|k\b))")
_SPOKEN = "không|khong|một|mot|hai|ba|bốn|bon|năm|nam|lăm|lam|sáu|sau|bảy|bay|bẩy|tám|tam|chín|chin"
_SPOKEN_DIGITS = re.compile(rf"(?i)\b(?:{_SPOKEN})(?:[\s,.\-]+(?:{_SPOKEN})){{7,}}\b")
_DAY = r"\d{1,2}\s*[/.\-]\s*\d{1,2}\s*[/.\-]\s*(?:\d{4}|\d{2})"
_DAY_SAID = r"(?:ngày|ngay)?\s*\d{1,2}\s+(?:tháng|thang)\s+\d{1,2}(?:\s+(?:năm|nam)\s+\d{2,4})?"
_BORN = re.compile(
    rf"(?i)\b((?:ngày\s+|ngay\s+)?(?:sinh|đẻ|sn|ns)(?:\s+(?:ngày|ngay|năm|nam|vào|vao))?)\s*:?\s*"
    rf"(?:{_DAY}|{_DAY_SAID}|\d{{4}}|\d{{2}}\b)"
)
_LONG_AGO = re.compile(r"\b\d{1,2}\s*[/.\-]\s*\d{1,2}\s*[/.\-]\s*(?:19\d\d|200\d|201[0-5])\b")  # a birthday, said alone

_WHO = r"(?:tôi|toi|em|con|cháu|chau|mình|minh|tui|mẹ|me|bố|bo|vợ|vo|chồng|chong|anh|chị|chi|bà|ba|ông|ong)"
_NAMED = re.compile(
    rf"(?i)\b((?:họ\s+(?:và\s+)?|ho\s+(?:va\s+)?)?(?:tên|ten)(?:\s+{_WHO}){{0,2}}(?:\s+(?:là|la)\b|\s*:)"
    rf"|{_WHO}\s+(?:tên|ten)(?:\s+(?:là|la))?)\s+(?=\w)"
)
_BEING = re.compile(rf"(?i)\b({_WHO}\s+(?:là|la|tên|ten)|(?:gặp|gap|hỏi|hoi|gọi|goi)\s+{_WHO})\s+(?=\w)")
_WORD = re.compile(r"[^\W\d_]+")
_MOST_IN_NAME = 4
_NO_NAME = frozenset(
    {
        "o", "sinh", "nam", "hoi", "muon", "xin", "co", "duoc", "nha", "thon", "ban", "xa", "to", "so", "sdt", "dt",
        "que", "quan", "dan", "ho", "nguoi", "hien", "va", "la", "dang", "da", "cua", "gi", "khong", "bao",
        "lam", "hoc", "nghe", "lop", "tuoi", "voi", "de", "cho", "den", "tu", "ngay", "dia", "chi", "noi", "can",
        "vay", "nay",
    }
)  # fmt: skip
_ENDS = frozenset({"thì", "ạ"})
_FAMILIES = frozenset(
    {
        "nguyễn", "trần", "lê", "phạm", "hoàng", "huỳnh", "phan", "vũ", "võ", "đặng", "bùi", "đỗ", "hồ", "ngô",
        "dương", "lý", "lò", "quàng", "cà", "giàng", "vàng", "sùng", "thào", "hầu", "triệu", "phùng", "chu", "nông",
        "lường", "đèo", "mùa", "lầu", "vi", "hà", "đinh", "mai", "cao", "tạ", "đoàn", "trương", "lâm", "trịnh",
        "lưu", "tống", "quách", "chảo", "chẻo", "lù", "phù", "khổng", "tẩn", "phàn", "cứ", "hạng", "vừ", "má", "ly",
        "thèn", "tráng", "vương", "hứa", "la", "bế", "đàm", "tô", "cháng", "lục", "tòng", "bạc",
    }
)  # fmt: skip
_FOLDED_FAMILIES = frozenset(fold(name) for name in _FAMILIES)
_SAID_OF_ALL = {"ho": {"ngheo", "can", "moi", "gia"}, "la": {"gi"}, "ha": {"noi"}, "vi": {"sao"}, "mai": {"nay"}}
_MIDDLE = frozenset({"văn", "thị", "van", "thi"})


def scrub(text: str) -> str:
    """`text` without its person, cut to LONGEST characters."""
    text = _LINK.sub(GONE, _MAIL.sub(GONE, text))
    text = _LONG_AGO.sub(GONE, _BORN.sub(rf"\1 {GONE}", text))
    text = _SPOKEN_DIGITS.sub(GONE, _numbers(text))
    text = _after(text, _NAMED, told=True)
    text = _after(text, _BEING, told=False)
    return _full_names(text)[:LONGEST]


def _numbers(text: str) -> str:
    """Amounts stay, all other long numbers go."""
    amounts = [m.span() for m in _AMOUNT.finditer(text)]

    def gone(found: re.Match[str]) -> str:
        return found[0] if any(start <= found.start() < end for start, end in amounts) else GONE

    return _DIGITS.sub(gone, text)


def _after(text: str, opening: re.Pattern[str], *, told: bool) -> str:
    """The name after "tên tôi là", or (`told` false) after "tôi là" where what follows can be a name."""
    at = 0
    while found := opening.search(text, at):
        end = _name_ends(text, found.end(), told=told)
        if end > found.end():
            text = f"{text[: found.end()]}{GONE}{text[end:]}"
        at = found.end() + 1
    return text


def _name_ends(text: str, start: int, *, told: bool) -> int:
    words = _words(text, start)
    names: list[tuple[str, int]] = []
    for word in words[:_MOST_IN_NAME]:
        if names and _goes_on(names[0][0], word[0]):
            break
        names.append(word)
    if not names or (fold(names[0][0]) in _NO_NAME and not names[0][0][:1].isupper()):
        return start
    following = [w for w, _ in names]
    if not told and not _looks_like_a_name(following):
        return start
    return names[-1][1]


def _goes_on(first: str, word: str) -> bool:
    """Whether the sentence goes on with this word after a name that began with `first`."""
    if word[:1].isupper():
        return False
    return first[:1].isupper() or word in _ENDS or fold(word) in _NO_NAME


def _looks_like_a_name(words: list[str]) -> bool:
    """A family name first ("Lò Thị …", "nguyen van …"), or capitals throughout the first two words."""
    first, second = words[0].lower(), fold(words[1]) if len(words) > 1 else ""
    if second in _SAID_OF_ALL.get(fold(first), ()):
        return False
    if first in _FAMILIES and (first != fold(first) or words[0][:1].isupper()):
        return True
    if first == fold(first) and first in _FOLDED_FAMILIES:
        return len(words) > 1 and (fold(words[1]) in _MIDDLE or words[1] == fold(words[1]))
    return len(words) > 1 and all(w[:1].isupper() and not w.isupper() for w in words[:2])


def _full_names(text: str) -> str:
    """ "Lò Thị Mẫu" anywhere: a family name and two or three more capitalised words, or one with "Thị", "Văn"."""
    at, made = 0, ""
    while at < len(text):
        found = _WORD.search(text, at)
        if found is None:
            break
        end = _full_name_at(text, found)
        made += text[at : found.start()] + (GONE if end else found[0])
        at = end or found.end()
    return made + text[at:]


def _full_name_at(text: str, first: re.Match[str]) -> int:
    """Where the full name that begins with this word ends, 0 when it is none."""
    if fold(first[0]) not in _FOLDED_FAMILIES:
        return 0
    rest = _words(text, first.end())
    if rest and rest[0][0].lower() in _MIDDLE and len(rest) > 1:  # "lò thị mẫu": in capitals or not
        more = len(rest) > 2 and rest[2][0][:1].isupper() and rest[1][0][:1].isupper()
        return rest[2][1] if more else rest[1][1]
    if not first[0][:1].isupper() or first[0].lower() not in _FAMILIES:
        return 0
    names: list[tuple[str, int]] = []
    for word in rest[: _MOST_IN_NAME - 1]:
        if not word[0][:1].isupper():
            break
        names.append(word)
    return names[-1][1] if len(names) > 1 else 0  # "Hà Giang" is a place


def _words(text: str, start: int) -> list[tuple[str, int]]:
    """The words that follow with nothing but spaces between them, with where each ends."""
    found = []
    while match := re.compile(r"\s*([^\W\d_]+)").match(text, start):
        found.append((match[1], match.end()))
        start = match.end()
        if len(found) > _MOST_IN_NAME:
            break
    return found
