"""The commune's list as a workbook an officer opens in Excel: text phones, no formulas, A4 landscape."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from bot.i18n import Language
from bot.store.port import LeadRecord

WIDTHS: Mapping[str, int] = {
    "number": 5, "full_name": 22, "birth": 11, "hamlet": 13, "group": 13, "trade": 16,
    "phone": 13, "told_by": 13, "guardian": 16, "state": 10, "verification": 11, "day": 11, "receipt": 12,
}  # fmt: skip
GROUP_ORDER = (
    "poor", "near_poor", "escaped_poverty", "policy_family", "land_recovered", "ethnic", "disability", "other", "",
)  # fmt: skip
_LINE = Side(style="thin")


def write(path: Path, records: Sequence[LeadRecord], *, commune: str, on: date, say: Language) -> None:
    """Write the list: one sheet, grouped by trade, then target group, then time. Overwrites `path`; mode 600."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # noqa: S101 - a new workbook has one sheet
    sheet.title = say.say("sheet.title")
    _head(sheet, commune, on, say)
    ordered = sorted(records, key=_order)
    row, trade = 5, None
    for number, record in enumerate(ordered, 1):
        if record.trade_text != trade:
            trade = record.trade_text
            _trade_row(sheet, row, say.say("sheet.trade", trade=trade, n=sum(r.trade_text == trade for r in ordered)))
            row += 1
        _person_row(sheet, row, _cells(record, number, say))
        row += 1
    _foot(sheet, row + 1, say)
    path.touch(mode=0o600)
    book.save(path)


def _order(record: LeadRecord) -> tuple[str, int, object]:
    group = str(record.details.get("target_group", ""))
    rank = GROUP_ORDER.index(group) if group in GROUP_ORDER else len(GROUP_ORDER)
    return record.trade_text, rank, record.registered_at


def _head(sheet: Worksheet, commune: str, on: date, say: Language) -> None:
    columns = len(WIDTHS)
    as_of = say.say("sheet.as_of", day=say.short_day(on))
    titles = (say.say("sheet.office", commune=commune), say.say("sheet.heading"), as_of)
    for row, text in enumerate(titles, 1):
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=columns)
        cell = sheet.cell(row, 1, text)
        cell.font = Font(bold=row < 3, italic=row == 3, size=14 if row == 2 else 11)
        cell.alignment = Alignment(horizontal="left" if row == 1 else "center")
    for column, (key, width) in enumerate(WIDTHS.items(), 1):
        cell = sheet.cell(4, column, say.say(f"sheet.column.{key}"))
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="DDE8F0")
        cell.alignment = Alignment(wrap_text=True, horizontal="center", vertical="center")
        cell.border = Border(_LINE, _LINE, _LINE, _LINE)
        sheet.column_dimensions[cell.column_letter].width = width
    sheet.row_dimensions[4].height = 48  # three lines: LibreOffice and Excel grow no row for wrapped headings
    sheet.freeze_panes = "C5"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "4:4"


def _cells(record: LeadRecord, number: int, say: Language) -> tuple[str | int, ...]:
    who = record.applicant
    group = str(record.details.get("target_group", ""))
    guardian = f"{who.guardian_name} {who.guardian_phone}".strip()
    return (
        number,
        who.full_name,
        say.short_day(who.birth_date) if who.birth_date else str(who.birth_year),
        who.hamlet,
        say.say(f"group.{group}") if group else "",
        record.trade_text,
        who.phone,
        who.told_by,
        guardian,
        say.say(f"sheet.state.{record.state}"),
        say.say(f"verification.{record.verification}"),
        say.short_day(record.registered_at.date()),
        record.receipt,
    )


def _person_row(sheet: Worksheet, row: int, cells: tuple[str | int, ...]) -> None:
    sheet.row_dimensions[row].height = 30
    for column, value in enumerate(cells, 1):
        cell = sheet.cell(row, column)
        if isinstance(value, str):
            # A text is a text: no formula of a stranger's runs on the officer's PC, no phone loses its zero.
            cell.value, cell.data_type, cell.number_format = value, "s", "@"
            cell.quotePrefix = value[:1] in ("=", "+", "-", "@")
        else:
            cell.value = value
        cell.border = Border(_LINE, _LINE, _LINE, _LINE)
        cell.alignment = Alignment(wrap_text=True, vertical="top")


def _trade_row(sheet: Worksheet, row: int, text: str) -> None:
    sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=len(WIDTHS))
    cell = sheet.cell(row, 1)
    cell.value, cell.data_type, cell.font = text, "s", Font(bold=True)


def _foot(sheet: Worksheet, row: int, say: Language) -> None:
    half = len(WIDTHS) // 2
    for column, key in ((2, "sheet.made_by"), (half + 4, "sheet.signed_by")):
        cell = sheet.cell(row, column, say.say(key))
        cell.font = Font(bold=True)
        sheet.cell(row + 1, column, say.say("sheet.sign_here")).font = Font(italic=True)
    sheet.print_area = f"A1:{sheet.cell(row + 5, len(WIDTHS)).coordinate}"
