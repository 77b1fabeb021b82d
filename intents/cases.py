"""The sentences whose meaning must stay: tests/cases/intents as the installed program carries them.

`python -m intents.cases` writes `data/vi/_cases.toml` anew from the case files; `hocnghe check` says when it is stale.
"""

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

NOTHING = "_none"  # the label of what is not ours
STYLES = ("toned", "toneless", "slang", "typo", "dialect")
SOURCE = Path(__file__).parent.parent / "tests" / "cases" / "intents"
COMPILED = Path(__file__).parent / "data" / "vi" / "_cases.toml"
_HEAD = """\
# Written by `python -m intents.cases` from tests/cases/intents: change those. What an officer teaches is tried against
# these sentences before it is published.
"""


@dataclass(frozen=True, slots=True)
class Case:
    """A sentence, its label, and the topics that are as fair."""

    text: str
    label: str
    fair: frozenset[str]

    def allows(self, topic: str) -> bool:
        """Whether it may be understood as this topic."""
        return topic == self.label or topic in self.fair


@cache
def load() -> tuple[Case, ...]:
    """All cases that ship with the program."""
    raw = (files("intents") / "data" / "vi" / "_cases.toml").read_text(encoding="utf-8")
    return tuple(_cases(tomllib.loads(raw)))


def _cases(tables: Mapping[str, Any]) -> Iterable[Case]:
    for label, table in tables.items():
        fair = table.get("accept", {})
        for text in table["say"]:
            yield Case(text, label, frozenset(fair.get(text, ())))


def compiled(folder: Path = SOURCE) -> str:
    """The case files of `folder` as one text."""
    lines = [_HEAD]
    for path in sorted(folder.glob("*.toml")):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        said = [text for style in STYLES for text in data.get(style, ())]
        lines.append(f"[{path.stem}]\nsay = [\n" + "".join(f"  {_quoted(text)},\n" for text in said) + "]\n")
        if accept := data.get("accept"):
            rows = (f"{_quoted(text)} = {json.dumps(topics)}\n" for text, topics in accept.items())
            lines.append(f"[{path.stem}.accept]\n" + "".join(rows))
    return "\n".join(lines)


def stale(folder: Path = SOURCE) -> bool:
    """Whether the compiled file says something else than the case files (of a checkout) do."""
    return folder.is_dir() and COMPILED.read_text(encoding="utf-8") != compiled(folder)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


if __name__ == "__main__":
    COMPILED.write_text(compiled(), encoding="utf-8")
