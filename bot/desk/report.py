"""The yearly report: for an officer the commune's, for a coordinator the province's; looked at, taken out as a file."""

import asyncio
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from aiohttp import web

from bot.desk.figures import XLSX, file, names
from bot.desk.guard import Refused, Visit
from bot.desk.pages import Values
from bot.leads import report as reports
from bot.leads import report_files
from bot.leads.report import FROM, Office, Plan, Report, Year
from bot.store.figures_port import year_of
from bot.store.sql_desk import SqlDesk

if TYPE_CHECKING:
    from bot.desk.desk import Desk

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
YEARS = 3


def offices(desk: "Desk", visit: Visit, served: frozenset[str]) -> dict[str, Office]:
    """Code -> whose report this officer may make: communes served, and for those who see a province, the province."""
    book, here = desk.book, desk.communes(visit.scope.communes, served)
    found = {}
    for code, name in here:
        province = book.communes.get(code, ("", ""))[1]
        found[code] = Office(code, name, book.provinces.get(province, province), {code: name}, _plan(desk, province))
    if visit.me.role == "officer":
        return found
    whole: dict[str, dict[str, str]] = {}
    for code, name in here:
        whole.setdefault(book.communes.get(code, ("", ""))[1], {})[code] = name
    provinces = {
        code: Office(code, name := book.provinces.get(code, code), name, communes, _plan(desk, code))
        for code, communes in sorted(whole.items())
    }
    return {**provinces, **found}


def _plan(desk: "Desk", province: str) -> Plan:
    return desk.settings.plans.get(province, Plan())


def _year(said: str, today: date) -> int:
    """One of the last years; this one for anything else."""
    known = {str(today.year - n): today.year - n for n in range(YEARS)}
    return known.get(said, today.year)


def _office(found: Mapping[str, Office], code: str) -> Office:
    if code and code not in found:
        raise Refused(404, "not_found")
    return found[code] if code else next(iter(found.values()))


def made(desk: "Desk", visit: Visit, d: SqlDesk, office: Office, year: int) -> Report:
    """The report as it stands today."""
    communes = desk.province_codes(office.code) if office.is_province else frozenset(office.communes)
    period = year_of(year)
    found = d.figures.of(communes, period)
    what = Year(
        year, visit.now.date(), found, d.figures.classes(communes, period), lambda t: t in desk.settings.farming
    )
    return reports.make(office, what, names(desk, visit))


async def page(desk: "Desk", visit: Visit) -> web.Response:
    """What it will say, and the two files."""
    year = _year(visit.request.query.get("year", ""), visit.now.date())
    code = visit.request.query.get("place", "")[:5]

    def work(d: SqlDesk) -> tuple[dict[str, Office], Office | None, Report | None]:
        found = offices(desk, visit, d.served())
        if not found:
            return found, None, None
        office = _office(found, code)
        return found, office, made(desk, visit, d, office, year)

    found, office, report = await desk.ask(work)
    values: Values = {
        "offices": [(code, o.name) for code, o in found.items()],
        "office": office,
        "report": report,
        "year": year,
        "years": [(str(visit.now.year - n), str(visit.now.year - n)) for n in range(YEARS)],
    }
    return desk.pages.show(visit, "report.html", **values)


async def docx(desk: "Desk", visit: Visit) -> web.Response:
    """To fill in and sign."""
    return await _download(desk, visit, "docx")


async def xlsx(desk: "Desk", visit: Visit) -> web.Response:
    """The forms alone."""
    return await _download(desk, visit, "xlsx")


async def _download(desk: "Desk", visit: Visit, kind: str) -> web.Response:
    year = _year(visit.fields.get("year", most=4), visit.now.date())
    code = visit.fields.get("place", most=5)

    def work(d: SqlDesk) -> tuple[Office, Report]:
        found = offices(desk, visit, d.served())
        if not found:
            raise Refused(404, "not_found")
        office = _office(found, code)
        return office, made(desk, visit, d, office, year)

    office, report = await desk.ask(work)
    body = await asyncio.to_thread(report_files.drawn, report, kind, visit.say.code)
    subject = f"report:{office.code}:{year}"
    await desk.change(lambda d: d.audit(visit.me.id, "report", subject, visit.now))
    return file(body, f"bao-cao-dao-tao-nghe-{office.code}-{year}.{kind}", DOCX if kind == "docx" else XLSX)


def lacking(desk: "Desk", visit: Visit, d: SqlDesk) -> tuple[int, int, str]:
    """(how many reports of this year nobody has taken out, the year, the plan's day); none before 20 November.

    Of an officer their communes', of a coordinator their province's, of an admin the communes'.
    """
    today = visit.now.date()
    if (today.month, today.day) < FROM:
        return 0, today.year, ""
    provinces = visit.me.role == "coordinator"
    own = {c: o for c, o in offices(desk, visit, d.served()).items() if o.is_province is provinces}
    begins = datetime.combine(date(today.year, *FROM), time(), visit.now.tzinfo)
    done = d.figures.reported([f"report:{code}:{today.year}" for code in own], begins)
    due = next((o.plan.due for o in own.values() if o.plan.due), "")
    return len(own) - len(done), today.year, due
