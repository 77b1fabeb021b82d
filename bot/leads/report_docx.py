"""The yearly report as a .docx that an office opens, fills in and signs: A4, Times New Roman 14, as NĐ 30/2020 asks."""

import io
from collections.abc import Callable, Sequence
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from bot.i18n import language
from bot.leads.report import DOTS, Report, Text
from bot.leads.tables import Table

FONT, SIZE, SMALL = "Times New Roman", 14, 11
WIDTH, ANNEX = 16.5, 25.2  # cm between the margins, upright and lying
MIDDLE, LEFT, RIGHT, BLOCK = (
    WD_ALIGN_PARAGRAPH.CENTER,
    WD_ALIGN_PARAGRAPH.LEFT,
    WD_ALIGN_PARAGRAPH.RIGHT,
    WD_ALIGN_PARAGRAPH.JUSTIFY,
)


def write(report: Report, code: str) -> bytes:
    """The document's bytes; the language gives the national heading."""
    document, say = Document(), language(code).say
    _page(document)
    _heading(document, report, say)
    _line(document, report.title, bold=True, align=MIDDLE, before=18)
    _line(document, report.subject, bold=True, align=MIDDLE, after=12)
    _line(document, report.to, align=MIDDLE, after=12)
    for part in report.body:
        if isinstance(part, Text):
            _text(document, part)
    _foot(document, report)
    _annex(document)
    for table in report.tables:
        _table(document, table)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.top_margin = section.bottom_margin = Cm(2)
    section.left_margin, section.right_margin = Cm(3), Cm(1.5)
    style = document.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(SIZE)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    style.paragraph_format.space_after = Pt(6)


def _annex(document: Any) -> None:
    """The tables go along on pages that lie: eleven columns do not fit upright."""
    section = document.add_section(WD_SECTION.NEW_PAGE)
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21)
    section.left_margin, section.right_margin = Cm(2.5), Cm(2)


def _heading(document: Any, report: Report, say: Callable[..., str]) -> None:
    """Left the office with the report's number, right the national heading with place and day."""
    table = document.add_table(rows=1, cols=2)
    table.autofit = False
    left, right = table.rows[0].cells
    _widths(table, (6.0, 10.5))
    _cell_lines(left, ((report.superior, False, 12), (report.office, True, 12), ("———", False, 8),
                       (report.number, False, 13)))  # fmt: skip
    _cell_lines(right, ((say("report.nation"), True, 12), (say("report.motto"), True, 13), ("———————", False, 8)))
    day = right.add_paragraph()
    day.alignment = MIDDLE
    _run(day, report.dated, size=13, italic=True)


def _cell_lines(cell: Any, lines: tuple[tuple[str, bool, int], ...]) -> None:
    first = True
    for words, bold, size in lines:
        if not words:
            continue
        paragraph = cell.paragraphs[0] if first else cell.add_paragraph()
        first = False
        paragraph.alignment = MIDDLE
        paragraph.paragraph_format.space_after = Pt(0)
        _run(paragraph, words, size=size, bold=bold)


def _run(paragraph: Any, words: str, *, size: int = SIZE, bold: bool = False, italic: bool = False) -> None:
    run = paragraph.add_run(words)
    run.font.size, run.bold, run.italic = Pt(size), bold, italic


def _line(
    document: Any, words: str, *, bold: bool = False, align: Any = BLOCK, before: int = 0, after: int = 6
) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = align
    paragraph.paragraph_format.space_before, paragraph.paragraph_format.space_after = Pt(before), Pt(after)
    _run(paragraph, words, bold=bold)


def _text(document: Any, part: Text) -> None:
    paragraph = document.add_paragraph()
    if part.kind == "heading":
        paragraph.paragraph_format.space_before = Pt(12)
        paragraph.paragraph_format.keep_with_next = True
        _run(paragraph, part.words, bold=True)
        return
    if part.words == DOTS:  # a line of dots to the margin, whatever the printer's font
        stops = paragraph.paragraph_format.tab_stops
        stops.add_tab_stop(Cm(WIDTH), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)
        _run(paragraph, "\t")
        return
    paragraph.alignment = BLOCK
    paragraph.paragraph_format.first_line_indent = Cm(1)
    _run(paragraph, part.words)


def _table(document: Any, table: Table) -> None:
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.space_before = Pt(12)
    paragraph.paragraph_format.keep_with_next = True
    _run(paragraph, table.title, bold=True, size=13)
    drawn = document.add_table(rows=1, cols=len(table.columns))
    drawn.style, drawn.alignment, drawn.autofit = "Table Grid", WD_TABLE_ALIGNMENT.CENTER, False
    first = 8.0 if len(table.columns) < 9 else 4.2
    widths = [first, *[(ANNEX - first) / (len(table.columns) - 1)] * (len(table.columns) - 1)]
    _widths(drawn, widths)
    _row(drawn.rows[0], table.columns, widths, size=SMALL, bold=True, texts=0)
    _repeat(drawn.rows[0])
    for values in table.rows:
        last = table.summed and values is table.rows[-1]
        _row(drawn.add_row(), values, widths, size=SMALL, bold=last, texts=table.texts)
    if table.note:
        _run(document.add_paragraph(), table.note, size=SMALL, italic=True)


def _row(row: Any, values: Any, widths: list[float], *, size: int, bold: bool, texts: int) -> None:
    for at, (cell, value, width) in enumerate(zip(row.cells, values, widths, strict=True)):
        cell.width = Cm(width)
        paragraph = cell.paragraphs[0]
        paragraph.alignment = LEFT if at < texts else MIDDLE
        paragraph.paragraph_format.space_after = Pt(0)
        _run(paragraph, str(value), size=size, bold=bold)
    _whole(row)


def _widths(table: Any, widths: Sequence[float]) -> None:
    """Of the grid, which LibreOffice goes by, and of the first row's cells, which Word goes by."""
    for column, cell, width in zip(table.columns, table.rows[0].cells, widths, strict=True):
        column.width = cell.width = Cm(width)


def _repeat(row: Any) -> None:
    """The headings on each page."""
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)


def _whole(row: Any) -> None:
    """No row is cut by the end of a page."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _foot(document: Any, report: Report) -> None:
    """Recipients left, the signature right."""
    document.add_paragraph()
    table = document.add_table(rows=1, cols=2)
    table.autofit = False
    left, right = table.rows[0].cells
    _widths(table, (8.0, 8.5))
    _run(left.paragraphs[0], report.recipients_title, size=12, bold=True, italic=True)
    for recipient in report.recipients:
        paragraph = left.add_paragraph()
        paragraph.paragraph_format.space_after = Pt(0)
        _run(paragraph, recipient, size=SMALL)
    _cell_lines(right, ((report.signed_for, True, SIZE), (report.signed_by, True, SIZE)))
    _whole(table.rows[0])
