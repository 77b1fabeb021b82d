"""Templates filled, files sent: what the desk's pages share."""

import gzip
import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from bot.channels.web.assets import TYPES, Asset
from bot.desk.guard import Refused, Visit
from bot.desk.navigation import navigation
from bot.dialogue.details import GROUPS
from bot.i18n import Language
from intents.places import PlaceBook

PREFIX = "/desk/static/"
Values = dict[str, Any]
# What a page may say after something was done: named in the address, so never free text.
SAID = frozenset(
    {
        "state", "waiting", "noted", "called", "merged", "verified", "assigned", "assigned_waiting", "entered", "saved",
        "seated", "poster", "poster_gone", "answered", "answered_by_law", "ended", "unlinked", "email", "officer_ended",
        "link_sent", "nothing_chosen", "class_state", "recipient", "recipient_ended", "send_asked", "erased",
        "request_kept", "request_done", "request_answered", "request_extend", "moved_on", "notices", "notices_off",
        "surveyed", "followed_up", "consented", "chosen",
        "taught", "dismissed", "reopened", "withdrawn", "promoted", "rewritten",
        "taken", "others", "replied", "not_sent", "talk_empty", "talk_long", "reply_saved", "reply_gone",
        "announce_sent", "announce_approval", "announce_paused", "announce_resumed", "announce_cancelled",
        "announce_again", "announce_dropped", "announce_late",
    }
)  # fmt: skip


@cache
def environment() -> Environment:
    """Everything is escaped; a name that was not given is a fault."""
    return Environment(
        loader=PackageLoader("bot.desk"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def assets() -> Mapping[str, Asset]:
    """The desk's scripts and styles by the name they are asked for."""
    found = {}
    for path in (files("bot.desk") / "static").iterdir():
        stem, _, kind = path.name.rpartition(".")
        if kind in TYPES:
            body = path.read_bytes()
            name = f"{stem}.{hashlib.sha256(body).hexdigest()[:10]}.{kind}"
            found[name] = Asset(name, kind, body, gzip.compress(body, 9, mtime=0))
    return found


def links() -> dict[str, str]:
    """desk_css, desk_js: where the files are."""
    return {f"{n.split('.')[0]}_{n.rpartition('.')[2]}": PREFIX + n for n in assets()}


class Pages:
    """Fills templates with what all of them need: texts, names of places and trades, days."""

    def __init__(self, book: PlaceBook, trades: Mapping[str, Mapping[str, str]], *, demo: bool) -> None:
        self._book = book
        self.trades = trades
        self._demo = demo
        for name in environment().list_templates():  # a template that is no template shows at the start
            environment().get_template(name)

    def commune(self, code: str) -> str:
        """ "Xã Đầm Hà" of a code."""
        return self._book.communes.get(code, (code, ""))[0]

    def names(self, code: str) -> tuple[str, str]:
        """A commune's name and its province's, for papers."""
        name, province = self._book.communes.get(code, (code, ""))
        return name, self._book.provinces.get(province, "")

    def place(self, code: str) -> str:
        """A commune, or a province."""
        return self._book.provinces.get(code) or self.commune(code)

    def trade(self, say: Language, trade: str, said: str = "") -> str:
        """The trade's name, what was typed when it is in no catalogue."""
        names = self.trades.get(trade, {})
        return names.get(say.code) or names.get("vi") or said or trade

    def groups(self, say: Language, *left_out: str) -> list[tuple[str, str]]:
        """Target groups with their names."""
        return [(g, say.say(f"group.{g}")) for g in GROUPS if g not in left_out]

    def show(self, visit: Visit, template: str, *, status: int = 200, **values: Any) -> web.Response:
        """A page for whoever asks."""
        said = visit.request.query.get("said", "")
        number = visit.request.query.get("n", "")
        told = ""
        if said in SAID:
            told = visit.say.say(f"desk.said.{said}", n=number if number.isascii() and number.isdigit() else "")
        path = visit.request.path
        nav = navigation(path, visit.officer.role) if visit.officer else None
        values = {"officer": visit.officer, "csrf": visit.csrf, "told": told, "path": path, "nav": nav} | values
        return self._filled(visit.say, template, status, values, visit.now)

    def error(
        self, request: web.Request, say: Language, status: int, text: str, values: Mapping[str, Any]
    ) -> web.Response:
        """What went wrong, and the way on."""
        shown = say.say(f"desk.error.{text}", **values)
        filled = {"officer": None, "csrf": "", "told": "", "path": request.path, "text": shown, "status": status}
        return self._filled(say, "error.html", status, filled, None)

    def _filled(
        self, say: Language, template: str, status: int, values: Mapping[str, Any], now: datetime | None
    ) -> web.Response:
        def day(on: date | datetime | None) -> str:
            return say.short_day(on) if on else ""

        def moment(at: datetime) -> str:
            return f"{at:%H:%M} {say.short_day(at)}"

        def trade(trade: str, said: str = "") -> str:
            return self.trade(say, trade, said)

        def word(key: str, otherwise: str) -> str:
            return say.say(key) if key in say.source else otherwise

        known: Values = {"word": word, "say": say.say, "lang": say.code, "day": day, "moment": moment}
        known |= {"demo": self._demo, "now": now}
        known |= {"commune": self.commune, "place": self.place, "trade": trade, **links()}
        text = environment().get_template(template).render({**known, **values})
        # Half of a broken emoji in one person's words must not take the whole list away.
        body = text.encode("utf-8", "replace")
        response = web.Response(body=body, status=status, content_type="text/html", charset="utf-8")
        response.enable_compression()
        return response


async def static(_desk: Any, visit: Visit) -> web.StreamResponse:
    """A script or a style sheet."""
    asset = assets().get(visit.word("name"))
    if asset is None:
        raise Refused(404, "not_found")
    return asset.response(visit.request)


def back(path: str, said: str = "", n: int | None = None, query: str = "") -> web.Response:
    """After a change: look at the page again, with one sentence on what was done."""
    parts = [p for p in (query, f"said={said}" if said else "", f"n={n}" if n is not None else "") if p]
    response = web.Response(status=303)
    response.headers["Location"] = path + ("?" + "&".join(parts) if parts else "")
    return response
