"""One's own account: browsers that are signed in, chats that are linked, the address for links."""

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from aiohttp import web

from bot.desk.guard import Refused, Visit
from bot.desk.pages import Values, back
from bot.receipts import LETTERS
from bot.store.people_port import NoticeEvery
from bot.store.sql_desk import SqlDesk

if TYPE_CHECKING:
    from bot.desk.desk import Desk

CODE_LASTS = timedelta(minutes=10)
CODE_LENGTH = 8
CODE_MARK = "BLV"
NOTICES: tuple[NoticeEvery, ...] = ("each", "day")
MOST_TOLD = 30  # communes of one chat: an admin of a province reads the desk


def new_code() -> str:
    """ "BLV-7KQ4-ME9A": 26⁸ of them, each for ten minutes."""
    drawn = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
    return f"{CODE_MARK}-{drawn[:4]}-{drawn[4:]}"


def plain_code(text: str) -> str:
    """The code as it is kept, however it was typed; "" when the text is none."""
    letters = "".join(c for c in text.upper() if c.isalnum())
    code = letters.removeprefix(CODE_MARK)
    right = letters.startswith(CODE_MARK) and len(code) == CODE_LENGTH and all(c in LETTERS for c in code)
    return code if right else ""


async def page(desk: "Desk", visit: Visit) -> web.Response:
    """What is signed in and linked."""
    return await _page(desk, visit, "")


async def _page(desk: "Desk", visit: Visit, code: str) -> web.Response:
    me, now = visit.me.id, visit.now

    def work(d: SqlDesk) -> Values:
        chats = d.officers.chats(me, now)
        told = {c.contact: next((n.every for n in d.notices.of(c.contact)), "") for c in chats}
        return {"sessions": d.officers.sessions(me, now), "chats": chats, "told_of": told}

    mine = visit.session.id if visit.session else 0
    values: Values = {**await desk.ask(work), "mine": mine, "code": code, "every": ("", *NOTICES)}
    return desk.pages.show(visit, "account.html", **values)


async def code(desk: "Desk", visit: Visit) -> web.Response:
    """A code to type in one's own chat; shown once."""
    made, me, now = new_code(), visit.me.id, visit.now

    def work(d: SqlDesk) -> None:
        d.officers.give_token(me, "code", plain_code(made), now, now + CODE_LASTS)
        d.audit(me, "code", f"officer:{me}", now)

    await desk.change(work)
    return await _page(desk, visit, made)


async def end(desk: "Desk", visit: Visit) -> web.Response:
    """One session of one's own, or all others."""
    me, number, now = visit.me.id, visit.number(), visit.now

    def work(d: SqlDesk) -> bool:
        done = d.officers.end_session(me, number)
        if done:
            d.audit(me, "session_ended", f"session:{number}", now)
        return done

    if not await desk.change(work):
        raise Refused(404, "not_found")
    return back("/desk/account", "ended")


async def end_others(desk: "Desk", visit: Visit) -> web.Response:
    """All but this one."""
    me, now, mine = visit.me.id, visit.now, visit.session.id if visit.session else 0

    def work(d: SqlDesk) -> None:
        d.officers.end_other_sessions(me, mine)
        d.audit(me, "sessions_ended", f"officer:{me}", now)

    await desk.change(work)
    return back("/desk/account", "ended")


async def unlink(desk: "Desk", visit: Visit) -> web.Response:
    """This chat opens the desk no more."""
    me, number, now = visit.me.id, visit.number(), visit.now

    def work(d: SqlDesk) -> bool:
        done = d.officers.unlink_chat(me, number)
        if done:
            d.audit(me, "chat_unlinked", f"contact:{number}", now)
        return done

    if not await desk.change(work):
        raise Refused(404, "not_found")
    return back("/desk/account", "unlinked")


async def notices(desk: "Desk", visit: Visit) -> web.Response:
    """This chat is told of every new registration in the officer's communes, each morning of all, or not."""
    me, number, now = visit.me.id, visit.number(), visit.now
    wanted = next((every for every in NOTICES if every == visit.fields.get("every")), None)

    def work(d: SqlDesk) -> bool:
        # Not on a screen that others use: a notice would wait there for whoever comes next.
        if not any(c.contact == number and c.until is None for c in d.officers.chats(me, now)):
            return False
        d.notices.stop(number)
        here = [code for code, _name in desk.communes(visit.scope.communes, d.served())][:MOST_TOLD]
        for commune in here if wanted else ():
            d.notices.tell(number, commune, wanted, now)  # type: ignore[arg-type]
        d.audit(me, "notices" if wanted else "notices_off", f"contact:{number}", now)
        return True

    if not await desk.change(work):
        raise Refused(404, "not_found")
    return back("/desk/account", "notices" if wanted else "notices_off")


async def email(desk: "Desk", visit: Visit) -> web.Response:
    """Where links are sent."""
    me, said, now = visit.me.id, visit.fields.get("email", most=120), visit.now
    if said and ("@" not in said or " " in said):
        raise Refused(400, "email")

    def work(d: SqlDesk) -> None:
        d.officers.change_email(me, said)
        d.audit(me, "email", f"officer:{me}", now)

    await desk.change(work)
    return back("/desk/account", "email")
