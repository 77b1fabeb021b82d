"""The commune's list as a workbook an officer opens in Excel: text phones, no formulas, A4 landscape, lines to sign.

Rows are written as they are read (openpyxl's write-only mode): a large list needs no more memory than a small one.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._writer import ALL_TEMP_FILES
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties

from bot.i18n import Language
from bot.leads import WORK
from bot.leads import listing as listings
from bot.leads.columns import GROUP_ORDER, PRINTED, WIDTHS, cells
from bot.leads.listing import Listing
from bot.leads.sheet_rows import RowWriter, placed
from bot.store.port import LeadRecord

HEADING_ROW = 4
FONT = "Times New Roman"  # what offices write in
ROW_HEIGHT = 33.0  # two lines
LONGEST = 32_767  # characters Excel takes in a cell
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
_LINE = Side(style="thin")
_BOX = Border(_LINE, _LINE, _LINE, _LINE)


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above the list. `communes`: code -> name; with several, each has a heading row of its own.

    `forwarded`: for somebody outside the commune; sensitive columns and what only officers need stay empty.
    """

    communes: Mapping[str, str]
    on: date
    say: Language
    forwarded: bool = False

    @property
    def title(self) -> str:
        """The commune, or how many."""
        names = list(self.communes.values())
        return names[0] if len(names) == 1 else self.say.say("sheet.communes", n=len(names))


def write(path: Path, records: Sequence[LeadRecord], *, commune: str, on: date, say: Language) -> None:
    """One commune's list of records that are in memory. Overwrites `path`; mode 600."""
    code = records[0].applicant.commune if records else ""
    stream(path, listings.of(records), Head({code: commune}, on, say))


def stream(path: Path, listing: Listing, head: Head, progress: Callable[[int], None] = lambda _done: None) -> int:
    """Write the list row by row and the figures after it; how many people. `path` is whole or as it was; mode 600.

    `progress` is told how many rows are done, every 500. Raises OSError where the file cannot be written.
    """
    with _book(path) as (book, folder):
        done = _list_sheet(book, folder, listing, head, progress)
        _figures_sheet(book, folder, listing, head)
    return done


def figures(path: Path, listing: Listing, head: Head) -> None:
    """How many people want which trade, without anybody's name: for recipients that no consent names."""
    with _book(path) as (book, folder):
        _figures_sheet(book, folder, listing, head)


@contextmanager
def _book(path: Path) -> Iterator[tuple[Workbook, Path]]:
    """A workbook that is saved as `path` when all went well. What is half written stands in a folder beside it (mode
    700, `WORK` in its name), not in the machine's temporary folder: a killed program leaves names where they are swept.
    """
    with tempfile.TemporaryDirectory(prefix=WORK, dir=path.parent) as name:
        book, folder, begun = Workbook(write_only=True), Path(name), time.time()
        try:
            yield book, folder
            saved = folder / "saved.xlsx"
            saved.touch(mode=0o600)
            book.save(saved)
            os.utime(saved, (begun, begun))  # whoever is erased from now on may be in it: `jobs.sweep_exports`
            saved.replace(path)
        finally:
            for sheet in book.worksheets:
                _end(sheet)


def _begin(sheet: Any, folder: Path) -> None:
    """From here on rows are written; how the page looks must be set before."""
    out = str(folder / f"{sheet.title}.xml")
    sheet._writer, sheet._values_to_row = RowWriter(sheet, out), placed
    ALL_TEMP_FILES.append(out)  # where openpyxl expects what it deletes after saving
    sheet._writer.write_top()


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


def _list_sheet(book: Workbook, folder: Path, listing: Listing, head: Head, progress: Callable[[int], None]) -> int:
    sheet = book.create_sheet(head.say.say("sheet.title"))
    _page(sheet, WIDTHS)
    _begin(sheet, folder)
    styles = _Styles(sheet)
    say = head.say.say
    titles = (say("sheet.office", commune=head.title), say("sheet.heading"))
    as_of = say("sheet.as_of", day=head.say.short_day(head.on))
    _titles(sheet, styles, (*titles, as_of), len(PRINTED))
    sheet.append([styles.cell(say(f"sheet.column.{key}"), "column") for key in WIDTHS])
    row, number, place, trade = HEADING_ROW, 0, "", None
    for number, record in enumerate(listing.records, 1):
        commune = record.applicant.commune
        if commune != place and len(head.communes) > 1:
            sheet.append([styles.cell(head.communes.get(commune, commune), "bold")])
            row, trade = row + 1, None
        place = commune
        if record.trade_text != trade:
            trade = record.trade_text
            heading = say("sheet.trade", trade=trade, n=listing.of_trade(commune, trade))
            sheet.append([styles.cell(heading, "bold")])
            row += 1
        sheet.append(styles.person(cells(record, number, head.say, forwarded=head.forwarded)))
        row += 1
        if number % listings.PORTION == 0:
            progress(number)
    progress(number)
    _sign(sheet, styles, head)
    sheet.print_area = f"A1:{get_column_letter(len(PRINTED))}{row + 6}"
    return number


def _titles(sheet: Any, styles: _Styles, titles: tuple[str, str, str], columns: int) -> None:
    """Office, heading and day over the printed columns."""
    for row, (value, style) in enumerate(zip(titles, ("bold", "title", "subtitle"), strict=True), 1):
        sheet.append([styles.cell(value, style)])
        sheet.merged_cells.add(f"A{row}:{get_column_letter(columns)}{row}")


def _page(sheet: Any, widths: Mapping[str, int]) -> None:
    """A4 landscape, as wide as one page, the headings on each."""
    for column, width in enumerate(widths.values(), 1):
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


def _sign(sheet: Any, styles: _Styles, head: Head) -> None:
    say = head.say.say
    gap = [None] * (len(PRINTED) // 2 + 1)
    sheet.append([])
    for left, right, style in (
        (say("sheet.made_by"), say("sheet.signed_by"), "bold"),
        (say("sheet.sign_here"), say("sheet.sign_here"), "italic"),
    ):
        sheet.append([None, styles.cell(left, style), *gap, styles.cell(right, style)])


def _figures_sheet(book: Workbook, folder: Path, listing: Listing, head: Head) -> None:
    """People per trade and target group; groups that nobody is in are left out."""
    say = head.say.say
    sheet = book.create_sheet(say("sheet.figures.title"))
    present = {group for _, _, group in listing.counts}
    groups = [g for g in GROUP_ORDER if g in present]
    labels = [say(f"group.{g}") if g else say("sheet.figures.unsaid") for g in groups]
    several = len(head.communes) > 1
    widths = {"place": 22, "trade": 26, **dict.fromkeys(groups, 13), "total": 10}
    _page(sheet, widths if several else {k: v for k, v in widths.items() if k != "place"})
    _begin(sheet, folder)
    styles = _Styles(sheet)
    office = say("sheet.office", commune=head.title)
    as_of = say("sheet.as_of", day=head.say.short_day(head.on))
    _titles(sheet, styles, (office, say("sheet.figures.heading"), as_of), len(groups) + 2 + several)
    first = [say("sheet.figures.place")] if several else []
    columns = [*first, say("sheet.column.trade"), *labels, say("sheet.figures.total")]
    sheet.append([styles.cell(c, "column") for c in columns])
    for commune, trade in sorted({(c, t) for c, t, _ in listing.counts}):
        counts = [listing.counts.get((commune, trade, g), 0) for g in groups]
        names = [head.communes.get(commune, commune), trade] if several else [trade]
        sheet.append(styles.person([*names, *counts, sum(counts)]))
    sums = [sum(n for (_, _, g), n in listing.counts.items() if g == group) for group in groups]
    lead = ["", say("sheet.figures.total")] if several else [say("sheet.figures.total")]
    sheet.append(styles.person([*lead, *sums, listing.total]))
    sheet.print_area = f"A1:{get_column_letter(max(len(columns), 1))}{HEADING_ROW + 1 + len(listing.counts)}"
