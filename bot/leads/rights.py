"""Somebody's own data, to be handed to them: everything as JSON, and as a page they can read."""

import json
from collections.abc import Mapping, Sequence

from bot.i18n import Language
from bot.model import Json

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
        parts += [f"- {_line(row)}" for row in rows]
        parts += [""]
    return "\n".join([*parts, say.say("rights.ways")])


def _heading(table: str, say: Language) -> str:
    known = say.source.get(f"rights.table.{table}")
    return say.say(f"rights.table.{table}") if known else table


def _line(row: Mapping[str, Json]) -> str:
    said = {k: v for k, v in row.items() if k not in _SILENT and v not in (None, "", b"")}
    return "; ".join(f"{k}: {str(v)[:_LONGEST]}" for k, v in said.items())
