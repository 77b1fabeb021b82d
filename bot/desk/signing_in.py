"""Getting in without a password: a one-time link, made on the command line, by an admin, by e-mail or in a chat."""

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from aiohttp import web

from bot.channels.web.limits import Buckets
from bot.desk.guard import COOKIE, OWN_DEVICE, SHARED_DEVICE, Refused, Visit, new_token
from bot.desk.pages import back
from bot.store.desk_port import DeskSession, Officer
from bot.store.sql_desk import SqlDesk

if TYPE_CHECKING:
    from bot.desk.desk import Desk

LINK_LASTS = {"shell": timedelta(hours=24), "admin": timedelta(hours=24), "email": timedelta(minutes=30)}
CHAT_LINK_LASTS = timedelta(minutes=10)
LONGEST_TOKEN = 100
MARK = "hocnghe_desk_link"  # a cookie: which browser was shown the page of a link
RESUMES = timedelta(minutes=2)  # so long the same browser may press again: the answer was lost, the power went
_letters = Buckets(3, 3600)  # to one address


def link(base: str, token: str) -> str:
    """What an officer opens."""
    return f"{base}/desk/sign-in/{token}"


def give_link(desk: SqlDesk, officer: int, now: datetime, lasts: timedelta) -> str:
    """A fresh token for a link; within the caller's transaction."""
    token = new_token()
    desk.officers.give_token(officer, "link", token, now, now + lasts)
    return token


async def ask_page(desk: "Desk", visit: Visit) -> web.Response:
    """How to get in; a field for the e-mail when letters can be sent."""
    if visit.officer is not None:
        return back("/desk")
    return desk.pages.show(visit, "sign_in.html", letters=desk.settings.post is not None)


async def ask(desk: "Desk", visit: Visit) -> web.Response:
    """A link by e-mail. The answer is the same whether the address is an officer's or not."""
    email = visit.fields.get("email").lower()
    asked_often = _letters.take(email, asyncio.get_running_loop().time())
    if desk.settings.post is not None and email and not asked_often:
        now = visit.now

        def work(d: SqlDesk) -> tuple[Officer, str] | None:
            officer = d.officers.by_email(email)
            return (officer, give_link(d, officer.id, now, LINK_LASTS["email"])) if officer else None

        found = await desk.change(work)
        if found:
            address = link(desk.settings.base, found[1])
            text = visit.say.say("desk.sign_in.letter", link=address, minutes=30)
            desk.send_later(found[0].email, visit.say.say("desk.sign_in.subject"), text)
    return back("/desk/sign-in", "link_sent")


async def link_page(desk: "Desk", visit: Visit) -> web.Response:
    """A button: programs that open links to look at them (Zalo, virus scanners) do not use it up."""
    token, mark, now = visit.word("token")[:LONGEST_TOKEN], _mark(visit), visit.now

    def work(d: SqlDesk) -> bool:
        return d.officers.holds("link", token, now) or bool(d.officers.resumed(token, mark, now - RESUMES, now))

    live = await desk.ask(work)
    response = desk.pages.show(visit, "sign_in_link.html", status=200 if live else 410, live=live)
    if live and not mark:
        secure = desk.guard.secure(visit.request)
        response.set_cookie(MARK, new_token(), path="/desk/sign-in", httponly=True, samesite="Lax", secure=secure)
    return response


def _mark(visit: Visit) -> str:
    return visit.request.cookies.get(MARK, "")[:LONGEST_TOKEN]


async def enter(desk: "Desk", visit: Visit) -> web.Response:
    """The link is used up, a session begins under a fresh cookie.

    Pressed again in the same browser within `RESUMES` it gives that session's cookie once more: the first answer may
    never have come. The cookie is made of the link, the browser's mark and our key, so that who has one of them, or
    has planted a mark, has nothing.
    """
    token, mark = visit.word("token")[:LONGEST_TOKEN], _mark(visit)
    own, now = visit.fields.ticked("own"), visit.now
    device = device_of(visit.request.headers.get("User-Agent", ""))
    begun = DeskSession(0, device, own, now, now, now + (OWN_DEVICE if own else SHARED_DEVICE))

    def work(d: SqlDesk) -> tuple[str, bool] | None:
        session = d.officers.key_of(token, mark) if mark else new_token()
        officer = d.officers.use_token("link", token, now)
        if officer is None:
            again = d.officers.resumed(token, mark, now - RESUMES, now)
            return (session, again.own_device) if again else None
        number = d.officers.begin(officer.id, session, begun)
        d.audit(officer.id, "signed_in", f"session:{number}", now)
        return session, own

    let_in = await desk.change(work)
    if let_in is None:
        raise Refused(410, "link_used")
    response = back("/desk")
    desk.guard.let_in(visit.request, response, let_in[0], own=let_in[1])
    return response


async def leave(desk: "Desk", visit: Visit) -> web.Response:
    """This session ends."""
    assert visit.session is not None  # noqa: S101 - the guard's promise
    number, me = visit.session.id, visit.me.id

    def work(d: SqlDesk) -> None:
        d.officers.end_session(me, number)
        d.audit(me, "signed_out", f"session:{number}", visit.now)

    await desk.change(work)
    response = back("/desk/sign-in")
    response.del_cookie(COOKIE, path="/desk")
    return response


def device_of(agent: str) -> str:
    """ "Chrome, Windows": enough to know one's own browser again."""
    browsers = (("Edg", "Edge"), ("coc_coc", "Cốc Cốc"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"))
    systems = ("Windows", "Android", "iPhone", "iPad", "Mac OS", "Linux")
    browser = next((name for mark, name in (*browsers, ("Safari", "Safari")) if mark in agent), "?")
    return f"{browser}, {next((s for s in systems if s in agent), '?')}"
