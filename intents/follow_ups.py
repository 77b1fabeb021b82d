"""Questions of a word or two that only the question before explains ("ở đâu?", "thế bao lâu ạ")."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from intents.normalise import fold, normalise
from intents.polite import bare


class FollowUps:
    """Reads `_follow_ups.toml`; phrases are compared as whole messages, without tone marks and polite words."""

    def __init__(self, tables: Mapping[str, Mapping[str, Any]]) -> None:
        self._kinds = tables
        self._by_phrase = {fold(said): kind for kind, table in tables.items() for said in table["say"]}

    def topic(self, text: str, last: str) -> str:
        """The topic that `text` asks after a question about the topic `last`; "" when it is no bare follow-up."""
        kind = self._kind(text)
        if not kind or not last:
            return ""
        table = self._kinds[kind]
        if last in table.get("same", ()):
            return last
        return str(table.get("after", {}).get(last, table["topic"]))

    def _kind(self, text: str) -> str:
        for said in (fold(text), fold(normalise(text))):
            if found := self._by_phrase.get(bare(said)):
                return found
        return ""


def load(language: str = "vi") -> FollowUps:
    """The follow-ups of `intents/data/<language>/_follow_ups.toml`."""
    raw = (files("intents") / "data" / language / "_follow_ups.toml").read_text(encoding="utf-8")
    return FollowUps(tomllib.loads(raw))
