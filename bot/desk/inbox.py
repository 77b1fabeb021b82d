"""The inbox: people who wait for an officer, one talk with what is known beside it, taking, answering, closing."""

import secrets
from collections.abc import Callable
from datetime import datetime, time
from typing import TYPE_CHECKING

from aiohttp import web

from bot.desk.guard import Refused, Visit
from bot.desk.pages import Values, back
from bot.desk.today import OPEN_FOR
from bot.desk.windows import Window, window
from bot.dialogue.details import SENSITIVE_GROUPS
from bot.inbox import talks
from bot.inbox.talks import Outcome, Word
from bot.model import Session
from bot.store.inbox_port import Said, Waiting
from bot.store.sql_desk import SqlDesk

if TYPE_CHECKING:
    from bot.desk.desk import Desk

MOST_UNDERSTOOD = 20  # messages whose meaning is looked up for a page
HERE = "/desk/waiting"


async def page(desk: "Desk", visit: Visit) -> web.Response:
    """Who waits, the longest first; phones masked until opened."""
    since, me = visit.now - OPEN_FOR, visit.me.id

    def work(d: SqlDesk) -> Values:
        shown = []
        for waiting in d.inbox.waiting(visit.scope, visit.now):
            opened = d.opened(me, f"ticket:{waiting.id}", since)
            full = d.inbox.one(visit.scope, waiting.id, visit.now, opened=True) if opened else None
            shown.append((full or waiting, opened))
        counts = {"now_new": d.today.new(visit.scope), "now_waiting": d.today.asking(visit.scope)}
        return {"lines": shown, "names": {o.id: o.name for o in d.officers.all()}, **counts}

    values = await desk.ask(work)
    values["late"] = frozenset(w.id for w, _ in values["lines"] if _late(desk, w, visit.now))
    return desk.pages.show(visit, "inbox.html", opens=desk.counter.office.next_open(visit.now), me=me, **values)


def _late(desk: "Desk", waiting: Waiting, now: datetime) -> bool:
    """Waits for a working day or more."""
    office, since = desk.counter.office, waiting.waiting_since
    return since is not None and (waiting.escalated or office.after(since, office.day) <= now)


async def talk(desk: "Desk", visit: Visit) -> web.Response:
    """One talk. What was said is shown to who has opened or taken it: that is written down."""
    number, chosen = visit.number(), visit.request.query.get("saved", "")

    def work(d: SqlDesk) -> Values | None:
        opened = d.opened(visit.me.id, f"ticket:{number}", visit.now - OPEN_FOR)
        waiting = d.inbox.one(visit.scope, number, visit.now, opened=opened)
        if waiting is not None and waiting.owner == visit.me.id and not opened:
            waiting = d.inbox.one(visit.scope, number, visit.now, opened=True)
        if waiting is None:
            return None
        mine = waiting.owner == visit.me.id
        owner = d.officers.one(waiting.owner) if waiting.owner else None
        saved = d.saved.all(visit.scope.communes)
        values: Values = {"waiting": waiting, "mine": mine, "owner": owner.name if owner else "", "saved": saved}
        values["draft"] = next((s.text for s in saved if str(s.id) == chosen), "")
        return values | _opened(d, visit, waiting, may=opened or mine)

    values = await desk.ask(work)
    if values is None:
        raise Refused(404, "not_found")
    values["understood"] = _understood(desk, values["thread"])
    values["late"] = _late(desk, values["waiting"], visit.now)
    values["who"] = desk.counter.who(values["waiting"].commune, visit.say.code)
    return desk.pages.show(visit, "talk.html", once=secrets.token_hex(6), most=talks.MOST_TEXT, **values)


def _opened(d: SqlDesk, visit: Visit, waiting: Waiting, *, may: bool) -> Values:
    _who, reach = d.inbox.reach(waiting.contact)
    values: Values = {"opened": may, "window": window(waiting.channel, reach, visit.now, visit.say)}
    if not may:
        return values | {"thread": (), "facts": (), "leads": (), "session": None, "last": 0, "sending": 0}
    # What the person was told: the officer sees the talk of that day. Without that word, what came after alone.
    day = datetime.combine(waiting.at.date(), time(), waiting.at.tzinfo)
    session = d.inbox.session(waiting.contact)
    return values | {
        "thread": d.inbox.thread(waiting.contact, day if waiting.agreed else waiting.at),
        "facts": _facts(session),
        "leads": d.inbox.leads(visit.scope, waiting.contact),
        **_news(d, waiting.contact),
        "session": session,
    }


def _facts(session: Session) -> tuple[tuple[str, str], ...]:
    """What the assistant took from the talk: (which, value); nothing of what has a consent of its own."""
    facts = session.facts
    shown = [(key, str(facts[key])) for key in ("trade", "commune_code", "age", "birth_year") if facts.get(key)]
    household = str(facts.get("household_type") or "")
    return (*shown, *((("household", household),) if household and household not in SENSITIVE_GROUPS else ()))


def _understood(desk: "Desk", thread: tuple[Said, ...]) -> dict[int, str]:
    """Message -> the topic that the assistant reads in it, "?" where it is at a loss, "" for a bare answer."""
    theirs = [s for s in thread if s.by == "person"][-MOST_UNDERSTOOD:]
    return {s.id: desk.settings.understood(s.text) for s in theirs}


async def news(desk: "Desk", visit: Visit) -> web.Response:
    """The latest message's number and how many are on their way: for the one script that asks now and then."""
    number = visit.number()

    def work(d: SqlDesk) -> dict[str, int] | None:
        waiting = d.inbox.one(visit.scope, number, visit.now)
        return None if waiting is None else _news(d, waiting.contact)

    found = await desk.ask(work)
    if found is None:
        raise Refused(404, "not_found")
    return web.json_response(found)


def _news(d: SqlDesk, contact: int) -> dict[str, int]:
    return {"last": d.inbox.newest(contact), "sending": d.inbox.unsettled(contact)}


Work = Callable[[SqlDesk, Waiting], Outcome | None]


async def _change(desk: "Desk", visit: Visit, act: str, work: Work) -> Outcome | None:
    """One change of a talk, audited when it was done; its messages go to the channels. None: it was refused."""
    number = visit.number()

    def changing(d: SqlDesk) -> tuple[bool, Outcome | None]:
        waiting = d.inbox.one(visit.scope, number, visit.now)
        if waiting is None:
            return False, None
        outcome = work(d, waiting)
        if outcome is not None and outcome.other is None:
            d.audit(visit.me.id, act, f"ticket:{number}", visit.now)
        return True, outcome

    found, outcome = await desk.change(changing)
    if not found:
        raise Refused(404, "not_found")
    if outcome is not None and outcome.messages:
        desk.settings.push(outcome.messages)
    return outcome


async def reveal(desk: "Desk", visit: Visit) -> web.Response:
    """Show the whole phone number and the talk; written down."""
    await _change(desk, visit, "opened", lambda _d, _w: Outcome())
    return back(f"{HERE}/{visit.number()}")


async def take(desk: "Desk", visit: Visit) -> web.Response:
    """The talk is mine, and the assistant silent there."""

    def work(d: SqlDesk, waiting: Waiting) -> Outcome:
        return talks.take(d.inbox, desk.counter, waiting, visit.me.id, visit.now)

    outcome = await _change(desk, visit, "taken", work)
    here = f"{HERE}/{visit.number()}"
    return back(here, "others") if outcome and outcome.other else _at_the_talk(here, "taken")


async def reply(desk: "Desk", visit: Visit) -> web.Response:
    """My words to the person; the talk is taken with them."""
    text, once = visit.fields.text("text"), visit.fields.get("once", most=20)
    here = f"{HERE}/{visit.number()}"
    if not text or len(text) > talks.MOST_TEXT:
        return back(here, "talk_empty" if not text else "talk_long")

    def work(d: SqlDesk, waiting: Waiting) -> Outcome | None:
        if not _window(d, visit, waiting).open:
            return None
        word = Word(visit.me.id, text, once or secrets.token_hex(6))
        return talks.answer(d.inbox, desk.counter, waiting, word, visit.now)

    outcome = await _change(desk, visit, "replied", work)
    if outcome is None:
        return back(here, "not_sent")
    return back(here, "others") if outcome.other else _at_the_talk(here, "replied")


def _at_the_talk(here: str, said: str) -> web.Response:
    """Where the talk stands on a long page, so that the next words follow on."""
    response = back(here, said)
    response.headers["Location"] += "#thread-title"
    return response


def _window(d: SqlDesk, visit: Visit, waiting: Waiting) -> Window:
    _who, reach = d.inbox.reach(waiting.contact)
    return window(waiting.channel, reach, visit.now, visit.say)


async def close(desk: "Desk", visit: Visit) -> web.Response:
    """Dealt with, here or by telephone: the assistant answers again."""
    seen: list[Waiting] = []

    def work(d: SqlDesk, waiting: Waiting) -> Outcome:
        seen.append(waiting)
        return talks.close(d.inbox, desk.counter, waiting, visit.me.id, visit.now)

    outcome = await _change(desk, visit, "answered", work)
    if outcome is not None and outcome.other:
        return back(f"{HERE}/{visit.number()}", "others")
    return back(HERE, "answered_by_law" if seen and seen[0].by_law else "answered")
