"""The request for support (Mẫu số 01) made at the desk; and whether a commune keeps identity numbers."""

from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.channels.web import papers
from bot.desk.guard import Refused, Visit
from bot.desk.pages import Values, back
from bot.leads.paper import content
from bot.store.port import LeadRecord
from bot.store.sql_desk import SqlDesk
from bot.store.sql_desk_people import masked

if TYPE_CHECKING:
    from bot.desk.desk import Desk


async def page(desk: "Desk", visit: Visit) -> web.Response:
    """What may be added before the paper is made; nothing personal but what the commune keeps."""
    number = visit.number()

    def work(d: SqlDesk) -> tuple[LeadRecord, bool, str] | None:
        record = d.follow.record(visit.scope, number)
        if record is None:
            return None
        kept = d.follow.keeps_identity(record.applicant.commune)
        return record, kept, d.follow.identity(record.person) if kept else ""

    found = await desk.ask(work)
    if found is None:
        raise Refused(404, "not_found")
    record, keeps, identity = found
    values: Values = {
        "name": masked(record).applicant.full_name,
        "here": f"/desk/people/{number}",
        "keeps": keeps,
        "has": bool(identity),
        "typed": content.TYPED,
        "choices": {name: papers.options(visit.say, name) for name in content.CHOSEN},
    }
    return desk.pages.show(visit, "paper.html", **values)


async def make(desk: "Desk", visit: Visit) -> web.Response:
    """The file. What was typed goes into it and nowhere else; a number is kept where the commune said so."""
    number, kind = visit.number(), visit.fields.get("as")
    if kind not in papers.KINDS:
        raise Refused(400, "unreadable")
    typed = papers.typed_of(visit.fields.get)

    def work(d: SqlDesk) -> LeadRecord | None:
        record = d.follow.record(visit.scope, number)
        if record is None:
            return None
        d.follow.printed(visit.doer, number)
        if not d.follow.keep_identity(visit.doer, record, typed.get("number", "")):
            kept = d.follow.keeps_identity(record.applicant.commune)
            held = d.follow.identity(record.person) if kept and "number" not in typed else ""
            typed.update({"number": held} if held else {})
        return record

    record = await desk.change(work)
    if record is None:
        raise Refused(404, "not_found")
    places = desk.pages.names(record.applicant.commune)
    body = await papers.made(kind, record, places, typed)
    return papers.attachment(body, kind, f"mau-so-01-{record.receipt}")


async def settings(desk: "Desk", visit: Visit) -> web.Response:
    """Which communes keep identity numbers: none, until an admin says so."""

    def work(d: SqlDesk) -> list[tuple[str, str, bool]]:
        communes = desk.communes(visit.scope.communes, d.served())
        return [(code, name, d.follow.keeps_identity(code)) for code, name in communes]

    found: Any = await desk.ask(work)
    return desk.pages.show(visit, "identity.html", communes=found)


async def choose(desk: "Desk", visit: Visit) -> web.Response:
    """On or off for one commune."""
    commune, keep = visit.fields.get("commune"), visit.fields.get("keep") == "1"

    def work(d: SqlDesk) -> bool:
        if commune not in d.served() or not visit.scope.covers(commune):
            return False
        d.follow.choose_identity(visit.doer, commune, keep=keep)
        if not keep:
            d.must_forget()
        return True

    if not await desk.change(work):
        raise Refused(404, "not_found")
    return back("/desk/identity", "chosen")
