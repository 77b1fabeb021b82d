"""Tables of figures as a workbook: one sheet a table, to print on A4; texts are texts, numbers are numbers."""

import io
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from bot.leads.tables import Table

FONT = "Times New Roman"
_BOX = Border(*(Side(style="thin"),) * 4)
_FILL = PatternFill("solid", fgColor="DDE8F0")
_WRAP = Alignment(wrap_text=True, vertical="center")
_CENTRE = Alignment(wrap_text=True, vertical="center", horizontal="center")
WIDE, NARROW = 26, 12
LONGEST_NAME = 31  # of a sheet
_NOT_IN_A_NAME = str.maketrans(dict.fromkeys(r"[]:*?/\\", " "))


def write(tables: Sequence[Table], head: Iterable[str]) -> bytes:
    """The workbook's bytes. `head`: lines above every table (office, period, the day it was made)."""
    book, lines = Workbook(), tuple(head)
    book.remove(book.worksheets[0])
    for table in tables:
        sheet = book.create_sheet(table.title.translate(_NOT_IN_A_NAME)[:LONGEST_NAME])
        _fill(sheet, table, lines)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(sheet: Any, table: Table, head: tuple[str, ...]) -> None:
    row = 1
    for line in head:
        _text(sheet.cell(row, 1), line, Font(name=FONT, size=12, italic=row > 1, bold=row == 1))
        row += 1
    _text(sheet.cell(row, 1), table.title, Font(name=FONT, size=15, bold=True))
    sheet.row_dimensions[row].height = 24
    row += 2
    top = row
    sheet.row_dimensions[top].height = 52  # three lines: no program grows a row for wrapped headings
    for at, name in enumerate(table.columns, 1):
        cell = sheet.cell(row, at)
        _text(cell, name, Font(name=FONT, size=12, bold=True))
        cell.fill, cell.border, cell.alignment = _FILL, _BOX, _CENTRE
        sheet.column_dimensions[get_column_letter(at)].width = WIDE if at <= table.texts else NARROW
    for values in table.rows:
        row += 1
        last = table.summed and values is table.rows[-1]
        for at, value in enumerate(values, 1):
            cell = sheet.cell(row, at)
            font = Font(name=FONT, size=12, bold=last)
            if isinstance(value, int):
                cell.value, cell.font = value, font
            else:
                _text(cell, value, font)
            cell.border, cell.alignment = _BOX, _WRAP if at <= table.texts else _CENTRE
    if table.note:
        _text(sheet.cell(row + 2, 1), table.note, Font(name=FONT, size=11, italic=True))
        sheet.merge_cells(start_row=row + 2, start_column=1, end_row=row + 2, end_column=max(len(table.columns), 4))
        sheet.cell(row + 2, 1).alignment = _WRAP
        sheet.row_dimensions[row + 2].height = 48
    sheet.freeze_panes = sheet.cell(top + 1, 1)
    sheet.print_title_rows = f"{top}:{top}"
    sheet.page_setup.orientation = "landscape" if len(table.columns) > 5 else "portrait"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _text(cell: Any, value: str, font: Font) -> None:
    """No formula of a stranger's runs on the officer's PC: a hamlet's name is what somebody typed."""
    from bot.leads.list_book import text

    cell.value, cell.font = text(value) or None, font
    if value:
        cell.data_type = "s"
        cell.number_format = "@"
