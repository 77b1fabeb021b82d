"""Somebody's own data, to be handed to them: everything as JSON, and as a page they can read."""

import json
from collections.abc import Mapping, Sequence

from bot.effects import Json
from bot.i18n import Language

# Columns that say nothing to a person: numbers of rows, what the machine needs for itself.
_SILENT = frozenset({"id", "person_id", "contact_id", "lead_id", "delivery_id", "update_id", "claimed_at"})
_LONGEST = 300


def as_json(file: Mapping[str, Json]) -> str:
    """The whole file, for a machine and for moving elsewhere."""
    return json.dumps(file, ensure_ascii=False, indent=1)


def readable(file: Mapping[str, Sequence[Mapping[str, Json]]], say: Language) -> str:
    """The same for a person: a heading a table, a line a row."""
    parts = [say.say("rights.heading"), ""]
    for table, rows in file.items():
        parts += [_heading(table, say)]
        parts += [f"- {_line(row, say)}" for row in rows]
        parts += [""]
    return "\n".join([*parts, say.say("rights.ways")])


def _heading(table: str, say: Language) -> str:
    known = say.source.get(f"rights.table.{table}")
    return say.say(f"rights.table.{table}") if known else table


def _line(row: Mapping[str, Json], say: Language) -> str:
    said = {k: v for k, v in row.items() if k not in _SILENT and v not in (None, "", b"")}
    return "; ".join(f"{_column(k, say)}: {_value(v, say)}" for k, v in said.items())


def _column(name: str, say: Language) -> str:
    return say.say(f"rights.column.{name}") if f"rights.column.{name}" in say.source else name


def _value(value: Json, say: Language) -> str:
    """A moment as day and hour; yes and no in words."""
    if isinstance(value, bool):
        return say.say("form.yes" if value else "form.no")
    text = str(value)
    if len(text) > 18 and text[4:5] == text[7:8] == "-" and text[10:11] == "T":
        return f"{text[8:10]}/{text[5:7]}/{text[:4]} {text[11:16]} (UTC)"
    return text[:_LONGEST]
