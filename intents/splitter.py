"""Several questions in one message: where it can be cut."""

import re
from collections.abc import Iterator

_MARKS = re.compile(r"[?!;\n]+|[.,](?=\s|$)")
_JOINS = re.compile(
    r"\s(?:và|với lại|với cả|với|hay|còn|rồi|mà|thế|nữa|cho hỏi|luôn tiện|tiện thể|thêm nữa|ngoài ra"
    r"|va|voi lai|voi|con|roi|ma|the|nua|cho hoi|ngoai ra)(?=\s)",
    re.IGNORECASE,
)
_TAILS = re.compile(
    r"(?<=\s)(?:không|khong|ko|k|vậy|vay|đâu|dau|bao nhiêu|bao nhieu|bao lâu|bao lau|nào|nao|chưa|chua|gì|gi)"
    r"(?:\s(?:ạ|a|em|anh|chị|vậy|hả))?\s+",
    re.IGNORECASE,
)
_MOST = 4
_LEAST_WORDS = 3


def cuts(text: str, *, marks_alone: bool = False) -> Iterator[tuple[str, str]]:
    """At most four ways to cut `text` in two, likeliest first; each piece has three words or more."""
    seen: set[int] = set()
    found = 0
    for pattern in (_MARKS,) if marks_alone else (_MARKS, _JOINS, _TAILS):
        for match in pattern.finditer(text):
            at = match.start() if pattern is _JOINS else match.end()
            left, right = text[:at].strip(), text[match.end() :].strip()
            if at in seen or min(len(left.split()), len(right.split())) < _LEAST_WORDS:
                continue
            seen.add(at)
            yield left, right
            found += 1
            if found == _MOST:
                return
