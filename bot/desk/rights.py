"""Somebody's own data: their file to hand over, their erasure, requests with the days that the law gives."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, get_args

from aiohttp import web

from bot.desk.guard import Refused, Visit
from bot.desk.pages import Values, back
from bot.desk.workbooks import download
from bot.inbox import talks
from bot.leads import rights
from bot.store.deadlines import answer_by, due_on
from bot.store.desk_port import Scope
from bot.store.people_port import DataRequest, RequestKind
from bot.store.port import StoredMessage
from bot.store.sql_desk import SqlDesk
from intents.normalise import fold

if TYPE_CHECKING:
    from bot.desk.desk import Desk

PATH = "/desk/requests"
KINDS: tuple[RequestKind, ...] = get_args(RequestKind)
SURE = "xoa"  # what is typed to erase somebody, tone marks or not


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it is shown: `late` when the law's day is over, `lead` the registration it is about (0: find it)."""

    request: DataRequest
    lead: int
    receipt: str
    late: bool


def asked(d: SqlDesk, scope: Scope, today: date) -> tuple[Asked, ...]:
    """Requests of these communes that are not done, the most pressing first."""
    found = [r for r in d.rights.due() if scope.covers(r.commune)] if scope.writes == "all" else []
    return tuple(_shown(d, r, scope, today) for r in found)


def _shown(d: SqlDesk, request: DataRequest, scope: Scope, today: date) -> Asked:
    receipt = request.note.strip().upper()
    receipt = receipt if request.source == "ticket" and receipt.startswith("HN-") else ""
    person = request.person or (d.rights.person(receipt) if receipt else None)
    lead = d.people.lead_of(scope, person) if person else 0
    return Asked(request, lead, receipt, request.due_on < today)


async def page(desk: "Desk", visit: Visit) -> web.Response:
    """What is asked, by when it must be answered and done, and how."""
    return await _page(desk, visit, {}, {}, 200)


async def _page(desk: "Desk", visit: Visit, typed: dict[str, str], faults: dict[str, str], status: int) -> web.Response:
    today = visit.now.date()
    found, served = await desk.ask(lambda d: (asked(d, visit.scope, today), d.served()))
    values: Values = {
        "asked": found,
        "kinds": [(k, visit.say.say(f"desk.rights.kind.{k}")) for k in KINDS],
        "communes": desk.communes(visit.scope.communes, served),
        "days": {k: (answer_by(today), due_on(k, today)) for k in KINDS},
        "today": today,
        "typed": typed,
        "faults": faults,
    }
    return desk.pages.show(visit, "requests.html", status=status, **values)


async def ask(desk: "Desk", visit: Visit) -> web.Response:
    """Keep a request that came on paper, by phone or in person, so that its days are not forgotten."""
    typed = {name: visit.fields.get(name, most=120) for name in ("kind", "who", "receipt", "commune")}
    communes = await desk.served(visit)
    if len(communes) == 1:
        typed["commune"] = next(iter(communes))
    kind = next((k for k in KINDS if k == typed["kind"]), None)
    faults = {} if kind else {"kind": "kind"}
    faults |= {} if typed["commune"] in communes else {"commune": "commune"}
    faults |= {} if typed["who"] or typed["receipt"] else {"who": "who"}
    person = await desk.ask(lambda d: _person_of(d, visit, typed["receipt"]))
    if typed["receipt"] and person is None:
        faults["receipt"] = "receipt"
    if faults or kind is None:
        return await _page(desk, visit, typed, faults, 400)
    note, now = visit.fields.text("note", most=500), visit.now

    def work(d: SqlDesk) -> None:
        day, commune = now.date(), typed["commune"]
        request = DataRequest(0, "request", commune, kind, now, day, day, person=person, who=typed["who"], note=note)
        number = d.rights.ask(request)
        d.audit(visit.me.id, "request_kept", f"request:{number}", now)

    await desk.change(work)
    return back(PATH, "request_kept")


def _person_of(d: SqlDesk, visit: Visit, receipt: str) -> int | None:
    """The person of a receipt, when this officer may see them."""
    person = d.rights.person(receipt) if receipt.strip().upper().startswith("HN-") else None
    return person if person and d.people.lead_of(visit.scope, person) else None


async def settle(desk: "Desk", visit: Visit) -> web.Response:
    """They have heard from us; it is done; the days are doubled, once, with the reason told to them."""
    number, act = visit.number(), visit.fields.get("act")
    source = "ticket" if "/ticket/" in visit.request.path else "request"
    told: list[StoredMessage] = []

    def work(d: SqlDesk) -> str:
        mine = (a.request for a in asked(d, visit.scope, visit.now.date()))
        found = next((r for r in mine if (r.id, r.source) == (number, source)), None)
        if found is None:
            raise Refused(404, "not_found")
        if act == "done":
            if source == "ticket":
                told.extend(_done(desk, d, visit, number))
            else:
                d.rights.done(number, visit.doer.who, visit.now)
        elif act == "answered" and source == "request":
            d.rights.answered(number, visit.now)
        elif act == "extend" and source == "request":
            if not d.rights.extend(number, visit.now):
                return "nothing_chosen"
        else:
            raise Refused(400, "unreadable")
        d.audit(visit.me.id, f"request_{act}", f"{source}:{number}", visit.now)
        return f"request_{act}"

    said = await desk.change(work)
    desk.settings.push(tuple(told))
    return back(PATH, said)


def _done(desk: "Desk", d: SqlDesk, visit: Visit, number: int) -> tuple[StoredMessage, ...]:
    """A request out of a chat; when I have that talk and nothing else is asked in it, the assistant has it again."""
    waiting = d.inbox.one(visit.scope, number, visit.now)
    d.inbox.settle(number, visit.me.id, visit.now)
    if waiting is None or waiting.owner != visit.me.id or waiting.tickets != (number,):
        return ()
    return talks.close(d.inbox, desk.counter, waiting, visit.me.id, visit.now).messages


def _person(d: SqlDesk, visit: Visit) -> int:
    """The person of a registration, when all of theirs are this officer's: a file or erasure is of the whole person."""
    number = visit.number()
    person = d.people.person_of(visit.scope, number)
    if person is None:
        raise Refused(404, "not_found")
    if not all(visit.scope.covers(c) for c in d.rights.communes(person)):
        raise Refused(403, "elsewhere")
    return person


async def file(desk: "Desk", visit: Visit) -> web.Response:
    """Everything kept about them: as a page of text to hand over, or as JSON to take elsewhere."""
    machine = visit.fields.get("form") == "json"

    def work(d: SqlDesk) -> tuple[str, int]:
        person = _person(d, visit)
        kept = d.rights.file(person)
        d.audit(visit.me.id, "exported", f"person:{person}", visit.now)
        return (rights.as_json(kept) if machine else rights.readable(kept, visit.say)), person

    text, person = await desk.change(work)
    name = f"{visit.say.say('desk.rights.file_name')}-{person}.{'json' if machine else 'txt'}"
    kind = "application/json" if machine else "text/plain; charset=utf-8"
    text = text if machine else text.replace("\n", "\r\n")
    body = text.encode("utf-8" if machine else "utf-8-sig", "replace")  # an old Notepad reads the mark
    return web.Response(body=body, headers=download(name, kind))


async def erase_page(desk: "Desk", visit: Visit) -> web.Response:
    """What will be gone, before it is."""
    return await _erase_page(desk, visit, "", 200)


async def _erase_page(desk: "Desk", visit: Visit, fault: str, status: int) -> web.Response:
    number = visit.number()

    def work(d: SqlDesk) -> Values | None:
        person = _person(d, visit)
        case = d.people.case(visit.scope, number, opened=False)
        return None if case is None else {"case": case, "sent": d.rights.forwarded(person)}

    values = await desk.ask(work)
    if values is None:
        raise Refused(404, "not_found")
    return desk.pages.show(visit, "erase.html", status=status, fault=fault, **values)


async def erase(desk: "Desk", visit: Visit) -> web.Response:
    """Everything of theirs goes; recipients that hold the list are asked to erase them, too."""
    if fold(visit.fields.get("sure", most=20)) != SURE:
        return await _erase_page(desk, visit, visit.say.say("desk.rights.not_sure"), 400)

    def work(d: SqlDesk) -> None:
        person = _person(d, visit)
        d.rights.erase(person, visit.now)
        d.audit(visit.me.id, "erased", f"person:{person}", visit.now)

    await desk.change(work)
    await desk.erased()
    return back("/desk/people", "erased")
