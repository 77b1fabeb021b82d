"""One registration: masked until opened; states, calls, notes, class, the person's word, duplicates."""

from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.desk.guard import Refused, Visit
from bot.desk.pages import Values, back
from bot.desk.people import NEXT
from bot.desk.today import OPEN_FOR
from bot.model import LEAD_STATES
from bot.store.desk_port import Case
from bot.store.follow_port import SURVEYS
from bot.store.sql_desk import SqlDesk

if TYPE_CHECKING:
    from bot.desk.desk import Desk

CALLS = ("reached", "no_answer", "wrong_number")
ASSIGNABLE = ("planned", "open", "full", "running")  # classes that an officer may put somebody into


async def page(desk: "Desk", visit: Visit) -> web.Response:
    """What is known of one registration."""
    number = visit.number()

    def work(d: SqlDesk) -> dict[str, Any] | None:
        opened = d.opened(visit.me.id, f"lead:{number}", visit.now - OPEN_FOR)
        case = d.people.case(visit.scope, number, opened=opened)
        if case is None:
            return None
        classes = [v for v in d.classes.all(visit.scope) if v.course.commune == case.record.applicant.commune]
        classes.sort(key=lambda v: v.course.trade != case.record.trade)
        own = d.classes.one(visit.scope, case.record.course) if case.record.course else None
        return {
            "case": case,
            "classes": [v for v in classes if v.course.state in ASSIGNABLE],
            "own": own,
            "answers": d.follow.answers(number),
            "names": {f"officer:{o.id}": o.name for o in d.officers.all()},
        }

    found = await desk.ask(work)
    if found is None:
        raise Refused(404, "not_found")
    case = found["case"]
    assert isinstance(case, Case)  # noqa: S101 - made above
    values: Values = {
        "states": LEAD_STATES,
        "calls": CALLS,
        "next_state": NEXT,
        "minutes": int(OPEN_FOR.total_seconds() // 60),
        "survey_months": tuple(SURVEYS.values()),
        "survey_now": next((m for m in SURVEYS.values() if m not in {a.month for a in found["answers"]}), 0),
        "survey_text": _survey_text(desk, visit, case),
    }
    return desk.pages.show(visit, "case.html", **values, **found)


def _survey_text(desk: "Desk", visit: Visit, case: Case) -> str:
    """What is read to the person before they agree, word for word as the chat says it."""
    who, record = case.record.applicant, case.record
    names = {"name": who.full_name, "commune": desk.pages.commune(who.commune)}
    return visit.say.say("follow.ask", trade=desk.pages.trade(visit.say, record.trade, record.trade_text), **names)


def _path(visit: Visit) -> str:
    return f"/desk/people/{visit.number()}"


async def reveal(desk: "Desk", visit: Visit) -> web.Response:
    """Show name and phone; written down who, when, whose."""
    number = visit.number()

    def work(d: SqlDesk) -> bool:
        if d.people.case(visit.scope, number, opened=False) is None:
            return False
        d.audit(visit.me.id, "opened", f"lead:{number}", visit.now)
        return True

    if not await desk.change(work):
        raise Refused(404, "not_found")
    return back(_path(visit))


async def state(desk: "Desk", visit: Visit) -> web.Response:
    """Another state."""
    wanted = visit.fields.get("state")
    if wanted not in LEAD_STATES:
        raise Refused(400, "unreadable")
    seen = visit.fields.get("seen")
    done = await desk.change(lambda d: d.work.set_state(visit.doer, [visit.number()], wanted, seen=seen))
    if seen and not done[0]:
        return back(_path(visit), "moved_on")
    return back(_path(visit), "waiting" if done[1] else "state", 1)


async def note(desk: "Desk", visit: Visit) -> web.Response:
    """A note."""
    text = visit.fields.text("text")
    if not text:
        return back(_path(visit), "nothing_chosen")
    await desk.change(lambda d: d.work.note(visit.doer, visit.number(), "note", text, None))
    return back(_path(visit), "noted")


async def call(desk: "Desk", visit: Visit) -> web.Response:
    """A call: how it went, what was said, when to call again."""
    outcome, text, again = visit.fields.get("outcome"), visit.fields.text("text"), visit.fields.day("again")
    if outcome not in CALLS:
        return back(_path(visit), "nothing_chosen")
    await desk.change(lambda d: d.work.note(visit.doer, visit.number(), outcome, text, again))
    return back(_path(visit), "called")


async def verify(desk: "Desk", visit: Visit) -> web.Response:
    """The person was heard."""
    await desk.change(lambda d: d.work.confirm_person(visit.doer, visit.number()))
    return back(_path(visit), "verified")


async def assign(desk: "Desk", visit: Visit) -> web.Response:
    """Into a class, or out of it."""
    course = visit.fields.get("course", most=40)
    waits = await desk.change(lambda d: d.work.assign(visit.doer, visit.number(), course))
    return back(_path(visit), "assigned_waiting" if waits else "assigned")


async def merge(desk: "Desk", visit: Visit) -> web.Response:
    """Another registration's person is this one's."""
    other = visit.fields.numbers("other")
    if len(other) != 1:
        raise Refused(400, "unreadable")
    await desk.change(lambda d: d.work.merge(visit.doer, visit.number(), other[0]))
    return back(_path(visit), "merged")
