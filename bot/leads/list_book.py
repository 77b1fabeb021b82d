"""Draws the commune's list with openpyxl, row by row as it is told: a large list needs no more memory than a small one.

Runs in a process of its own (`bot.apart`); `workbook` says what stands in it.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from pathlib import Path
from typing import Any, BinaryIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._writer import ALL_TEMP_FILES
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties

from bot import apart
from bot.leads.sheet_rows import RowWriter, placed

HEADING_ROW = 4
FONT = "Times New Roman"  # what offices write in
ROW_HEIGHT = 33.0  # two lines
LONGEST = 32_767  # characters Excel takes in a cell
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
_LINE = Side(style="thin")
_BOX = Border(_LINE, _LINE, _LINE, _LINE)


def write(source: BinaryIO, folder: str) -> bytes:
    """The path of what was drawn from the lines; it and its parts stand in `folder`. Raises EOFError: cut off."""
    return os.fsencode(draw(apart.lines(source), Path(folder)))


def draw(told: Iterable[Any], folder: Path) -> Path:
    """A workbook of lines [kind, value]: a "sheet" (see `_begun`), its rows ("bold", "person"; "cells" of value and
    style), where it "ends" (column and row of what is printed); "saved" at last. Mode 600.
    """
    book, saved = Workbook(write_only=True), folder / "saved.xlsx"
    sheet: Any = None
    try:
        for kind, value in told:
            if kind == "sheet":
                sheet, styles = _begun(book, folder, value)
            elif kind == "bold":
                sheet.append([styles.cell(value, "bold")])
            elif kind == "person":
                sheet.append(styles.person(value))
            elif kind == "cells":
                sheet.append([cell and styles.cell(*cell) for cell in value])
            elif kind == "ends":
                sheet.print_area = f"A1:{get_column_letter(value[0])}{value[1]}"
            else:
                saved.touch(mode=0o600)
                book.save(saved)
                return saved
    finally:
        for each in book.worksheets:
            _end(each)
    raise EOFError("the list was cut off")


def _begun(book: Workbook, folder: Path, about: dict[str, Any]) -> tuple[Any, "_Styles"]:
    """A sheet with its title, the head (three lines) over so many columns, and the columns' names and widths."""
    sheet: Any = book.create_sheet(about["title"])
    _page(sheet, about["widths"])
    out = str(folder / f"{sheet.title}.xml")
    sheet._writer, sheet._values_to_row = RowWriter(sheet, out), placed
    ALL_TEMP_FILES.append(out)  # where openpyxl expects what it deletes after saving
    sheet._writer.write_top()  # from here on rows are written; how the page looks must be set before
    styles = _Styles(sheet)
    for row, (value, style) in enumerate(zip(about["head"], ("bold", "title", "subtitle"), strict=True), 1):
        sheet.append([styles.cell(value, style)])
        sheet.merged_cells.add(f"A{row}:{get_column_letter(about['over'])}{row}")
    sheet.append([styles.cell(c, "column") for c in about["columns"]])
    return sheet, styles


def _end(sheet: Any) -> None:
    """After a failure: close what is open, so that the folder can go."""
    if not sheet.closed:
        sheet.close()
    if sheet._writer is not None and sheet._writer.out in ALL_TEMP_FILES:
        ALL_TEMP_FILES.remove(sheet._writer.out)


_NO_XML = {0xFFFE: None, 0xFFFF: None}  # no letters, and XML may not hold them


def text(value: str) -> str:
    """A text as a cell can hold it: no control characters, no half characters, not longer than Excel takes."""
    if value.isprintable():
        return value[:LONGEST]
    whole = value.encode("utf-8", "replace").decode().translate(_NO_XML)
    return ILLEGAL_CHARACTERS_RE.sub("", whole)[:LONGEST]


class _Styles:
    """Cell styles, made once and copied: a style made anew for every cell takes most of the time."""

    def __init__(self, sheet: Any) -> None:
        self._sheet = sheet
        self._kept: dict[str, Any] = {}
        self._reused: dict[str, Any] = {}
        wrapped = Alignment(wrap_text=True, vertical="center")
        plain = Font(name=FONT, size=12)
        centred = Alignment(wrap_text=True, horizontal="center", vertical="center")
        self._keep("text", number_format="@", border=_BOX, alignment=wrapped, font=plain)
        self._keep("sign", number_format="@", border=_BOX, alignment=wrapped, font=plain, quotePrefix=True)
        self._keep("number", border=_BOX, alignment=centred, font=plain)
        self._keep("bold", font=Font(name=FONT, size=12, bold=True))
        self._keep("italic", font=Font(name=FONT, size=12, italic=True))
        middle = Alignment(horizontal="center", vertical="center")
        self._keep("title", font=Font(name=FONT, size=15, bold=True), alignment=middle)
        self._keep("subtitle", font=Font(name=FONT, size=12, italic=True), alignment=middle)
        filled = {"fill": PatternFill("solid", fgColor="DDE8F0"), "font": Font(name=FONT, size=12, bold=True)}
        self._keep("column", border=_BOX, alignment=centred, **filled)

    def _keep(self, name: str, **values: Any) -> None:
        cell: Any = WriteOnlyCell(self._sheet)
        for attribute, value in values.items():
            setattr(cell, attribute, value)
        self._kept[name] = cell._style

    def cell(self, value: str | int, style: str) -> Any:
        """A cell of its own."""
        made: Any = WriteOnlyCell(self._sheet)
        made._style = copy(self._kept[style])
        return _filled(made, value)

    def person(self, row: Sequence[str | int]) -> Iterator[Any]:
        """A row of the table, cell by cell; each is written before the next is asked for, so that few are made."""
        for value in row:
            style = "number" if isinstance(value, int) else "sign" if value.startswith(FORMULA_SIGNS) else "text"
            if style not in self._reused:
                self._reused[style] = self.cell("", style)
            yield _filled(self._reused[style], value)


def _filled(cell: Any, value: str | int) -> Any:
    """A text is a text: no formula of a stranger's runs on the officer's PC, no phone loses its zero."""
    words = text(value) if isinstance(value, str) else ""
    cell._value = value if isinstance(value, int) else words or None  # an empty text is a box without a value
    cell.data_type = "s" if words else "n"  # openpyxl would guess, and see formulas
    return cell


def _page(sheet: Any, widths: Sequence[int]) -> None:
    """A4 landscape, as wide as one page, the headings on each."""
    for column, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.sheet_format.defaultRowHeight, sheet.sheet_format.customHeight = ROW_HEIGHT, True
    sheet.row_dimensions[HEADING_ROW].height = 66  # three lines: Excel and LibreOffice grow no row for wrapped headings
    sheet.freeze_panes = f"C{HEADING_ROW + 1}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.5, bottom=0.6, header=0.3, footer=0.3)
    sheet.HeaderFooter.oddFooter.center.text = "&P/&N"
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = f"{HEADING_ROW}:{HEADING_ROW}"
