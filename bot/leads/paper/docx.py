"""The paper as a Word document (A4, Times New Roman), for whoever would rather type the rest."""

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from bot.leads.paper.content import FILL, Box, Gap, Line

if TYPE_CHECKING:
    from docx.text.paragraph import Paragraph

FONT = "Times New Roman"
DOT = 1.15  # mm a dot, at 13 points
TICKED, OPEN = "☒", "□"


def render(lines: Iterable[Line], title: str) -> bytes:
    """The whole document. Loads python-docx: see `making`."""
    import docx
    from docx.shared import Mm, Pt

    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin, section.right_margin = Mm(28), Mm(18)
    section.top_margin = section.bottom_margin = Mm(18)
    document.core_properties.title = title
    document.core_properties.author = ""
    usual: Any = document.styles["Normal"]
    usual.font.name, usual.font.size = FONT, Pt(13)
    usual.paragraph_format.space_after = Pt(2)
    for line in lines:
        _line(document.add_paragraph(), line, Mm(210 - 28 - 18))
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def _line(paragraph: "Paragraph", line: Line, width: Any) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT, WD_TAB_LEADER
    from docx.shared import Mm, Pt

    shape = paragraph.paragraph_format
    if line.style in ("title", "motto", "centre"):
        shape.alignment = WD_ALIGN_PARAGRAPH.CENTER
    elif line.style in ("right", "right_bold"):
        shape.alignment = WD_ALIGN_PARAGRAPH.CENTER
        shape.left_indent = Mm(82)
    elif line.style != "note":
        shape.first_line_indent = Mm(10)
        shape.tab_stops.add_tab_stop(width, WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)
    for part in line.parts:
        text = part if isinstance(part, str) else _mark(part)
        run = paragraph.add_run(text)
        run.bold = line.style in ("title", "motto", "right_bold")
        run.underline = line.style == "motto"
        if line.style == "note":
            run.font.size = Pt(9.5)


def _mark(part: Gap | Box) -> str:
    if isinstance(part, Box):
        return f" {TICKED if part.ticked else OPEN}"
    return "\t" if part.width == FILL else "." * round(part.width / DOT)
