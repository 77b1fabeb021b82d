"""Whom no channel reached: a call list per hamlet (to print, as a workbook), a text for the village's group, the
loudspeaker's script, the poster."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, tzinfo
from itertools import groupby
from typing import TYPE_CHECKING
from urllib.parse import quote

from aiohttp import web

from bot import apart
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
EACH = ("receipt", "channel", "state", "why", "at")
_BOOK = "bot.leads.call_book:write"
_WIDTHS = (18, 26, 10, 16, 20, 22, 34, 18)


async def page(desk: "Desk", visit: Visit) -> web.Response:
    """The list to print, in the clear; written down who opened it."""
    people, one = await _people(desk, visit), await mine(desk, visit)
    return desk.pages.show(visit, "call_list.html", one=one, hamlets=by_hamlet(people), n=len(people), why=why_of)


def by_hamlet(people: Sequence[ToCall]) -> list[tuple[tuple[str, str], list[ToCall]]]:
    """((commune, hamlet), its people) of a sorted list; "bản Mẫu" and "Bản Mẫu" are one, named as most wrote it."""
    grouped = [list(found) for _where, found in groupby(people, key=lambda p: (p.commune, p.hamlet.casefold()))]
    return [((g[0].commune, Counter(p.hamlet for p in g).most_common(1)[0][0]), g) for g in grouped]


async def workbook(desk: "Desk", visit: Visit) -> web.Response:
    """The same as an .xlsx, phones as text."""
    people, today = await _people(desk, visit), visit.now.date()
    names = {p.commune: desk.pages.commune(p.commune) for p in people}
    body = await asyncio.to_thread(written, people, names, today, visit.say)
    return _file(body, visit.say.say("announce.call_file", day=today.isoformat()))


async def rows(desk: "Desk", visit: Visit) -> web.Response:
    """What became of each recipient, by receipt: no name, no phone."""
    one, zone = await mine(desk, visit), visit.now.tzinfo

    def line(receipt: str, channel: str, state: str, why: str, at: datetime | None) -> tuple[str, ...]:
        where = visit.say.say(f"desk.channel.{channel}") if channel else ""
        reason = visit.say.say(why_of(why)) if why else ""
        return receipt, where, visit.say.say(f"announce.row.{state}"), reason, _moment(at, zone)

    lines = await desk.ask(lambda d: [line(*row) for row in d.announcing.audience.recipients(one.id)])
    titles = [visit.say.say(f"announce.each.{name}") for name in EACH]
    title = visit.say.say("announce.desk.one", n=one.id)
    body = await asyncio.to_thread(apart.call, _BOOK, title, titles, lines, (16, 12, 22, 44, 18))
    return _file(body, visit.say.say("announce.each.file", n=one.id))


def _moment(at: datetime | None, zone: tzinfo | None) -> str:
    return f"{at.astimezone(zone):%d/%m/%Y %H:%M}" if at else ""


async def _people(desk: "Desk", visit: Visit) -> list[ToCall]:
    one = await mine(desk, visit)

    def work(d: SqlDesk) -> list[ToCall]:
        d.audit(visit.me.id, "call_list", f"announcement:{one.id}", visit.now)
        return d.announcing.audience.to_call(one.id)

    return await desk.change(work)


def written(people: list[ToCall], communes: dict[str, str], on: date, say: Language) -> bytes:
    """The workbook's bytes."""
    lines = [
        (p.hamlet if len(communes) < 2 else f"{p.hamlet}, {communes[p.commune]}", p.name, str(p.birth_year), p.phone,
         p.told_by, p.trade, say.say(why_of(p.why)), "")
        for p in people
    ]  # fmt: skip
    titles = [say.say(f"announce.call.{name}") for name in COLUMNS]
    return apart.call(_BOOK, say.say("announce.call_title", day=say.short_day(on)), titles, lines, _WIDTHS)


def _file(body: bytes, name: str) -> web.Response:
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}", "Cache-Control": "no-store"}
    return web.Response(body=body, content_type=SHEET, headers=headers)


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
