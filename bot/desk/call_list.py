"""Whom no channel reached: a call list per hamlet (to print, as a workbook), a text for the village's group, the
loudspeaker's script, the poster."""

import io
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING
from urllib.parse import quote

from aiohttp import web

from bot.announcements import texts
from bot.desk.announcing import mine, why_of
from bot.desk.guard import Visit
from bot.desk.pages import Values
from bot.desk.sharing import ways
from bot.i18n import Language, language
from bot.store.announcement_port import ToCall
from bot.store.sql_desk import SqlDesk

if TYPE_CHECKING:
    from bot.desk.desk import Desk

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COLUMNS = ("hamlet", "name", "born", "phone", "told_by", "trade", "why", "done")
_WIDTHS = (18, 26, 10, 16, 20, 22, 34, 18)


async def page(desk: "Desk", visit: Visit) -> web.Response:
    """The list to print, in the clear; written down who opened it."""
    people, one = await _people(desk, visit), await mine(desk, visit)
    hamlets = [(where, list(found)) for where, found in groupby(people, key=lambda p: (p.commune, p.hamlet))]
    return desk.pages.show(visit, "call_list.html", one=one, hamlets=hamlets, n=len(people), why=why_of)


async def workbook(desk: "Desk", visit: Visit) -> web.Response:
    """The same as an .xlsx, phones as text."""
    people, today = await _people(desk, visit), visit.now.date()
    names = {p.commune: desk.pages.commune(p.commune) for p in people}
    body = await desk.ask(lambda _d: written(people, names, today, visit.say))
    name = visit.say.say("announce.call_file", day=today.isoformat())
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}", "Cache-Control": "no-store"}
    return web.Response(body=body, content_type=SHEET, headers=headers)


async def _people(desk: "Desk", visit: Visit) -> list[ToCall]:
    one = await mine(desk, visit)

    def work(d: SqlDesk) -> list[ToCall]:
        d.audit(visit.me.id, "call_list", f"announcement:{one.id}", visit.now)
        return d.announcing.audience.to_call(one.id)

    return await desk.change(work)


def written(people: list[ToCall], communes: dict[str, str], on: date, say: Language) -> bytes:
    """The workbook's bytes. A phone keeps its leading zero; nothing typed by people is read as a formula."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.worksheet.properties import PageSetupProperties

    book = Workbook()
    sheet = book.active
    assert sheet is not None  # noqa: S101 - a new workbook has one
    sheet.title = say.say("announce.call_sheet")
    sheet.append([say.say("announce.call_title", day=say.short_day(on))])
    sheet.append([say.say(f"announce.call.{name}") for name in COLUMNS])
    for p in people:
        place = p.hamlet if len(communes) < 2 else f"{p.hamlet}, {communes[p.commune]}"
        row = (place, p.name, str(p.birth_year), p.phone, p.told_by, p.trade, say.say(why_of(p.why)), "")
        sheet.append(["" for _ in row])
        for at, value in enumerate(row, 1):
            cell = sheet.cell(sheet.max_row, at)
            cell.value, cell.number_format, cell.data_type = value, "@", "s"
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for at, width in enumerate(_WIDTHS):
        sheet.column_dimensions["ABCDEFGH"[at]].width = width
        sheet.cell(2, at + 1).font = Font(bold=True)
    sheet.cell(1, 1).font = Font(bold=True, size=14)
    sheet.freeze_panes = "A3"
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


async def words(desk: "Desk", visit: Visit) -> web.Response:
    """What goes by other ways: the village's group, the loudspeaker, the poster."""
    one = await mine(desk, visit)
    course = await desk.ask(lambda d: d.announcing.course(one.course))
    name = ", ".join(desk.pages.commune(c) for c in one.communes[:3])
    say = language(one.language or "vi")
    ways_in = tuple((w.name, f"{w.address} ({w.type_in})" if w.type_in else w.address) for w in ways(desk, one.course))
    values: Values = {
        "one": one,
        "course": course,
        "group": texts.for_the_group(one, say, ways_in if course else ()),
        "aloud": texts.aloud(one, course, name, say),
    }
    return desk.pages.show(visit, "announcement_words.html", **values)
