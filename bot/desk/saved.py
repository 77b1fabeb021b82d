"""Saved replies: what officers of a commune often answer, edited here, put into an answer with one press."""

from typing import TYPE_CHECKING

from aiohttp import web

from bot.desk.guard import Refused, Visit
from bot.desk.pages import back
from bot.store.inbox_port import SavedReply
from bot.store.sql_desk import SqlDesk

if TYPE_CHECKING:
    from bot.desk.desk import Desk

HERE = "/desk/replies"
MOST_TITLE, MOST_TEXT = 80, 1000


async def page(desk: "Desk", visit: Visit) -> web.Response:
    """All of one's communes, and a form for a new one."""
    return await _page(desk, visit)


async def _page(desk: "Desk", visit: Visit, *, fault: bool = False) -> web.Response:
    saved, served = await desk.ask(lambda d: (d.saved.all(visit.scope.communes), d.served()))
    communes = desk.communes(visit.scope.communes, served)
    get = visit.fields.get
    typed = {"title": get("title"), "text": visit.fields.text("text"), "commune": get("commune")} if fault else {}
    return desk.pages.show(
        visit, "replies.html", status=400 if fault else 200, saved=saved, communes=communes, typed=typed,
        most_title=MOST_TITLE, most_text=MOST_TEXT,
    )  # fmt: skip


async def save(desk: "Desk", visit: Visit) -> web.Response:
    """A new one, or the one whose number the form brings."""
    get = visit.fields.get
    title, text, commune, number = get("title"), visit.fields.text("text"), get("commune"), get("id")
    served = await desk.ask(lambda d: d.served())
    right = 0 < len(title) <= MOST_TITLE and 0 < len(text) <= MOST_TEXT
    if not right or commune not in served or not visit.scope.covers(commune):
        return await _page(desk, visit, fault=True)
    known = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0

    def work(d: SqlDesk) -> bool:
        if known and not _mine(d, visit, known):
            return False
        made = d.saved.save(SavedReply(known, commune, title, text), visit.now)
        d.audit(visit.me.id, "reply_saved", f"reply:{made}", visit.now)
        return True

    if not await desk.change(work):
        raise Refused(404, "not_found")
    return back(HERE, "reply_saved")


async def drop(desk: "Desk", visit: Visit) -> web.Response:
    """Take one away."""
    number = visit.number()

    def work(d: SqlDesk) -> bool:
        if not _mine(d, visit, number):
            return False
        d.saved.drop(number)
        d.audit(visit.me.id, "reply_gone", f"reply:{number}", visit.now)
        return True

    if not await desk.change(work):
        raise Refused(404, "not_found")
    return back(HERE, "reply_gone")


def _mine(d: SqlDesk, visit: Visit, number: int) -> bool:
    found = d.saved.one(number)
    return found is not None and visit.scope.covers(found.commune)
