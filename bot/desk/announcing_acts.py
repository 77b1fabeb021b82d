"""What an officer does to an announcement: send, approve, pause, go on, cancel, try again."""

from typing import TYPE_CHECKING

from aiohttp import web

from bot.announcements import steps
from bot.desk import approving
from bot.desk.announcing import HOME, mine
from bot.desk.guard import Refused, Visit
from bot.desk.pages import back
from bot.store.announcement_port import Announcement, RowState
from bot.store.sql_desk import SqlDesk

if TYPE_CHECKING:
    from bot.desk.desk import Desk

AGAIN: tuple[RowState, ...] = ("failed", "unknown")


async def send(desk: "Desk", visit: Visit) -> web.Response:
    """Freeze who gets it and let it go, or ask a second officer."""
    one = await mine(desk, visit)

    def work(d: SqlDesk) -> str:
        rows = steps.plan(d.announcing, one, desk.settings.terms(d.announcing, one), visit.now)
        after = d.announcing.announcements.one(one.id)
        if not rows or after is None:
            return "announce_late"
        d.audit(visit.me.id, f"announcement_{after.state}", f"announcement:{one.id}", visit.now)
        return "announce_approval" if after.state == "approval" else "announce_sent"

    return back(f"{HOME}/{one.id}", await desk.change(work))


async def approve(desk: "Desk", visit: Visit) -> web.Response:
    """A second officer has looked at it, or the only one has again."""
    one, typed = await mine(desk, visit), visit.fields.get("people", most=12)

    def work(d: SqlDesk) -> str:
        act = "announcement_sent"
        if one.made_by == visit.me.id:
            found = approving.alone(d, one, visit.me.id, desk.book, visit.now)
            if found is None:
                raise Refused(403, "role")
            if not found.ready(visit.now):
                return "announce_alone_early"
            if "".join(c for c in typed if c.isdigit()) != str(found.people):
                return "announce_alone_count"
            act = "announcement_alone"
        if not d.announcing.announcements.move(one.id, ("approval",), "scheduled", approved_by=visit.me.id):
            return "announce_late"
        d.audit(visit.me.id, act, f"announcement:{one.id}", visit.now)
        return "announce_sent"

    return back(f"{HOME}/{one.id}", await desk.change(work))


async def pause(desk: "Desk", visit: Visit) -> web.Response:
    """What is on the wire comes to its end, nothing more goes out."""
    one = await mine(desk, visit)
    return await _moved(desk, visit, one, "announce_paused", lambda d: d.announcing.announcements.move(
        one.id, ("running", "scheduled"), "paused"
    ))  # fmt: skip


async def resume(desk: "Desk", visit: Visit) -> web.Response:
    """On from where it stood."""
    one = await mine(desk, visit)
    state = "running" if one.wave else "scheduled"
    return await _moved(desk, visit, one, "announce_resumed", lambda d: d.announcing.announcements.move(
        one.id, ("paused",), state  # type: ignore[arg-type]
    ))  # fmt: skip


async def cancel(desk: "Desk", visit: Visit) -> web.Response:
    """Who has not got it does not get it."""
    one = await mine(desk, visit)
    return await _moved(desk, visit, one, "announce_cancelled", lambda d: d.announcing.announcements.end(
        one.id, "cancelled", "cancelled", visit.now
    ))  # fmt: skip


async def drop(desk: "Desk", visit: Visit) -> web.Response:
    """A draft is forgotten."""
    one = await mine(desk, visit)
    await desk.change(lambda d: d.announcing.announcements.drop_draft(one.id))
    return back(HOME, "announce_dropped")


async def again(desk: "Desk", visit: Visit) -> web.Response:
    """Those that failed once more; those of unknown fate only by a button that says what may happen."""
    one, wanted = await mine(desk, visit), visit.fields.get("state")
    state = next((s for s in AGAIN if s == wanted), None)
    if state is None:
        raise Refused(400, "unreadable")

    def work(d: SqlDesk) -> int:
        count = d.announcing.announcements.again(one.id, state, visit.now)
        d.audit(visit.me.id, f"announcement_again_{state}", f"announcement:{one.id}", visit.now)
        return count

    return back(f"{HOME}/{one.id}", "announce_again", await desk.change(work))


async def _moved(desk: "Desk", visit: Visit, one: Announcement, said: str, move: "Move") -> web.Response:
    def work(d: SqlDesk) -> bool:
        done = move(d)
        if done:
            d.audit(visit.me.id, said.replace("announce_", "announcement_"), f"announcement:{one.id}", visit.now)
        return done

    done = await desk.change(work)
    return back(f"{HOME}/{one.id}", said if done else "announce_late")


if TYPE_CHECKING:
    from collections.abc import Callable

    Move = Callable[[SqlDesk], bool]
