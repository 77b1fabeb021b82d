"""Today: what waits, what to do next, who registered lately."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from aiohttp import web

from bot.desk import chart
from bot.desk.guard import Visit
from bot.desk.pages import Values
from bot.store.desk_port import ClassView, Today
from bot.store.sql_desk import SqlDesk

if TYPE_CHECKING:
    from bot.desk.desk import Desk

OPEN_FOR = timedelta(minutes=15)  # what was opened stays open so long
SOON = timedelta(days=10)


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do next: a text `desk.next.<text>` with a number or a class, and where it is done."""

    text: str
    href: str
    n: int = 0
    title: str = ""


async def page(desk: "Desk", visit: Visit) -> web.Response:
    """The first page."""
    today, served = await desk.ask(lambda d: (d.today.read(visit.scope, visit.now), d.served()))
    weeks = chart.columns([(f"{start:%d/%m}", n) for start, n in today.weeks])
    trades = chart.rows([(desk.pages.trade(visit.say, trade), n) for trade, n in today.trades])
    places = [desk.pages.place(p) for p in visit.me.places]
    values: Values = {
        "today": today,
        "tasks": tasks(today, visit),
        "weeks": weeks,
        "trades": trades,
        "places": places,
    }
    return desk.pages.show(visit, "today.html", **values, chart=chart, none_served=not served)


def tasks(today: Today, visit: Visit) -> tuple[Task, ...]:
    """The most pressing first; a coordinator has only people to look at."""
    found = [
        Task("tickets", "/desk/waiting", today.tickets),
        Task("due", "/desk/people?due=1", today.due),
        Task("new", "/desk/people?state=new", today.new),
        Task("to_confirm", "/desk/people?verification=waiting_person", today.to_confirm),
    ]
    if visit.scope.writes == "all":
        found += [task for view in today.classes for task in _of_class(view, visit)]
    return tuple(task for task in found if task.n)[:6]


def _of_class(view: ClassView, visit: Visit) -> list[Task]:
    course, free = view.course, view.free
    href = f"/desk/classes/{course.id}"
    tasks = []
    if view.waiting and free:
        tasks.append(Task("seat", href, min(view.waiting, free), course.title))
    late = course.starts_on is not None and course.starts_on <= visit.now.date()
    if late and course.state in ("planned", "open", "full"):
        tasks.append(Task("started", href, 1, course.title))
    soon = course.deadline is not None and visit.now.date() <= course.deadline <= visit.now.date() + SOON
    if soon and free and course.state == "open":
        tasks.append(Task("filling", href, free, course.title))
    return tasks


async def pulse(desk: "Desk", visit: Visit) -> web.Response:
    """How many new leads and open tickets there are: for the one script that asks now and then."""

    def work(d: SqlDesk) -> tuple[int, int]:
        return d.today.new(visit.scope), d.today.asking(visit.scope)

    new, waiting = await desk.ask(work)
    return web.json_response({"new": new, "waiting": waiting})
