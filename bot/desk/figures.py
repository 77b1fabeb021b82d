"""Figures: from the first question to work, the survey of demand, the form, the questions, the officers' replies."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from aiohttp import web

from bot import apart
from bot.desk import chart, periods
from bot.desk.guard import Refused, Visit
from bot.desk.pages import Values, back
from bot.desk.periods import Asked
from bot.leads import period_tables as made
from bot.leads.period_tables import Names
from bot.leads.tables import Table
from bot.store.figures_port import FUNNEL, Figures
from bot.store.sql_desk import SqlDesk

if TYPE_CHECKING:
    from bot.desk.desk import Desk

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_BARS = 10
Bars = Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its table, and the chart before it if numbers alone say less. `id` stands in the page."""

    id: str
    table: Table
    bars: tuple[chart.Bar, ...] = ()
    upright: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be counted: `commune` "" is all that this officer may see; `beyond`: it is seen outside a commune."""

    commune: str
    asked: Asked
    communes: frozenset[str] | None
    beyond: bool


def wanted(visit: Visit, values: dict[str, str], known: Sequence[tuple[str, str]]) -> Wanted:
    """The filters of an address or a form; a commune of somebody else's is as no such commune."""
    asked = periods.asked(values, visit.now.date())
    commune = values.get("commune", "")
    if commune and commune not in dict(known):
        raise Refused(404, "not_found")
    if len(known) == 1:
        commune = known[0][0]
    communes = frozenset({commune}) if commune else visit.scope.communes
    return Wanted(commune, asked, communes, not commune or visit.me.role == "coordinator")


def names(desk: "Desk", visit: Visit) -> Names:
    """How codes are called on this page."""
    say = visit.say
    return Names(
        say, lambda t: desk.pages.trade(say, t) if t else say.say("desk.figures.other_trade"), desk.pages.commune
    )


def known(desk: "Desk", visit: Visit, d: SqlDesk) -> list[tuple[str, str]]:
    """Communes that may be chosen: those served, and those that anything was registered in."""
    codes = d.served() | d.figures.communes(visit.scope.communes)
    return desk.communes(visit.scope.communes, codes)


async def page(desk: "Desk", visit: Visit) -> web.Response:
    """Charts with their tables."""
    query = dict(visit.request.query)

    def work(d: SqlDesk) -> tuple[list[tuple[str, str]], Wanted, Figures]:
        communes = known(desk, visit, d)
        what = wanted(visit, query, communes)
        return communes, what, d.figures.of(what.communes, what.asked.period)

    communes, what, figures = await desk.ask(work)
    values: Values = {
        "communes": communes,
        "commune_asked": what.commune,
        "asked": what.asked,
        "label": what.asked.label(visit.say),
        "offered": _offered(visit),
        "sections": sections(figures, names(desk, visit), beyond=what.beyond),
        "chart": chart,
    }
    return desk.pages.show(visit, "figures.html", **values)


def _offered(visit: Visit) -> list[tuple[str, list[tuple[str, str]]]]:
    """Kinds of periods with what can be chosen of each."""
    return [
        (visit.say.say(f"desk.figures.kind.{kind}"), [(name, periods.label(name, visit.say)) for name in found])
        for kind, found in periods.offered(visit.now.date()).items()
    ]


def sections(figures: Figures, called: Names, *, beyond: bool) -> tuple[Section, ...]:
    """The page's parts from the top."""
    say = called.say.say
    steps = [(say(f"desk.figures.step.{step}"), figures.funnel[step]) for step in FUNNEL]
    left = [(called.field(row.field), row.left) for row in figures.form]
    months = [(f"{day:%m}", n) for day, n, _done in figures.months]
    answers = [(say(f"desk.figures.decision.{d}"), n) for d, n in figures.decisions.items()]
    waits = [(say(f"desk.figures.wait.{w}"), n) for w, n in figures.waits.items() if n]
    found = [
        Section("funnel", made.funnel(figures, called), _rows(steps)),
        Section("placed", made.placed(figures, called)),
        Section("surveyed", made.surveyed(figures, called)),
        Section("demand", made.demand(figures, called, beyond=beyond), _rows(made.trades(figures, called))),
        Section("form", made.form(figures, called), _rows(left)),
        Section("questions", made.questions(figures, called), _rows(answers)),
        Section("topics", made.topics(figures, called)),
        Section("waits", made.waits(figures, called), _rows(waits)),
    ]
    if figures.useful:
        found.insert(7, Section("useful", made.useful(figures, called)))
    if 1 < len(months) <= 12:
        found.insert(3, Section("months", made.months(figures, called), _columns(months), upright=True))
    return tuple(found)


def _rows(values: Bars) -> tuple[chart.Bar, ...]:
    return chart.rows(values[:MOST_BARS]) if any(n for _label, n in values) else ()


def _columns(values: Bars) -> tuple[chart.Bar, ...]:
    return chart.columns(values) if any(n for _label, n in values) else ()


async def workbook(desk: "Desk", visit: Visit) -> web.Response:
    """The same tables as a workbook; written down who took it out."""
    query = {name: visit.fields.get(name, most=20) for name in ("commune", "period", "from", "to")}

    def work(d: SqlDesk) -> tuple[Wanted, Sequence[Table], tuple[str, ...]]:
        what = wanted(visit, query, known(desk, visit, d))
        found = d.figures.of(what.communes, what.asked.period)
        tables = made.all_of_them(found, names(desk, visit), beyond=what.beyond)
        place = desk.pages.commune(what.commune) if what.commune else visit.say.say("desk.figures.all_communes")
        head = (place, what.asked.label(visit.say), visit.say.say("desk.figures.made_on", day=_day(visit)))
        return what, tables, head

    what, tables, head = await desk.ask(work)
    if what.asked.fault:
        return back("/desk/figures", query=urlencode({k: v for k, v in query.items() if v}))
    body = await asyncio.to_thread(apart.call, "bot.leads.tables_book:write", tables, head)
    subject = f"figures:{what.commune or 'all'}:{what.asked.key}"
    await desk.change(lambda d: d.audit(visit.me.id, "figures", subject, visit.now))
    return file(body, f"so-lieu-{what.commune or 'tat-ca'}-{what.asked.key}.xlsx", XLSX)


def _day(visit: Visit) -> str:
    return visit.say.short_day(visit.now.date())


def file(body: bytes, name: str, kind: str) -> web.Response:
    """A file to keep; its name is ours, of plain letters."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return web.Response(body=body, content_type=kind, headers=headers)
