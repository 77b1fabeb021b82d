"""Texts, money and dates in the person's language; Vietnamese is the source, a text is never missing."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal

from bot.model import BotError

SOURCE = "vi"
LANGUAGES = ("vi", "en")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


class TextMissing(BotError):
    """A key that no catalogue holds: a fault of the program, found by `hocnghe check`."""


@dataclass(frozen=True, slots=True)
class Language:
    """One language's texts over the Vietnamese ones. `say("consent.ask", xa="Đầm Hà")` fills `{xa}`."""

    code: str
    texts: Mapping[str, str]
    source: Mapping[str, str]

    def say(self, key: str, **values: Any) -> str:
        """The text of `key`; raises TextMissing for an unknown key or a placeholder without a value."""
        text = self.texts.get(key) or self.source.get(key)
        if text is None:
            raise TextMissing(f"locales/{SOURCE}: {key}: no such text: add it there and in locales/en.")
        try:
            return text.format(**values) if values or "{" in text else text
        except KeyError as missing:
            raise TextMissing(f"locales: {key}: placeholder {missing} was given no value by the caller.") from missing

    def money(self, amount: float) -> str:
        """Whole đồng: "4.000.000 đồng" / "4,000,000 VND"."""
        number = self.number(amount)
        return f"{number} đồng" if self.code == "vi" else f"{number} VND"

    def number(self, value: float) -> str:
        """A number with the language's separators: "2.530.000" / "2,530,000"."""
        return _decimal(value, self.code)

    def day(self, on: date) -> str:
        """ "Thứ Hai, 07/12/2026" / "Monday, 07/12/2026": day before month in both, as Vietnam writes it."""
        return format_date(on, "EEEE, dd/MM/yyyy", locale=self.code)

    def short_day(self, on: date) -> str:
        """ "07/12/2026"."""
        return format_date(on, "dd/MM/yyyy", locale=self.code)

    def value(self, unit: str, value: int | str | date) -> str:
        """A dated value with its unit in words: (VND/day, 50000) is "50.000 đồng/ngày"; units as `knowledge.dated`."""
        if isinstance(value, date):
            return self.short_day(value)
        if isinstance(value, str):
            return value
        if unit.startswith("VND"):
            _, _, per = unit.partition("/")
            return self.money(value) + (f"/{self.say(f'unit.per_{per}')}" if per else "")
        if unit == "percent":
            return f"{self.number(value)}%"
        key = f"unit.{unit}_one" if value == 1 and f"unit.{unit}_one" in self.texts else f"unit.{unit}"
        return self.say(key, n=self.number(value))


@lru_cache(maxsize=1024)
def _decimal(value: float, code: str) -> str:
    """Babel parses the locale and its pattern anew each time: a tenth of the cost of an answer."""
    return format_decimal(value, locale=code)


def placeholders(text: str) -> frozenset[str]:
    """The names in braces of a text."""
    return frozenset(_PLACEHOLDER.findall(text))


@lru_cache(maxsize=8)
def language(code: str = SOURCE) -> Language:
    """The texts of `code`, over the Vietnamese ones where it has none; an unknown code gives Vietnamese."""
    source = catalogue(SOURCE)
    return Language(code if code in LANGUAGES else SOURCE, catalogue(code) if code in LANGUAGES else source, source)


@lru_cache(maxsize=8)
def catalogue(code: str) -> Mapping[str, str]:
    """All texts of `locales/<code>/*.toml`: key `ask_trade` in table `[registration]` is `registration.ask_trade`."""
    texts: dict[str, str] = {}
    for path in sorted((files("locales") / code).iterdir(), key=lambda p: p.name):
        if path.name.endswith(".toml"):
            try:
                _flatten("", tomllib.loads(path.read_text(encoding="utf-8")), texts)
            except tomllib.TOMLDecodeError as fault:
                raise BotError(f"locales/{code}/{path.name}: {fault}: mend the line (a key stands once).") from fault
    return texts


def _flatten(prefix: str, table: Mapping[str, Any], texts: dict[str, str]) -> None:
    for key, value in table.items():
        name = f"{prefix}.{key}" if prefix else key
        if isinstance(value, Mapping):
            _flatten(name, value, texts)
        elif not isinstance(value, str):
            raise BotError(f"locales: {name}: {value!r} is not a text: put it in quotes.")
        elif name in texts:
            raise BotError(f"locales: {name}: stands in two files: keep one.")
        else:
            texts[name] = value.strip()
