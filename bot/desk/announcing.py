"""Announcements on the desk: composed, shown as each channel shows them, judged before they go, watched, reported."""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot import hours
from bot.announcements import audience, preflight, texts
from bot.announcements.preflight import Preflight
from bot.channels.texts import numbered
from bot.desk import approving
from bot.desk.forms import Unreadable, day_of
from bot.desk.guard import Refused, Visit
from bot.desk.pages import Values, back
from bot.desk.sharing import uploaded
from bot.dialogue.details import GROUPS
from bot.i18n import LANGUAGES, language
from bot.model import COURSE_JOINABLE, Course, Reply
from bot.store.announcement_port import LIVE, OVER, SAME, Announcement, Progress, RowState
from bot.store.desk_port import ClassView
from bot.store.sql_audience import NOT_TO_CALL
from bot.store.sql_desk import SqlDesk

if TYPE_CHECKING:
    from bot.desk.desk import Desk

HOME = "/desk/announcements"
MOST_COMMUNES = 200
LATELY = timedelta(days=7)  # for a class
OWN = "tin."  # begins the names of pictures that came with an announcement; a class is never called so


@dataclass(frozen=True, slots=True)
class Shown:
    """One announcement as a page shows it."""

    one: Announcement
    progress: Progress
    course: Course | None
    flight: Preflight | None = None
    earlier: datetime | None = None


async def page(desk: "Desk", visit: Visit) -> web.Response:
    """All announcements within this officer's communes, the newest first."""

    def work(d: SqlDesk) -> list[tuple[Announcement, Progress]]:
        found = d.announcing.announcements.all(visit.scope, most=50)
        return [(one, d.announcing.audience.progress(one, visit.now)) for one in found]

    rows = await desk.ask(work)
    return desk.pages.show(visit, "announcements.html", rows=rows)


async def form(desk: "Desk", visit: Visit) -> web.Response:
    """An empty form, or one with the words of a class."""
    typed, course = {"waves": "1"}, visit.request.query.get("course", "")[:40]
    if course:
        view = await desk.ask(lambda d: d.classes.one(visit.scope, course))
        if view is None:
            raise Refused(404, "not_found")
        name = desk.pages.commune(view.course.commune)
        words = texts.of_class(view.course, name, language())
        typed |= {"course": course, "trade": view.course.trade, "text": words, "interest": "trade"}
        typed |= {f"commune_{view.course.commune}": "1"}
        typed |= {"picture": "1"} if view.poster else {}
    return await _form(desk, visit, typed, {}, 200)


async def edit_form(desk: "Desk", visit: Visit) -> web.Response:
    """A draft as it is, to change."""
    one = await mine(desk, visit)
    if one.state != "draft":
        raise Refused(404, "not_found")
    typed = {"course": one.course, "trade": one.trade, "text": one.text, "language": one.language}
    typed |= {"interest": "trade" if one.trades else "all"}
    typed |= {f"commune_{c}": "1" for c in one.communes} | {f"group_{g}": "1" for g in one.groups}
    flags = {"waves": one.waves, "paid": one.paid, "last_seats": one.last_seats, "picture": bool(one.picture)}
    typed |= {name: "1" for name, is_so in flags.items() if is_so}
    if one.start_at:
        at = one.start_at.astimezone(visit.now.tzinfo)
        typed |= {"day": f"{at:%d/%m/%Y}", "time": f"{at:%H:%M}"}
    return await _form(desk, visit, typed, {}, 200)


async def _form(desk: "Desk", visit: Visit, typed: dict[str, str], faults: dict[str, str], status: int) -> web.Response:
    served, views = await desk.ask(lambda d: (d.served(), d.classes.all(visit.scope, most=200)))
    values: Values = {
        "typed": typed,
        "faults": faults,
        "communes": desk.communes(visit.scope.communes, served)[:MOST_COMMUNES],
        "classes": [(v.course.id, v.course.title) for v in views if v.course.state in COURSE_JOINABLE],
        "trades": sorted(((t, desk.pages.trade(visit.say, t)) for t in desk.pages.trades), key=lambda pair: pair[1]),
        "groups": desk.pages.groups(visit.say, "other", "unsaid"),
        "languages": [(code, visit.say.say(f"announce.language.{code}")) for code in LANGUAGES],
        "most": texts.MOST_TEXT,
        "number": visit.request.match_info.get("id", ""),
        "hours": (hours.MORNING.hour, hours.EVENING.hour),
    }
    return desk.pages.show(visit, "announcement_form.html", status=status, **values)


async def create(desk: "Desk", visit: Visit) -> web.Response:
    """A new draft."""
    return await _save(desk, visit, None)


async def edit(desk: "Desk", visit: Visit) -> web.Response:
    """A draft changed."""
    return await _save(desk, visit, await mine(desk, visit))


async def _save(desk: "Desk", visit: Visit, before: Announcement | None) -> web.Response:
    served = await desk.ask(lambda d: d.served())
    known = [code for code, _name in desk.communes(visit.scope.communes, served)]
    typed = _typed(visit, known)
    faults: dict[str, str] = {}
    view = await desk.ask(lambda d: d.classes.one(visit.scope, typed["course"])) if typed["course"] else None
    photo = _photo(visit, faults)
    one = _composed(desk, visit, typed, view, faults)
    if one is None:
        return await _form(desk, visit, typed, faults, 400)
    one = replace(one, picture=_picture(typed, view, before, photo))

    def work(d: SqlDesk) -> int:
        store = d.announcing.announcements
        if photo:
            store.keep_picture(one.picture, photo[2], visit.now)
        number = before.id if before else store.draft(one)
        if before and not store.recompose(one_with(one, before.id)):
            return 0
        d.audit(visit.me.id, "announcement_composed", f"announcement:{number}", visit.now)
        return number

    number = await desk.change(work)
    return back(f"{HOME}/{number}" if number else HOME, "" if number else "announce_late")


def _photo(visit: Visit, faults: dict[str, str]) -> tuple[str, str, bytes] | None:
    """The picture of the form; one that is none is told beside its field, so that nothing typed is lost."""
    try:
        return uploaded(visit, "photo")
    except Refused:
        faults["photo"] = "announce_photo"
        return None


def _picture(
    typed: dict[str, str], view: ClassView | None, before: Announcement | None, photo: tuple[str, str, bytes] | None
) -> str:
    """The name of one that came with the form, else of its class's, else of the one it had; "" for none."""
    if photo:
        return f"{OWN}{photo[1]}.{photo[0]}"
    if "picture" not in typed:
        return ""
    had = before.picture if before and before.picture.startswith(OWN) else ""
    return had or (view.poster if view else "")


def one_with(one: Announcement, number: int) -> Announcement:
    """The same under another number."""
    return replace(one, id=number)


def _typed(visit: Visit, known: list[str]) -> dict[str, str]:
    """The form as it came."""
    names = ("course", "trade", "interest", "language", "day", "time")
    typed = {name: visit.fields.get(name, most=60) for name in names}
    typed["text"] = visit.fields.text("text", most=2 * texts.MOST_TEXT)
    ticks = ["waves", "paid", "last_seats", "picture"]
    ticks += [*(f"group_{g}" for g in GROUPS), *(f"commune_{c}" for c in known)]
    typed |= {name: "1" for name in ticks if visit.fields.ticked(name)}
    if len(known) == 1:
        typed[f"commune_{known[0]}"] = "1"
    return typed


def _composed(
    desk: "Desk", visit: Visit, typed: dict[str, str], view: ClassView | None, faults: dict[str, str]
) -> Announcement | None:
    """The announcement of a form; what is wrong goes into `faults`."""
    communes = tuple(sorted(k.removeprefix("commune_") for k in typed if k.startswith("commune_")))
    if not communes:
        faults["communes"] = "announce_communes"
    if typed["course"] and view is None:
        faults["course"] = "announce_course"
    trade = view.course.trade if view else typed["trade"]
    if trade and trade not in desk.pages.trades:
        faults["trade"] = "trade"
    if typed["interest"] == "trade" and not trade:
        faults["interest"] = "announce_interest"
    if not typed["text"]:
        faults["text"] = "announce_text"
    elif len(typed["text"]) > texts.MOST_TEXT:
        faults["text"] = "announce_long"
    start = _moment(typed, visit.now, faults)
    if faults:
        return None
    return Announcement(
        id=0, kind="classes", state="draft", why="", communes=communes, course=view.course.id if view else "",
        trade=trade, trades=(trade,) if typed["interest"] == "trade" and trade else (),
        groups=tuple(g for g in GROUPS if f"group_{g}" in typed),
        language=typed["language"] if typed["language"] in LANGUAGES else "", text=typed["text"],
        picture="", waves="waves" in typed, paid="paid" in typed,
        last_seats="last_seats" in typed and bool(view), start_at=start, wave=0, next_wave_at=None,
        made_by=visit.me.id, made_at=visit.now,
    )  # fmt: skip


def _moment(typed: dict[str, str], now: datetime, faults: dict[str, str]) -> datetime | None:
    """When to begin; None is now."""
    if not typed["day"] and not typed["time"]:
        return None
    try:
        day = day_of(typed["day"]) if typed["day"] else now.date()
        at = time.fromisoformat((typed["time"] or "08:00").zfill(5))
    except (Unreadable, ValueError):
        faults["day"] = "announce_moment"
        return None
    start = datetime.combine(day, at, now.tzinfo)
    if start < now:
        faults["day"] = "announce_past"
    return start


async def mine(desk: "Desk", visit: Visit) -> Announcement:
    """The announcement of the address; refused when it is not this officer's to see."""
    number = visit.number()
    found = await desk.ask(lambda d: d.announcing.announcements.one(number, visit.scope))
    if found is None:
        raise Refused(404, "not_found")
    return found


async def view(desk: "Desk", visit: Visit) -> web.Response:
    """A draft with what it will look like and whom it reaches; else how far it is and what came of it."""
    one = await mine(desk, visit)
    shown, alone = await desk.ask(
        lambda d: (_shown(desk, d, one, visit.now), approving.alone(d, one, visit.me.id, desk.book, visit.now))
    )
    public = desk.settings.base if one.picture else ""
    values: Values = {
        "shown": shown,
        "one": one,
        "previews": previews(one, public),
        "picture_stays": bool(one.picture) and not public.startswith("https://"),
        "live": one.state in LIVE,
        "over": one.state in OVER,
        "mine_alone": one.made_by == visit.me.id,
        "alone": alone,
        "wave_hours": preflight.wave_gap(),
        "night": not hours.awake(visit.now),
        "why": why_of,
        "to_call": bool(shown.flight and shown.flight.reasons.keys() - set(NOT_TO_CALL)),
    }
    return desk.pages.show(visit, "announcement.html", **values)


def why_of(why: str) -> str:
    """The text that tells a reason: one of ours, else that of a fault by its beginning."""
    first = why.split(" ")[0]
    known = language().source
    return next((k for k in (f"announce.why.{why}", f"announce.why.{first}") if k in known), "announce.why.other")


def _shown(desk: "Desk", d: SqlDesk, one: Announcement, now: datetime) -> Shown:
    unit = d.announcing
    course, progress = unit.course(one.course), unit.audience.progress(one, now)
    if one.state != "draft":
        return Shown(one, progress, course)
    rows = audience.planned(one, unit.audience.candidates(one, now), desk.settings.terms(unit, one), now)
    before = unit.announcements.lately(one.course, now - LATELY)
    before = before or unit.announcements.same(one, now - SAME)
    earlier = before.planned_at.astimezone(now.tzinfo) if before and before.planned_at else None
    return Shown(one, progress, course, preflight.looked_at(one, rows, now), earlier)


def previews(one: Announcement, base: str) -> list[tuple[str, Reply, str]]:
    """(channel, message, text as it is shown there)."""
    said = texts.message(one, language(one.language or "vi"), f"{base}/posters/{one.picture}" if one.picture else "")
    return [("telegram", said, said.text), ("zalo_oa", said, numbered(said))]


async def pulse(desk: "Desk", visit: Visit) -> web.Response:
    """How far it is, for the page that is open: numbers alone."""
    one = await mine(desk, visit)
    found = await desk.ask(lambda d: d.announcing.audience.progress(one, visit.now))
    rows: tuple[RowState, ...] = ("sent", "failed", "unknown", "waiting", "sending")
    body: dict[str, Any] = {name: found.of(name) for name in rows}
    body |= {"tapped": found.tapped, "registered": found.registered, "all": found.all, "state": one.state}
    return web.json_response(body)
