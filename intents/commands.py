"""The few words that steer a talk in any state ("quay lại", "sửa tuổi", "hủy"), read as whole messages."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from intents.normalise import fold


@dataclass(frozen=True, slots=True)
class Command:
    """`name` is a table key of `_commands.toml` (back, skip, cancel, …); `field` is what "sửa …" names, "" if nothing."""

    name: str
    field: str = ""


class CommandReader:
    """Reads commands; only when the whole message is one, so that no story is taken for a command."""

    def __init__(self, phrases: Mapping[str, tuple[str, ...]], fields: Mapping[str, tuple[str, ...]]) -> None:
        self._phrases = {fold(p): name for name, said in phrases.items() for p in said}
        self._fields = {fold(p): name for name, said in fields.items() for p in said}
        self._correct = sorted((fold(p) for p in phrases.get("correct", ())), key=len, reverse=True)

    def read(self, text: str) -> Command | None:
        """The command that `text` is, None when it is something else."""
        said = fold(text)
        for polite in (" a", " nhe", " di", " em", " voi", " nha"):
            said = said.removesuffix(polite)
        said = said.removeprefix("cho toi ").removeprefix("da ")
        if name := self._phrases.get(said):
            return Command(name)
        for start in self._correct:
            field = self._fields.get(said.removeprefix(start + " ")) if said.startswith(start + " ") else None
            if field:
                return Command("correct", field)
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
