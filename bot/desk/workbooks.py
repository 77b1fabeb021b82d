"""The commune's list as an Excel file: everybody, a trade, a target group, or whom the list's filters show."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from aiohttp import web

from bot.desk import people
from bot.desk.errands import FILE, Errand
from bot.desk.guard import Refused, Visit
from bot.desk.pages import Values
from bot.leads.listing import Listing
from bot.leads.mail import SPREADSHEET
from bot.model import LEAD_STATES
from bot.store.desk_port import Filter
from bot.store.people_port import Key
from bot.store.port import LeadRecord
from bot.store.sql_desk import SqlDesk

if TYPE_CHECKING:
    from bot.desk.desk import Desk

MOST = 200_000  # people in a file
LONG = 1_000  # people from which on other work is let in between two rows
BREATH = 0.0001  # seconds: Python changes threads by itself every 5 ms only, a turn takes one
_PICKED = ("commune", "trade", "group", "course", "state")  # what the page lets choose; other filters ride along
_CARRIED = ("hamlet", "verification", "time", "due", "waiting", "q")


async def page(desk: "Desk", visit: Visit) -> web.Response:
    """What to put into the file, and how many people that is."""
    found, asked = people.wanted(visit.request.query, visit)

    def work(d: SqlDesk) -> Values:
        return {
            "communes": desk.communes(visit.scope.communes, d.served()),
            "classes": d.classes.all(visit.scope, most=100),
            "listing": d.people.listing(visit.scope, replace(found, page=1), size=1),
        }

    values: Values = await desk.ask(work)
    values |= {"asked": dict.fromkeys((*_PICKED, *_CARRIED), "") | asked, "query": urlencode(asked)}
    values |= {"carried": [k for k in _CARRIED if asked.get(k)], "states": LEAD_STATES, "names": not_for(visit)}
    values |= {"trades": desk.trades(visit.say), "groups": desk.pages.groups(visit.say, "unsaid")}
    return desk.pages.show(visit, "workbook.html", **values)


def not_for(visit: Visit) -> bool:
    """Whether names stay out: people agreed that their commune's officers see them, so others get figures."""
    return visit.scope.writes != "all"


async def make(desk: "Desk", visit: Visit) -> web.StreamResponse:
    """Write the file; a small one comes at once, a large one after a page that shows how far it is."""
    fields = {name: visit.fields.get(name) for name in (*_PICKED, *_CARRIED)}
    wanted, asked = people.wanted(fields, visit)
    query = urlencode(asked)
    errand = desk.errands.start(
        visit.me.id, "export", f"/desk/workbook?{query}", visit.now, lambda e: _write(desk, visit, wanted, e)
    )
    if errand is None:
        raise Refused(409, "busy")
    if await desk.errands.soon(errand) and errand.path is not None:
        return sent(errand)
    return web.Response(status=303, headers={"Location": f"/desk/errands/{errand.id}"})


def _write(desk: "Desk", visit: Visit, wanted: Filter, errand: Errand) -> None:
    """Blocking: read, write, and write down who took how many."""
    from bot.leads import listing, workbook

    def chosen(d: SqlDesk) -> tuple[frozenset[int], frozenset[str]]:
        return frozenset(d.people.ids(visit.scope, wanted, most=MOST)), d.served()

    ids, served = desk.look(chosen)
    among = frozenset({wanted.commune}) if wanted.commune else visit.scope.communes
    names = dict(desk.communes(among, served))
    keep: Callable[[Key], bool] = lambda key: key.id in ids  # noqa: E731
    figures = not_for(visit)
    listed = listing.read(desk.sheets, list(names), keep, forwarded=figures)
    errand.total = listed.total
    head = workbook.Head(names, visit.now.date(), visit.say, forwarded=figures)
    desk.errands.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = desk.errands.folder / f"{FILE}{errand.id}.xlsx"
    if figures:
        workbook.figures(path, listed, head)
    else:
        workbook.stream(path, replace(listed, records=_gently(listed)), head, errand.progress)
    code = next(iter(names)) if len(names) == 1 else ""
    subject = f"{'figures' if figures else 'list'}:{code}:{listed.total}"
    desk.write(lambda d: d.audit(visit.me.id, "exported", subject, visit.now))
    errand.done, errand.name = listed.total, visit.say.say("forward.file", code=code, day=visit.now.date().isoformat())
    errand.path = path


def _gently(listed: Listing) -> Iterator[LeadRecord]:
    """The same people, so that somebody who writes to the assistant meanwhile does not notice a long list."""
    for record in listed.records:
        if listed.total > LONG:
            time.sleep(BREATH)
        yield record


def sent(errand: Errand) -> web.FileResponse:
    """The file, kept by nobody on the way."""
    assert errand.path is not None  # noqa: S101 - the caller has looked
    if not errand.path.is_file():
        raise Refused(410, "file_gone")  # somebody was erased since: it is made anew without them
    return web.FileResponse(errand.path, headers=download(errand.name))


def download(name: str, kind: str = "/".join(SPREADSHEET)) -> Mapping[str, str]:
    """Headers of a file to be saved under this name."""
    return {
        "Content-Type": kind,
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "X-Robots-Tag": "noindex",
    }


def _errand(desk: "Desk", visit: Visit) -> Errand:
    found = desk.errands.of(visit.me.id, visit.word())
    if found is None:
        raise Refused(404, "errand_gone")
    return found


async def progress(desk: "Desk", visit: Visit) -> web.Response:
    """How far it is; looks again by itself, with or without scripts."""
    return desk.pages.show(visit, "errand.html", errand=_errand(desk, visit))


async def pulse(desk: "Desk", visit: Visit) -> web.Response:
    """The same for the script that moves the bar."""
    errand = _errand(desk, visit)
    return web.json_response({"done": errand.done, "total": errand.total, "finished": errand.finished})


async def fetch(desk: "Desk", visit: Visit) -> web.StreamResponse:
    """The finished file."""
    errand = _errand(desk, visit)
    if errand.path is None:
        raise Refused(404, "errand_gone")
    return sent(errand)
