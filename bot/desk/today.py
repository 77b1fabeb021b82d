"""Today: what waits, what to do next, who registered lately."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from aiohttp import web

from bot.desk import chart, machine, rights
from bot.desk import report as reports
from bot.desk.guard import Visit
from bot.desk.pages import Values
from bot.leads.forwarding import explained
from bot.leads.parcels import Office
from bot.store.desk_port import ClassView, Today
from bot.store.people_port import Delivery
from bot.store.sql_desk import SqlDesk

if TYPE_CHECKING:
    from bot.desk.desk import Desk

OPEN_FOR = timedelta(minutes=15)  # what was opened stays open so long
SOON = timedelta(days=10)
LATELY = timedelta(days=30)  # a list that failed longer ago is history
MOST_TASKS, OF_CLASSES = 12, 4  # what has a day of its own, or somebody waiting, is never cut off by classes


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do next: a text `desk.next.<text>` with a number or a class, and where it is done."""

    text: str
    href: str
    n: int = 0
    title: str = ""


async def page(desk: "Desk", visit: Visit) -> web.Response:
    """The first page."""

    def work(d: SqlDesk) -> Values:
        mine = visit.scope.writes == "all"
        requests = rights.asked(d, visit.scope, visit.now.date()) if mine else None
        found: Values = {"requests": requests, "troubled": _troubled(d, visit) if mine else (), "served": d.served()}
        found["report"] = reports.lacking(desk, visit, d)
        found["questions"] = d.lessons.questions.waiting(visit.scope)
        found["approvals"] = d.announcing.announcements.waiting_for(visit.me.id, visit.scope)
        return found | {"today": d.today.read(visit.scope, visit.now)}

    values = await desk.ask(work)
    today, served = values["today"], values.pop("served")
    report, questions = values.pop("report"), values.pop("questions")
    approvals = values.pop("approvals")
    more = (
        Task("approvals", "/desk/announcements", approvals),
        *_report(*report),
        Task("failed", "/desk/people?lost=1", today.not_reached),
        Task("questions", "/desk/questions", questions if visit.me.role != "coordinator" else 0),
    )
    weeks = chart.columns([(f"{start:%d/%m}", n) for start, n in today.weeks])
    trades = chart.rows([(desk.pages.trade(visit.say, trade), n) for trade, n in today.trades])
    places = [desk.pages.place(p) for p in visit.me.places]
    values |= {
        "tasks": (*_asked_by_law(values), *tasks(today, visit, more))[:MOST_TASKS],
        "weeks": weeks,
        "trades": trades,
        "places": places,
    }
    warned = machine.banner(desk, visit)
    return desk.pages.show(visit, "today.html", **values, chart=chart, none_served=not served, warned=warned)


def _troubled(d: SqlDesk, visit: Visit) -> tuple[tuple[Delivery, str], ...]:
    """Lists that did not get there, and why."""
    office = Office({}, "", visit.say)
    if visit.scope.communes == frozenset():
        return ()
    mine = (t for commune in sorted(visit.scope.communes or {""}) for t in d.forwarding.troubled(commune))
    lately = (t for t in mine if t.recipient.ended_at is None and t.made_at >= visit.now - LATELY)
    return tuple((t, explained(t, office)) for t in lately)


def _asked_by_law(values: Values) -> tuple[Task, ...]:
    """Requests have days set by the law; then lists that did not arrive."""
    found = (
        Task("requests", "/desk/requests", len(values["requests"] or ())),
        Task("troubled", "/desk/forwarding#sent-title", len(values["troubled"])),
    )
    return tuple(task for task in found if task.n)


def tasks(today: Today, visit: Visit, more: tuple[Task, ...] = ()) -> tuple[Task, ...]:
    """The most pressing first: people, then `more`, then classes; a coordinator has no classes to keep."""
    found = [
        Task("tickets", "/desk/waiting", today.asking),
        Task("due", "/desk/people?due=1", today.due),
        Task("calls", "/desk/calls", today.calls),
        Task("new", "/desk/people?state=new", today.new),
        Task("to_confirm", "/desk/people?verification=waiting_person&state=new", today.to_confirm),
        *more,
    ]
    if visit.scope.writes == "all":
        found += [task for view in today.classes for task in _of_class(view, visit)][:OF_CLASSES]
    return tuple(task for task in found if task.n)


def _report(lacking: int, year: int, due: str) -> list[Task]:
    if not lacking:
        return []
    return [Task("report_due" if due else "report", "/desk/report", year, due)]


def _of_class(view: ClassView, visit: Visit) -> list[Task]:
    course, free = view.course, view.free
    href = f"/desk/classes/{course.id}"
    tasks = []
    if view.waiting and free:
        tasks.append(Task("seat", href, min(view.waiting, free), course.title))
    late = course.starts_on is not None and course.starts_on <= visit.now.date()
    if late and course.state in ("planned", "open", "full"):
        tasks.append(Task("started", href, 1, course.title))
    if course.ends_on is not None and course.ends_on < visit.now.date() and course.state in ("open", "full", "running"):
        tasks.append(Task("finished", f"/desk/people?course={course.id}&state=enrolled", 1, course.title))
    soon = course.deadline is not None and visit.now.date() <= course.deadline <= visit.now.date() + SOON
    if soon and free and course.state == "open":
        tasks.append(Task("filling", href, free, course.title))
    return tasks


async def pulse(desk: "Desk", visit: Visit) -> web.Response:
    """How many new leads and people who wait there are: for the one script that asks now and then."""

    def work(d: SqlDesk) -> tuple[int, int]:
        return d.today.new(visit.scope), d.today.asking(visit.scope)

    new, waiting = await desk.ask(work)
    return web.json_response({"new": new, "waiting": waiting})
