"""What stands on the paper: the form's own words from `mau-01.txt`, filled in with what was given. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from bot.effects import Applicant
from bot.model import BotError

SEXES = ("male", "female")
GROUPS = ("rural", "army", "police", "volunteer", "young_intellectual")
PAYS = ("cash", "transfer")
# What may be typed on the page before the paper is made: name -> most characters. None of it is kept.
TYPED: Mapping[str, int] = {
    "number": 20, "number_day": 20, "number_office": 80, "address": 120, "mail": 60,
    "account_name": 60, "account": 30, "bank": 60,
}  # fmt: skip
CHOSEN: Mapping[str, tuple[str, ...]] = {"sex": SEXES, "group": GROUPS, "pay": PAYS}
FILL = 0  # a gap as wide as what is left of the line
Style = Literal["text", "centre", "title", "motto", "right", "right_bold", "note", "flat"]
_STYLES: Mapping[str, Style] = {
    "=_": "motto", "=": "title", "~": "centre", ">=": "right_bold", ">": "right", "*": "note", "-": "flat",
}  # fmt: skip
_PART = re.compile(r"\{(\w+)(?::(\d+|\*)|\|([^}]*))\}|\[(\w+)=(\w+)\]")


@dataclass(frozen=True, slots=True)
class Gap:
    """Dots to write on, so many mm wide (FILL: to the end of the line)."""

    width: int


@dataclass(frozen=True, slots=True)
class Box:
    """A square to tick."""

    ticked: bool


Part = str | Gap | Box


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph. Empty `parts` is a blank line."""

    style: Style
    parts: tuple[Part, ...]


def lines(known: Mapping[str, str]) -> tuple[Line, ...]:
    """The paper with these values; what is not known stays a dotted line, nothing is ticked that was not said."""
    return tuple(_filled(style, text, known) for style, text in _template())


def known_of(who: Applicant, commune: str, province: str, typed: Mapping[str, str]) -> dict[str, str]:
    """The values by the names of the form: what a person gave at registration, and what was typed for the paper."""
    born = f"{who.birth_date:%d/%m/%Y}" if who.birth_date else f"…… /…… /{who.birth_year}"
    place, around = (name[:1].lower() + name[1:] for name in (commune, province))
    address = typed.get("address") or ", ".join(filter(None, (who.hamlet, place, around)))
    sex = {"male": "Nam", "female": "Nữ"}.get(typed.get("sex", ""), "")
    given = {"to": place, "name": who.full_name, "born": born, "address": address, "phone": who.phone, "here": commune}
    return {k: v for k, v in ({**typed, **given, "sex": sex}).items() if v}


@cache
def _template() -> tuple[tuple[Style, str], ...]:
    source = (files("bot.leads.paper") / "mau-01.txt").read_text(encoding="utf-8")
    found: list[tuple[Style, str]] = []
    for line in source.splitlines():
        if line.startswith("#"):
            continue
        mark, _, rest = line.partition(" ")
        style = _STYLES.get(mark)
        # "- " opens an item of the form, too: its dash is printed.
        text = line if style in (None, "flat") else rest
        found.append((style or "text", text.strip()))
    if not any(style == "title" for style, _text in found):
        raise BotError("bot/leads/paper/mau-01.txt: no title (a line that begins with '= '): put the file back.")
    return tuple(found)


def _filled(style: Style, text: str, known: Mapping[str, str]) -> Line:
    parts: list[Part] = []
    at = 0
    for found in _PART.finditer(text):
        parts.append(text[at : found.start()])
        parts.append(_part(found, known))
        at = found.end()
    parts.append(text[at:])
    return Line(style, tuple(p for p in parts if p != ""))


def _part(found: re.Match[str], known: Mapping[str, str]) -> Part:
    name, width, otherwise, boxed, value = found.groups()
    if boxed:
        return Box(known.get(boxed) == value)
    if known.get(name):
        return known[name]
    if width is None:
        return str(otherwise)
    return Gap(FILL if width == "*" else int(width))
