"""The word lists of slot reading, from `data/<language>/_slots.toml`."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from intents.normalise import fold


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


@cache
def countries() -> Mapping[str, tuple[str, frozenset[str]]]:
    """Folded name -> (country, the spellings of that name)."""
    spelt: dict[str, set[str]] = {}
    of: dict[str, str] = {}
    for country, names in table("countries").items():
        for name in names:
            spelt.setdefault(fold(name), set()).add(name)
            of[fold(name)] = country
    return {name: (of[name], frozenset(spellings)) for name, spellings in spelt.items()}
