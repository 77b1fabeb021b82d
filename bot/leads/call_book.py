"""A table with a title as a workbook to print and write on; drawn in a process of its own (`bot.apart`)."""

import io
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from bot.leads.list_book import text


def write(title: str, titles: list[str], lines: Sequence[tuple[str, ...]], widths: tuple[int, ...]) -> bytes:
    """Its bytes. All cells are text: a phone keeps its leading zero, nothing typed by people is read as a formula."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None  # noqa: S101 - a new workbook has one
    for at, line in enumerate([(title,), tuple(titles), *lines], 1):
        for column, value in enumerate(line, 1):
            cell = sheet.cell(at, column)
            cell.value, cell.number_format, cell.data_type = text(value), "@", "s"
            cell.alignment = Alignment(wrap_text=at > 1, vertical="top")
            cell.font = Font(bold=at < 3, size=14 if at == 1 else 11)
    for column, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "A3"
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
