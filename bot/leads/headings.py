"""Which column of an old workbook is what: heading names without tone marks, in the variants that offices use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.i18n import LANGUAGES, language
from bot.leads.reading import Cell, Row, as_text
from intents.normalise import fold

LOOKED_THROUGH = 40  # rows: title blocks are short
LEADS = (
    "number", "full_name", "birth", "sex", "ethnicity", "id_number", "hamlet", "schooling", "group", "trade", "level",
    "supported_before", "distance_km", "phone", "wanted_job", "note", "told_by", "guardian", "state", "verification",
    "day", "agreed", "receipt",
)  # fmt: skip
COURSES = (
    "number", "title", "trade", "provider", "place", "starts_on", "ends_on", "schedule", "seats", "deadline", "group",
    "state",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Headings:
    """`columns`: key -> index from 0; `below`: the first row (index from 0) under the headings.

    `born`: columns of the birth year of men and of women, where a sheet has one for each.
    """

    columns: Mapping[str, int]
    below: int
    born: tuple[int, int] | None = None

    def cell(self, row: Row, key: str) -> Cell:
        """What stands there, None where the sheet has no such column."""
        at = self.columns.get(key)
        return row[at] if at is not None and at < len(row) else None

    def text(self, row: Row, key: str) -> str:
        """The same as text."""
        return as_text(self.cell(row, key))


@lru_cache(maxsize=4)
def known(kind: str, keys: tuple[str, ...]) -> Mapping[str, str]:
    """Folded heading -> key, from the texts of every language: the column's own name and `heard` variants."""
    found: dict[str, str] = {}
    for code in LANGUAGES:
        say = language(code).say
        for key in keys:
            variants = say(f"heard.{kind}.{key}").split(";")
            for variant in variants:
                found.setdefault(fold(variant), key)
    return found


def find(rows: Sequence[Row], kind: str, keys: tuple[str, ...], needed: tuple[str, ...]) -> Headings | None:
    """The row that most looks like headings and has every column of `needed`; None when there is none."""
    names = known(kind, keys)
    best: tuple[int, Headings] | None = None
    for at, row in enumerate(rows[:LOOKED_THROUGH]):
        columns: dict[str, int] = {}
        for index, cell in enumerate(row):
            key = names.get(fold(as_text(cell)))
            if key is not None:
                columns.setdefault(key, index)
        if all(key in columns for key in needed) and (best is None or len(columns) > best[0]):
            best = (len(columns), _with_row_below(columns, rows, at))
    return best[1] if best else None


def _with_row_below(columns: Mapping[str, int], rows: Sequence[Row], at: int) -> Headings:
    """ "Năm sinh" over "Nam | Nữ", as many lists have it; and "(1) (2) (3)" under the headings."""
    below, born = at + 1, None
    if below < len(rows) and "birth" in columns:
        under = [fold(as_text(cell)) for cell in rows[below]]
        first = columns["birth"]
        if under[first : first + 2] == ["nam", "nu"]:
            born, below = (first, first + 1), below + 1
    if below < len(rows) and _only_numbers(rows[below]):
        below += 1
    return Headings(columns, below, born)


def _only_numbers(row: Row) -> bool:
    """ "(1) (2) (3) …" or "1 2 3 …": the numbers of the columns."""
    said = [fold(as_text(cell)) for cell in row if cell is not None]
    return (
        len(said) > 2
        and all(word.isdigit() for word in said)
        and [int(w) for w in said] == list(range(int(said[0]), int(said[0]) + len(said)))
    )
