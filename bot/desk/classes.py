"""Classes: what is saved here is what the assistant answers the next second."""

import secrets
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from aiohttp import web

from bot.desk.forms import Unreadable
from bot.desk.guard import Refused, Visit
from bot.desk.pages import Values, back
from bot.dialogue.details import GROUPS
from bot.model import Course
from bot.store.desk_port import ClassView, Filter
from bot.store.sql_desk import SqlDesk

if TYPE_CHECKING:
    from bot.desk.desk import Desk

SET_BY_HAND = ("planned", "open", "running", "done", "cancelled")  # "full" follows from the seats
MOST_SEATS = 500
_LETTERS = "acdefghjkmnpqrtuvwxy34679"
_TEXTS = {"title": 120, "provider": 160, "place": 160, "schedule": 160, "map_url": 300}
_FIELDS = (*_TEXTS, "commune", "trade", "starts_on", "ends_on", "deadline", "seats", "state")


def new_id() -> str:
    """ "lop-7k4mq2": short enough to be typed, and it may stand in a Telegram link."""
    return "lop-" + "".join(secrets.choice(_LETTERS) for _ in range(6))


async def page(desk: "Desk", visit: Visit) -> web.Response:
    """All classes of this officer's communes."""
    over = "over" in visit.request.query
    views = await desk.ask(lambda d: d.classes.all(visit.scope, over=over))
    return desk.pages.show(visit, "classes.html", views=views, over=over)


async def view(desk: "Desk", visit: Visit) -> web.Response:
    """One class: seats, who is in it, what can be done."""
    course = visit.word()

    def work(d: SqlDesk) -> dict[str, Any] | None:
        found = d.classes.one(visit.scope, course)
        if found is None:
            return None
        people = d.people.listing(visit.scope, Filter(course=course), size=200)
        return {"view": found, "people": people.rows}

    found = await desk.ask(work)
    if found is None:
        raise Refused(404, "not_found")
    return desk.pages.show(visit, "class.html", **found, states=SET_BY_HAND, editable=_editable(visit))


def _editable(visit: Visit) -> bool:
    return visit.scope.writes == "all"


async def _mine(desk: "Desk", visit: Visit) -> ClassView:
    course = visit.word()
    found = await desk.ask(lambda d: d.classes.one(visit.scope, course))
    if found is None:
        raise Refused(404, "not_found")
    return found


async def form(desk: "Desk", visit: Visit) -> web.Response:
    """An empty form, or a copy of a class: all but its days."""
    copied, typed = visit.request.query.get("copy", "")[:40], {"seats": "30", "state": "open"}
    if copied:
        found = await desk.ask(lambda d: d.classes.one(visit.scope, copied))
        if found is None:
            raise Refused(404, "not_found")
        typed = _typed(replace(found.course, starts_on=None, ends_on=None, deadline=None, state="open"))
    return await _form(desk, visit, typed, {}, 200)


async def edit_form(desk: "Desk", visit: Visit) -> web.Response:
    """The class as it is, to change."""
    return await _form(desk, visit, _typed((await _mine(desk, visit)).course), {}, 200)


async def _form(desk: "Desk", visit: Visit, typed: dict[str, str], faults: dict[str, str], status: int) -> web.Response:
    trades = sorted(((t, desk.pages.trade(visit.say, t)) for t in desk.pages.trades), key=lambda pair: pair[1])
    groups = desk.pages.groups(visit.say, "other", "unsaid")
    values: Values = {
        "trades": trades,
        "groups": groups,
        "states": [(s, visit.say.say(f"desk.class.state.{s}")) for s in SET_BY_HAND],
        "typed": typed,
        "faults": faults,
    }
    communes = list((await desk.served(visit)).items())
    course = visit.request.match_info.get("id", "")
    return desk.pages.show(visit, "class_form.html", status=status, communes=communes, course=course, **values)


def _typed(course: Course) -> dict[str, str]:
    """A class as its form shows it."""
    shown = {name: getattr(course, name) for name in _FIELDS}
    typed = {k: f"{v:%d/%m/%Y}" if isinstance(v, date) else str(v or "") for k, v in shown.items()}
    state = "open" if course.state == "full" else course.state
    return typed | {"state": state, **{f"group_{g}": "1" for g in course.target_groups}}


async def create(desk: "Desk", visit: Visit) -> web.Response:
    """A new class."""
    return await _save(desk, visit, None)


async def edit(desk: "Desk", visit: Visit) -> web.Response:
    """The class changed."""
    return await _save(desk, visit, (await _mine(desk, visit)).course)


async def _save(desk: "Desk", visit: Visit, before: Course | None) -> web.Response:
    typed = {name: visit.fields.get(name, most=_TEXTS.get(name, 60)) for name in _FIELDS}
    typed |= {f"group_{g}": "1" for g in GROUPS if visit.fields.ticked(f"group_{g}")}
    communes = await desk.served(visit)
    if before is not None:
        typed["commune"] = before.commune
    elif len(communes) == 1:
        typed["commune"] = next(iter(communes))
    faults: dict[str, str] = {}
    if before is None and typed["commune"] not in communes:
        faults["commune"] = "commune"
    if typed["trade"] not in desk.pages.trades:
        faults["trade"] = "trade"
    course = _read(typed, visit, before, faults)
    if course is not None and before is None:
        course = replace(course, demonstration=desk.settings.demo)
    if faults or course is None:
        return await _form(desk, visit, typed, faults, 400)

    def work(d: SqlDesk) -> None:
        d.classes.save(course)
        d.audit(visit.me.id, "class_saved" if before else "class_made", f"class:{course.id}", visit.now)

    await desk.change(work)
    return back(f"/desk/classes/{course.id}", "saved")


def _read(typed: dict[str, str], visit: Visit, before: Course | None, faults: dict[str, str]) -> Course | None:
    """The class of a form; what is wrong goes into `faults`."""
    days: dict[str, date | None] = {}
    for name in ("starts_on", "ends_on", "deadline"):
        try:
            days[name] = visit.fields.day(name)
        except Unreadable:
            faults[name] = "day"
    faults |= _wrong(typed)
    starts, ends, deadline = days.get("starts_on"), days.get("ends_on"), days.get("deadline")
    if starts and ends and ends < starts:
        faults["ends_on"] = "ends_before"
    if starts and deadline and deadline > starts:
        faults["deadline"] = "deadline_after"
    if faults:
        return None
    groups = tuple(g for g in GROUPS if f"group_{g}" in typed)
    return Course(
        id=before.id if before else new_id(),
        starts_on=starts,
        ends_on=ends,
        deadline=deadline,
        seats=int(typed["seats"]),
        target_groups=groups,
        demonstration=before is not None and before.demonstration,
        **{k: typed[k] for k in ("commune", "trade", "title", "provider", "place", "schedule", "state", "map_url")},
    )


def _wrong(typed: dict[str, str]) -> dict[str, str]:
    seats = typed["seats"]
    right = {
        "seats": seats.isascii() and seats.isdigit() and 0 <= int(seats[:6]) <= MOST_SEATS,
        "state": typed["state"] in SET_BY_HAND,
        "title": bool(typed["title"]),
        "place": bool(typed["place"]),
        "map_url": not typed["map_url"] or web_address(typed["map_url"]),
    }
    return {name: name for name, fine in right.items() if not fine}


def web_address(text: str) -> bool:
    """Whether it can be opened as a page: https or http, with a host."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("https", "http") and "." in parts.netloc and not any(c in text for c in " \"'<>")


async def state(desk: "Desk", visit: Visit) -> web.Response:
    """Another state, by one button."""
    before, wanted = (await _mine(desk, visit)).course, visit.fields.get("state")
    if wanted not in SET_BY_HAND:
        raise Refused(400, "unreadable")
    course = replace(before, state=wanted)

    def work(d: SqlDesk) -> None:
        d.classes.save(course)
        d.audit(visit.me.id, f"class_{wanted}", f"class:{course.id}", visit.now)

    await desk.change(work)
    return back(f"/desk/classes/{course.id}", "class_state")


async def fill(desk: "Desk", visit: Visit) -> web.Response:
    """Free seats go to those who wait longest."""
    course = (await _mine(desk, visit)).course
    moved = await desk.change(lambda d: d.work.fill(visit.doer, course.id))
    return back(f"/desk/classes/{course.id}", "seated", moved)
