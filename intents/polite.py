"""The little words around a message that say nothing about what it is about."""

_BEFORE = ("the con", "vay con", "the", "vay", "con", "roi", "ma", "da", "a", "thua", "uh", "u", "vay thi", "thi")
_AFTER = (
    "a",
    "vay",
    "em",
    "the",
    "nhi",
    "ha",
    "day",
    "vay em",
    "anh",
    "chi",
    "ad",
    "z",
    "v",
    "nhe",
    "co",
    "chu",
    "rua",
    "can bo",
)


_FIRST = frozenset(words.split()[0] for words in _BEFORE)
_LAST = frozenset(words.split()[-1] for words in _AFTER)


def bare(folded: str) -> str:
    """A folded message without the little words around it ("thế còn tiền ăn ạ": "tien an"); never empty."""
    shorter = True
    while shorter:
        shorter = False
        if folded.partition(" ")[0] in _FIRST:
            for word in _BEFORE:
                if folded.startswith(f"{word} "):
                    folded, shorter = folded[len(word) + 1 :], True
        if folded.rpartition(" ")[2] in _LAST:
            for word in _AFTER:
                if folded.endswith(f" {word}"):
                    folded, shorter = folded[: -len(word) - 1], True
    return folded
