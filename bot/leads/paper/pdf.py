"""The paper as a PDF for an A4 printer; its fonts go along (Tinos: as wide as Times New Roman, all our letters)."""

from collections.abc import Iterable
from importlib.resources import files
from typing import TYPE_CHECKING

from bot.leads.paper.content import FILL, Box, Gap, Line, Part

if TYPE_CHECKING:
    from fpdf import FPDF

FONT = "Tinos"
LEFT, RIGHT, TOP = 28.0, 18.0, 18.0  # mm
INDENT = 10.0
BODY, SMALL = 13.0, 9.5  # points
HIGH, HIGH_SMALL = 6.9, 4.6  # mm a line
SHORTEST = 18.0  # mm: dots shorter than that go to the next line
BOX = 3.4


def render(lines: Iterable[Line], title: str) -> bytes:
    """The whole document. Loads fpdf2, 60 MB: see `making`."""
    from fpdf import FPDF

    paper = FPDF(format="A4")
    paper.set_margins(LEFT, TOP, RIGHT)
    paper.set_auto_page_break(auto=True, margin=16)
    paper.set_title(title)
    paper.set_lang("vi")
    folder = files("bot.leads.paper") / "fonts"
    for style, name in (("", "Regular"), ("B", "Bold")):
        paper.add_font(FONT, style, str(folder / f"{FONT}-{name}.ttf"))
    paper.add_page()
    for line in lines:
        _line(paper, line)
    return bytes(paper.output())


def _line(paper: "FPDF", line: Line) -> None:
    small = line.style == "note"
    if line.parts and not small and paper.will_page_break(2 * HIGH):  # no heading alone at the foot of a page
        paper.add_page()
    bold = line.style in ("title", "motto", "right_bold")
    paper.set_font(FONT, "B" if bold else "", SMALL if small else BODY)
    high = HIGH_SMALL if small else HIGH
    if line.style in ("text", "flat", "note"):
        if not line.parts:
            paper.ln(high * 0.6)
            return
        if line.style != "note":
            paper.set_x(LEFT + INDENT)
        for part in line.parts:
            _part(paper, part, high)
        paper.ln(high)
        return
    text = "".join(p for p in line.parts if isinstance(p, str))
    width = paper.epw if line.style in ("title", "motto", "centre") else paper.epw * 0.56
    paper.set_x(LEFT + paper.epw - width)
    paper.cell(width, high, text, align="C")
    paper.ln(high)
    if line.style == "motto":
        half = paper.get_string_width(text) / 2
        middle = LEFT + paper.epw / 2
        paper.line(middle - half, paper.y + 0.3, middle + half, paper.y + 0.3)
        paper.ln(2)


def _part(paper: "FPDF", part: Part, high: float) -> None:
    left = paper.w - RIGHT - paper.x
    if isinstance(part, str):
        paper.write(high, part)
        return
    if isinstance(part, Box):
        if left < BOX + 2:
            paper.ln(high)
        _box(paper, part, high)
        return
    if isinstance(part, Gap):
        wanted = SHORTEST if part.width == FILL else float(part.width)
        if left < wanted:
            paper.ln(high)
            left = paper.w - RIGHT - paper.x
        width = left if part.width == FILL else min(float(part.width), left)
        dots = int((width - 2 * paper.c_margin) / paper.get_string_width("."))
        paper.write(high, "." * max(dots, 1))


def _box(paper: "FPDF", box: Box, high: float) -> None:
    x, y = paper.x + 1.2, paper.y + (high - BOX) / 2
    paper.set_line_width(0.25)
    paper.rect(x, y, BOX, BOX)
    if box.ticked:
        paper.set_line_width(0.5)
        paper.line(x + 0.6, y + 0.6, x + BOX - 0.6, y + BOX - 0.6)
        paper.line(x + BOX - 0.6, y + 0.6, x + 0.6, y + BOX - 0.6)
        paper.set_line_width(0.25)
    paper.set_x(x + BOX + 1)
