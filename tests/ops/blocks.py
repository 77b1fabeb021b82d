"""The command blocks of a guide, and what the guide says one should see after each.

A block is fenced as sh. The line above the fence says who tries it: `<!-- thử: vm -->`, or `<!-- không thử: why -->`.
The words after the machine's name, with commas between, say how: `cửa sổ 2` (stays open in a second window),
`gõ vào cửa sổ 2` (typed into what runs there), `đóng cửa sổ 2` (Ctrl+C there, then the block), `root`, `máy mới`,
`phiên bản mới` (what real life does before it).
"""

import re
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
_MARK = re.compile(r"<!-- (không thử|thử): (.+?) -->\s*\Z")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block. `machine`: empty for what only real life can do; `seen`: parts of what must be printed."""

    line: int
    language: str
    text: str
    marked: bool
    machine: str = ""
    how: frozenset[str] = frozenset()
    seen: tuple[str, ...] = ()


def blocks(page: Path) -> list[Block]:
    """All fenced blocks of a page, but for those that only say what one should see."""
    text = page.read_text(encoding="utf-8")
    fences = list(_FENCE.finditer(text))
    found = []
    for fence, after in zip(fences, [*fences[1:], None], strict=True):
        if fence[1] == "text":
            continue
        mark = _MARK.search(text[: fence.start()])
        machine, *how = mark[2].split(", ") if mark and mark[1] == "thử" else [""]
        told = after is not None and after[1] == "text"
        seen = tuple(line for line in after[2].splitlines() if line) if after and told else ()
        line = text.count("\n", 0, fence.start()) + 2
        found.append(Block(line, fence[1], fence[2], bool(mark), machine, frozenset(how), seen))
    return found
