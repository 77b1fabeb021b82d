"""What carries a class to people: its picture, links and QR codes to print."""

import hashlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aiohttp import web

from bot.desk import pictures
from bot.desk.guard import Refused, Visit
from bot.desk.pages import Values, back
from bot.store.sql_desk import SqlDesk

if TYPE_CHECKING:
    from bot.desk.desk import Desk

POSTER_BYTES = 3 * 1024 * 1024
DAY = "public, max-age=86400, immutable"


@dataclass(frozen=True, slots=True)
class Way:
    """A way to register for a class: `name` web, telegram or zalo; `say`: what to type there, "" when nothing."""

    name: str
    address: str
    type_in: str = ""


def ways(desk: "Desk", course: str) -> tuple[Way, ...]:
    """The links of a class: the web always, Telegram and Zalo when they are set up."""
    settings = desk.settings
    found = [Way("web", f"{settings.base}/?start=c-{course}")]
    if settings.zalo_oa:
        found.insert(0, Way("zalo", f"https://zalo.me/{settings.zalo_oa}", f"c-{course}"))
    if settings.telegram:
        found.append(Way("telegram", f"https://t.me/{settings.telegram}?start=c-{course}"))
    return tuple(found)


async def sheet(desk: "Desk", visit: Visit) -> web.Response:
    """A page to print: the class in large letters, its QR codes."""
    course = visit.word()
    found = await desk.ask(lambda d: d.classes.one(visit.scope, course))
    if found is None:
        raise Refused(404, "not_found")
    only_here = urlsplit(desk.settings.base).hostname in ("127.0.0.1", "localhost")
    values: Values = {"ways": ways(desk, course), "course": found.course, "only_here": only_here}
    return desk.pages.show(visit, "sheet.html", **values)


async def qr(desk: "Desk", visit: Visit) -> web.Response:
    """The QR code of one way, as an SVG."""
    course, name = visit.word(), visit.word("way")
    found = await desk.ask(lambda d: d.classes.one(visit.scope, course))
    way = next((w for w in ways(desk, course) if w.name == name), None)
    if found is None or way is None:
        raise Refused(404, "not_found")
    return web.Response(body=drawn(way.address), content_type="image/svg+xml")


def drawn(address: str) -> bytes:
    """A QR code that can still be read when an eighth of it is dirty."""
    import segno

    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        out, kind="svg", scale=8, border=4, xmldecl=False, svgclass=None, lineclass=None
    )
    return out.getvalue()


def uploaded(visit: Visit, field: str) -> tuple[str, str, bytes] | None:
    """(kind, version, bytes) of a picture in the form, cleaned; None when there is none. Raises Refused."""
    _name, body = visit.files.get(field, ("", b""))
    if not body:
        return None
    if len(body) > POSTER_BYTES:
        raise Refused(413, "too_large")
    kind = pictures.kind_of(body)
    clean = pictures.cleaned(body, kind) if kind else None
    if clean is None:
        raise Refused(400, "picture")
    return kind, hashlib.sha256(clean).hexdigest()[:12], clean


async def put_poster(desk: "Desk", visit: Visit) -> web.Response:
    """A picture for the class: JPEG or PNG by its first bytes, whatever it is called."""
    course = visit.word()
    found = uploaded(visit, "poster")
    if found is None:
        return back(f"/desk/classes/{course}", "nothing_chosen")
    kind, version, clean = found

    def work(d: SqlDesk) -> bool:
        if d.classes.one(visit.scope, course) is None:
            return False
        d.classes.set_poster(course, kind, version, clean)
        d.audit(visit.me.id, "poster", f"class:{course}", visit.now)
        return True

    if not await desk.change(work):
        raise Refused(404, "not_found")
    return back(f"/desk/classes/{course}", "poster")


async def drop_poster(desk: "Desk", visit: Visit) -> web.Response:
    """No picture any more."""
    course = visit.word()

    def work(d: SqlDesk) -> bool:
        if d.classes.one(visit.scope, course) is None:
            return False
        d.classes.drop_poster(course)
        d.audit(visit.me.id, "poster_gone", f"class:{course}", visit.now)
        return True

    if not await desk.change(work):
        raise Refused(404, "not_found")
    return back(f"/desk/classes/{course}", "poster_gone")


async def poster(desk: "Desk", visit: Visit) -> web.Response:
    """The picture, for anybody: it is made to be shown."""
    name = visit.word("name")
    found = await desk.ask(lambda d: d.classes.poster(name) or d.announcing.announcements.picture(name))
    if found is None:
        raise Refused(404, "not_found")
    kind, body = found
    headers = {"Cache-Control": DAY, "Content-Security-Policy": "default-src 'none'; sandbox"}
    return web.Response(body=body, content_type=pictures.KINDS[kind][1], headers=headers)
