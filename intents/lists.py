"""The word lists of slot reading, from `data/<language>/_slots.toml`."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def table(name: str, language: str = "vi") -> dict[str, Any]:
    """The table `name` of the file."""
    raw = (files("intents") / "data" / language / "_slots.toml").read_text(encoding="utf-8")
    found: dict[str, Any] = tomllib.loads(raw)[name]
    return found


@cache
def words(name: str, key: str, language: str = "vi") -> frozenset[str]:
    """The words listed under `key` of the table `name`."""
    return frozenset(table(name, language)[key])
