"""The few words that steer a talk in any state ("quay lại", "sửa tuổi", "hủy"), read as whole messages."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from intents.normalise import fold

_POLITE = ("a", "nhe", "di", "em", "voi", "nha")
_BECOMES = (["thanh"], ["la"])
_LONGEST_FIELD = 4  # words of a field's name


@dataclass(frozen=True, slots=True)
class Command:
    """`name` is a table key of `_commands.toml` (back, skip, cancel, …).

    `field` is what "sửa …" names, "" if nothing; `said` what follows it as typed ("sửa tuổi thành 44": "44").
    """

    name: str
    field: str = ""
    said: str = ""


class CommandReader:
    """Reads commands; only when the whole message is one, so that no story is taken for a command."""

    def __init__(self, phrases: Mapping[str, tuple[str, ...]], fields: Mapping[str, tuple[str, ...]]) -> None:
        self._phrases = {fold(p): name for name, said in phrases.items() for p in said}
        self._fields = {fold(p): name for name, said in fields.items() for p in said}
        self._correct = tuple(sorted((fold(p) for p in phrases.get("correct", ())), key=len, reverse=True))

    def read(self, text: str) -> Command | None:
        """The command that `text` is, None when it is something else."""
        said = fold(text)
        for polite in _POLITE:
            said = said.removesuffix(f" {polite}")
        said = said.removeprefix("cho toi ").removeprefix("da ")
        if name := self._phrases.get(said):
            return Command(name)
        return self._correction(text)

    def _correction(self, text: str) -> Command | None:
        """ "sửa tên", "sửa lại tên thành Lò Thị Mai": the longest name of a field after the word for correcting."""
        if not fold(text).startswith(self._correct):
            return None
        typed = text.split()
        folded = [fold(word) for word in typed]
        start = next((p.split() for p in self._correct if folded[: len(p.split())] == p.split()), None)
        if start is None:
            return None
        typed, folded = typed[len(start) :], folded[len(start) :]
        for size in range(min(len(folded), _LONGEST_FIELD), 0, -1):
            field = self._fields.get(" ".join(folded[:size]))
            if field:
                rest = typed[size + (folded[size : size + 1] in _BECOMES) :]
                polite = rest and fold(rest[-1]) in _POLITE
                return Command("correct", field, " ".join(rest[:-1] if polite else rest))
        return None

    def field(self, text: str) -> str:
        """The form's field that `text` names ("năm sinh", "số điện thoại"), "" when none."""
        return self._fields.get(fold(text), "")


def load(language: str = "vi") -> CommandReader:
    """The commands of `intents/data/<language>/_commands.toml`."""
    raw = (files("intents") / "data" / language / "_commands.toml").read_text(encoding="utf-8")
    data = tomllib.loads(raw)
    return CommandReader(
        {k: tuple(v) for k, v in data["commands"].items()}, {k: tuple(v) for k, v in data["fields"].items()}
    )
