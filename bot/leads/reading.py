"""Workbooks of strangers opened with care: limits, no macros, no links, no entities; refused kindly with what to do."""

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any, BinaryIO

from bot import apart
from bot.i18n import Language, language
from bot.model import BotError

MOST_BYTES = 10 * 1024 * 1024
MOST_UNPACKED = 80 * 1024 * 1024
MOST_SHARED = 20 * 1024 * 1024  # the texts of a workbook are held in memory as a whole
MOST_PARTS = 400
MOST_ROWS = 10_000
MOST_COLUMNS = 60
LONGEST_CELL = 500
_OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0"  # .xls, or .xlsx behind a password

Cell = str | int | float | date | None
Row = tuple[Cell, ...]


class WorkbookRefused(BotError):
    """The file is none that can be read here; the message is for the officer. `why` names it for logs and tests."""

    def __init__(self, why: str, message: str) -> None:
        super().__init__(message)
        self.why = why


@dataclass(frozen=True, slots=True)
class Sheet:
    """The first sheet with anything on it: rows from the top, each as long as its last cell that says something."""

    name: str
    rows: Sequence[Row]


def load(path: Path, say: Language) -> Sheet:
    """The sheet of the file; raises WorkbookRefused."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise _refused("too_big", say, most=MOST_BYTES // 1024**2)
        with path.open("rb") as file:
            return read(file, say)
    except OSError as fault:
        raise _refused("unreadable", say) from fault


def read(file: IO[bytes], say: Language) -> Sheet:
    """The sheet of an open file, its size checked by the caller; raises WorkbookRefused.

    The unpacked size is checked before anything is unpacked; a part that lies about its size ends there (zipfile).
    """
    start = file.read(4)
    file.seek(0)
    if start == _OLD_OR_LOCKED:
        raise _refused("old_or_locked", say)
    if start[:2] != b"PK":
        raise _refused("not_xlsx", say)
    try:
        _guard(file, say)
        return _rows(file, say)
    except WorkbookRefused:
        raise
    except Exception as fault:  # a broken file may make openpyxl fail in any way
        raise _refused("broken", say) from fault


def read_apart(body: bytes, say: Language) -> Sheet:
    """As `read`, in a process of its own. Raises WorkbookRefused; OSError or ApartFault when no process can read it."""
    with apart.work(f"{__name__}:fed", say.code, fed=True) as reader:
        reader.feed(body)
        told = json.loads(reader.made(), object_hook=lambda found: date(*found["day"]) if "day" in found else found)
    if "refused" in told:
        raise WorkbookRefused(told["refused"], told["message"])
    return Sheet(told["name"], [tuple(row) for row in told["rows"]])


def fed(source: BinaryIO, code: str) -> bytes:
    """In that process: the sheet, or why not, as JSON; `code`: of the language."""
    try:
        sheet = read(io.BytesIO(source.read()), language(code))
    except WorkbookRefused as refused:
        return json.dumps({"refused": refused.why, "message": str(refused)}).encode()
    told = {"name": sheet.name, "rows": sheet.rows}
    return json.dumps(told, default=lambda day: {"day": (day.year, day.month, day.day)}).encode()


def _guard(file: IO[bytes], say: Language) -> None:
    with zipfile.ZipFile(file) as packed:
        parts = packed.infolist()
        if len(parts) > MOST_PARTS or sum(p.file_size for p in parts) > MOST_UNPACKED:
            raise _refused("bomb", say)
        for part in parts:
            if part.filename.lower().endswith("sharedstrings.xml") and part.file_size > MOST_SHARED:
                raise _refused("bomb", say)
            if part.filename.lower().endswith((".xml", ".rels")) and _has_doctype(packed, part):
                raise _refused("bomb", say)
    file.seek(0)


def _has_doctype(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """A workbook has no DOCTYPE; one that has wants to define entities. UTF-16 is looked through, too."""
    with packed.open(part) as unpacked:
        kept = b""
        while portion := unpacked.read(1024 * 1024):
            looked_at = (kept + portion).replace(b"\0", b"")
            if b"<!DOCTYPE" in looked_at or b"<!ENTITY" in looked_at:
                return True
            kept = portion[-32:]
    return False


def _rows(file: IO[bytes], say: Language) -> Sheet:
    from openpyxl import load_workbook

    book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
    try:
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # what the file says of its size may be wrong
            found = [_row(r) for r in sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS, values_only=True)]
            while found and not found[-1]:
                found.pop()
            if len(found) > MOST_ROWS:
                raise _refused("too_many_rows", say, most=MOST_ROWS)
            if found:
                return Sheet(sheet.title, found)
    finally:
        book.close()
    raise _refused("empty", say)


def _row(values: Sequence[Any]) -> Row:
    row = [_cell(v) for v in values]
    while row and row[-1] is None:
        row.pop()
    return tuple(row)


def _cell(value: Any) -> Cell:
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, int | float | date):
        return value
    text = " ".join(str(value).split())[:LONGEST_CELL]
    return text or None


def as_text(cell: Cell) -> str:
    """A cell as a person would read it: a whole number without ".0", a day as day/month/year."""
    if cell is None:
        return ""
    if isinstance(cell, date):
        return f"{cell.day:02}/{cell.month:02}/{cell.year}"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _refused(why: str, say: Language, **values: object) -> WorkbookRefused:
    return WorkbookRefused(why, say.say(f"import.refused.{why}", **values))
