"""The list: filters, search, a page of masked lines, states one by one or many at once."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from aiohttp import web

from bot.desk.guard import Refused, Visit
from bot.desk.pages import Values, back
from bot.model import LEAD_STATES
from bot.store.desk_port import Filter
from bot.store.sql_desk import SqlDesk
from bot.store.sql_desk_today import LATELY

if TYPE_CHECKING:
    from bot.desk.desk import Desk

# What usually comes next: the one button of a line.
NEXT: Mapping[str, str] = {
    "new": "contacted",
    "contacted": "confirmed",
    "confirmed": "enrolled",
    "enrolled": "completed",
    "completed": "employed",
}
TIMES = ("7", "30", "90", "365")  # days
MOST_PAGES = 2_000
_PLAIN = re.compile(r"[A-Za-z0-9_\-]{0,60}")
_WORDS = ("commune", "trade", "course", "state", "group", "hamlet", "verification")
_ASKED = (*_WORDS, "time", "due", "waiting", "lost")


def wanted(query: Mapping[str, str], visit: Visit) -> tuple[Filter, dict[str, str]]:
    """The filter of an address, and its parts as they stand in it."""
    asked = {k: query.get(k, "") for k in _ASKED}
    asked = {k: v for k, v in asked.items() if v and _PLAIN.fullmatch(v)}
    text = " ".join(query.get("q", "").split())[:80]
    page = query.get("page", "1")
    days = asked.get("time", "")
    if days not in TIMES:
        asked.pop("time", None)
    words: dict[str, Any] = {k: asked.get(k, "") for k in _WORDS}
    found = Filter(
        text=text,
        **words,
        since=visit.now - timedelta(days=int(days)) if days in TIMES else None,
        due=visit.now.date() if "due" in asked else None,
        waiting="waiting" in asked,
        lost=visit.now - LATELY if "lost" in asked else None,
        page=int(page) if page.isascii() and page.isdigit() and 0 < int(page[:6]) <= MOST_PAGES else 1,
    )
    return found, asked | ({"q": text} if text else {})


async def page(desk: "Desk", visit: Visit) -> web.Response:
    """One page of the list."""
    asked_for, asked = wanted(visit.request.query, visit)

    def work(d: SqlDesk) -> dict[str, Any]:
        served = d.served()
        communes = desk.communes(visit.scope.communes, served)
        here = asked_for.commune or (communes[0][0] if len(communes) == 1 else "")
        return {
            "listing": d.people.listing(visit.scope, asked_for),
            "communes": communes,
            "hamlets": d.people.hamlets(visit.scope, here) if here else (),
            "classes": d.classes.all(visit.scope, most=100),
        }

    found = await desk.ask(work)
    values: Values = {
        "states": LEAD_STATES,
        "groups": desk.pages.groups(visit.say, "unsaid"),
        "times": TIMES,
        "next_state": NEXT,
    }
    values |= {"asked": dict.fromkeys((*_ASKED, "q"), "") | asked, "query": urlencode(asked)}
    values |= {"filtered": bool(asked.keys() - {"q"}), "many": len(found["communes"]) > 1}
    return desk.pages.show(visit, "people.html", trades=desk.trades(visit.say), **values, **found)


async def change(desk: "Desk", visit: Visit) -> web.Response:
    """A line's own button ("12:contacted:new": whose, to which state, from which), or a state for all ticked lines."""
    one, seen = visit.fields.get("one"), ""
    if one:
        number, state, seen = (*one.split(":"), "", "")[:3]
        ids = [int(number)] if number.isascii() and number.isdigit() and len(number) < 10 else []
    else:
        ids, state = visit.fields.numbers("id"), visit.fields.get("state")
    _found, asked = wanted(dict(parse_qsl(visit.fields.text("back", most=500), max_num_fields=30)), visit)
    query = urlencode(asked)
    if not ids or not state:
        return back("/desk/people", "nothing_chosen", query=query)
    if state not in LEAD_STATES:
        raise Refused(400, "unreadable")
    changed, waiting = await desk.change(lambda d: d.work.set_state(visit.doer, ids, state, seen=seen))
    if seen and not changed:
        return back("/desk/people", "moved_on", query=query)
    return back("/desk/people", "waiting" if waiting else "state", waiting or changed, query=query)
