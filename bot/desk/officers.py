"""Officers, for admins: who works at the desk, a link for somebody, the audit."""

from typing import TYPE_CHECKING

from aiohttp import web

from bot.desk.guard import Refused, Visit
from bot.desk.pages import Values, back
from bot.desk.signing_in import LINK_LASTS, give_link, link
from bot.store.desk_port import ROLES, Role
from bot.store.sql_desk import SqlDesk

if TYPE_CHECKING:
    from bot.desk.desk import Desk

AUDIT_PAGE = 100


async def page(desk: "Desk", visit: Visit) -> web.Response:
    """Everybody."""
    return await _page(desk, visit, "", 0)


async def _page(desk: "Desk", visit: Visit, address: str, whose: int) -> web.Response:
    everybody, served = await desk.ask(lambda d: (d.officers.all(), d.served()))
    communes = desk.communes(None, served)
    values: Values = {
        "officers": everybody,
        "communes": communes,
        "roles": ROLES,
        "address": address,
        "whose": whose,
    }
    return desk.pages.show(visit, "officers.html", **values)


async def add(desk: "Desk", visit: Visit) -> web.Response:
    """A new officer."""
    name, said, now = visit.fields.get("name", most=80), visit.fields.get("role"), visit.now
    codes = [c.strip() for c in visit.fields.get("places").replace(";", ",").split(",") if c.strip()]
    known = all(c in desk.book.communes or c in desk.book.provinces for c in codes)
    role: Role | None = next((r for r in ROLES if r == said), None)
    if not name or role is None or not known or (not codes and role != "admin"):
        raise Refused(400, "officer")
    email = visit.fields.get("email", most=120)

    def work(d: SqlDesk) -> tuple[int, str]:
        number = d.officers.add(name, role, codes, now, email=email)
        d.audit(visit.me.id, "officer_added", f"officer:{number}", now)
        return number, give_link(d, number, now, LINK_LASTS["admin"])

    number, token = await desk.change(work)
    return await _page(desk, visit, link(desk.settings.base, token), number)


async def issue(desk: "Desk", visit: Visit) -> web.Response:
    """A link for one of them, shown once."""
    number, now = visit.number(), visit.now

    def work(d: SqlDesk) -> str | None:
        officer = d.officers.one(number)
        if officer is None or officer.ended:
            return None
        d.audit(visit.me.id, "link", f"officer:{number}", now)
        return give_link(d, number, now, LINK_LASTS["admin"])

    token = await desk.change(work)
    if token is None:
        raise Refused(404, "not_found")
    return await _page(desk, visit, link(desk.settings.base, token), number)


async def end(desk: "Desk", visit: Visit) -> web.Response:
    """Somebody is no officer any more; oneself one cannot end."""
    number, now = visit.number(), visit.now
    if number == visit.me.id:
        raise Refused(400, "yourself")

    def work(d: SqlDesk) -> bool:
        if d.officers.one(number) is None:
            return False
        d.officers.end(number, now)
        d.audit(visit.me.id, "officer_ended", f"officer:{number}", now)
        return True

    if not await desk.change(work):
        raise Refused(404, "not_found")
    return back("/desk/officers", "officer_ended")


async def audit(desk: "Desk", visit: Visit) -> web.Response:
    """Who did what, the newest first; an admin sees all, others see what they did themselves."""
    said = visit.request.query.get("before", "")
    before = int(said) if said.isascii() and said.isdigit() and len(said) < 12 else 0
    mine = None if visit.me.role == "admin" else visit.me.id

    def work(d: SqlDesk) -> tuple[object, dict[int, str]]:
        lines = d.audited(before=before, officer=mine, most=AUDIT_PAGE)
        return lines, {o.id: o.name for o in d.officers.all()}

    lines, names = await desk.ask(work)
    return desk.pages.show(visit, "audit.html", lines=lines, names=names, full=AUDIT_PAGE)
