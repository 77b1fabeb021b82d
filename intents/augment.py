"""Copies of a sentence as hurried or unpractised hands would have typed it; seeded."""

import random
from collections.abc import Callable

from intents.normalise import fold
from intents.swaps import Swaps

COPIES = 3
# Short forms with several meanings are no lexicon: they are learnt from these copies.
_SHORT = {
    "học": "hk", "không": "hk", "biết": "bt", "chồng": "ck", "anh": "a", "em": "e", "chị": "c", "điện thoại": "đt",
    "bao nhiêu": "bn", "đăng ký": "dk", "điều kiện": "dk", "hồ sơ": "hs", "học sinh": "hs", "giáo viên": "gv",
    "việc làm": "vl", "giấy tờ": "gt", "tài khoản": "tk", "bảo hiểm": "bh", "thời gian": "tg", "hướng dẫn": "hd",
    "gia đình": "gd", "công ty": "cty", "nông thôn": "nt", "lao động": "ld", "xã": "x", "mình": "m",
    "nhà nước": "nn", "hỗ trợ": "ht", "trung tâm": "tt", "học phí": "hp", "chứng chỉ": "cc", "trung cấp": "tc",
    "dân tộc": "dt", "khuyết tật": "kt", "việc": "vc", "làm": "lm", "nghề": "ngh", "tiền": "tn", "người": "ng",
}  # fmt: skip
_DIALECT = {
    "đâu": "mô", "sao": "răng", "gì": "chi", "thế nào": "ra răng", "bao giờ": "khi mô", "nhận": "lãnh", "vợ": "mụ",
    "thuê": "mướn", "đắt": "mắc", "tìm": "kiếm", "mất": "hết", "bố": "ba", "mẹ": "má", "ốm": "bịnh", "lợn": "heo",
}  # fmt: skip
_FRAMES = (
    "cho em hỏi {}", "dạ {} ạ", "anh chị ơi {}", "{} vậy ạ", "cán bộ ơi cho tôi hỏi {}", "xin hỏi {}", "em muốn hỏi {}",
    "alo {}", "chào em {}", "{} vậy em", "cho hỏi tí {}", "{} nhỉ", "làm ơn cho biết {}", "hỏi chút {}", "{} nha",
)  # fmt: skip
_SOUNDS = (
    ("tr", "ch"), ("ch", "tr"), ("s", "x"), ("x", "s"), ("d", "gi"), ("gi", "d"), ("l", "n"), ("n", "l"), ("r", "d"),
    ("ph", "f"), ("qu", "w"), ("kh", "k"), ("c", "k"), ("ng", "g"), ("nh", "h"),
)  # fmt: skip


def copies(sentence: str, rng: random.Random, *, swaps: Swaps | None = None) -> list[str]:
    """The normalised sentence itself, without tone marks, and a noisy copy (toneless three times in four)."""
    other = swaps.swap(sentence, rng) if swaps else sentence
    if rng.random() < 0.5:
        noisy = _frame(_dropped(_exchanged(other, rng), rng), rng)
        return [sentence, fold(sentence), noisy if rng.random() < 0.5 else fold(noisy)]
    return [sentence, fold(sentence), fold(_misspelt(_dropped(other, rng) if rng.random() < 0.5 else other, rng))]


def _exchanged(sentence: str, rng: random.Random) -> str:
    padded = f" {sentence} "
    for table, chance in ((_SHORT, 0.3), (_DIALECT, 0.15)):
        for plain, other in table.items():
            if f" {plain} " in padded and rng.random() < chance:
                padded = padded.replace(f" {plain} ", f" {other} ")
    return padded.strip()


def _dropped(sentence: str, rng: random.Random) -> str:
    """One word in six is left out: no word may carry a topic alone."""
    words = sentence.split()
    kept = [word for word in words if rng.random() > 0.16]
    return " ".join(kept) if len(words) > 3 and kept else sentence


def _frame(sentence: str, rng: random.Random) -> str:
    return rng.choice(_FRAMES).format(sentence) if rng.random() < 0.35 else sentence


def _misspelt(sentence: str, rng: random.Random) -> str:
    changes: tuple[Callable[[str, random.Random], str], ...] = (_swapped, _lost, _sounded)
    words = sentence.split()
    for at, word in enumerate(words):
        if len(word) > 2 and word.isalpha() and rng.random() < 0.12:
            words[at] = rng.choice(changes)(word, rng)
    return " ".join(words)


def _swapped(word: str, rng: random.Random) -> str:
    at = rng.randrange(len(word) - 1)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _lost(word: str, rng: random.Random) -> str:
    at = rng.randrange(len(word))
    return word[:at] + word[at + 1 :]


def _sounded(word: str, rng: random.Random) -> str:
    fitting = [(a, b) for a, b in _SOUNDS if word.startswith(a)]
    if not fitting:
        return _lost(word, rng)
    a, b = rng.choice(fitting)
    return b + word[len(a) :]
