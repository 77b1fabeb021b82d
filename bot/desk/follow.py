"""Calls to make: class reminders and surveys that no chat could carry; survey answers and consent given by phone."""

from typing import TYPE_CHECKING

from aiohttp import web

from bot.desk.guard import Refused, Visit
from bot.desk.pages import back
from bot.dialogue.followup import SURVEY, TEXT_VERSION
from bot.effects import ConsentGiven
from bot.store.follow_port import SURVEYS, Answer

if TYPE_CHECKING:
    from bot.desk.desk import Desk

MOST = 120  # characters of a job or a place


async def calls(desk: "Desk", visit: Visit) -> web.Response:
    """Who is to be called about what."""
    found = await desk.ask(lambda d: d.follow.calls(visit.scope, visit.now))
    return desk.pages.show(visit, "calls.html", calls=found, months=SURVEYS)


async def called(desk: "Desk", visit: Visit) -> web.Response:
    """Somebody spoke with them, or tried to."""
    await desk.change(lambda d: d.follow.called(visit.doer, visit.number()))
    return back("/desk/calls", "followed_up")


async def survey(desk: "Desk", visit: Visit) -> web.Response:
    """What the person said on the phone."""
    month, works = visit.fields.number("month", least=1, most=12), visit.fields.get("works")
    if month is None or month not in SURVEYS.values() or works not in ("yes", "no"):
        return back(_path(visit), "nothing_chosen")
    job, place = (visit.fields.get(name, most=MOST) for name in ("job", "place"))
    said = Answer(month, works == "yes", job, place, visit.doer.who, visit.now)
    await desk.change(lambda d: d.follow.answer(visit.doer, visit.number(), said))
    return back(_path(visit), "surveyed")


async def consent(desk: "Desk", visit: Visit) -> web.Response:
    """Whether the person agrees to be asked in the chat, after the text was read to them."""
    given = visit.fields.get("given")
    if given not in ("yes", "no"):
        raise Refused(400, "unreadable")
    stated = ConsentGiven(SURVEY, given == "yes", TEXT_VERSION, by="officer")
    await desk.change(lambda d: d.follow.consent(visit.doer, visit.number(), stated))
    return back(_path(visit), "consented")


def _path(visit: Visit) -> str:
    return f"/desk/people/{visit.number()}"
