"""The page behind a link to the request form: what is known is filled in, more may be typed, nothing typed is kept."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Protocol
from urllib.parse import quote

import structlog
from aiohttp import web
from jinja2 import Environment, StrictUndefined, Template

from bot.channels.web import assets
from bot.channels.web.limits import Buckets, Gate
from bot.channels.web.visitors import Door
from bot.i18n import Language, language
from bot.leads.paper import content, making
from bot.store.port import LeadRecord

ROUTE = "/papers/"
BLANK = f"{ROUTE}mau-01.pdf"
AT_OUR_SCREEN, ELSEWHERE = timedelta(minutes=30), timedelta(days=2)
PRIVATE = "web"  # the channel whose screen others may sit at
FORM_BYTES = 8_000
A_MINUTE = 20  # papers of one link, of one address
KINDS = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
HEADERS = {**assets.HEADERS, "X-Robots-Tag": "noindex, nofollow"}
log = structlog.get_logger()


class PaperStore(Protocol):
    """A store that makes and reads the links."""

    def paper_token(self, receipt: str, until: datetime) -> str:
        """What a link carries."""

    def paper_of(self, token: str, now: datetime) -> LeadRecord | None:
        """Whose it is, None for a link that is over."""


def link(store: PaperStore, site: str) -> Callable[[str, str, datetime], str]:
    """(receipt, channel, now) -> the address; on our own page a path of it, which needs no public address.

    Without a receipt it is the form that nothing is filled in of.
    """

    def made(receipt: str, channel: str, now: datetime) -> str:
        own = channel == PRIVATE
        if not receipt:
            return f"{'' if own else site}{BLANK}"
        token = store.paper_token(receipt, now + (AT_OUR_SCREEN if own else ELSEWHERE))
        return f"{'' if own else site}{ROUTE}{token}"

    return made


async def made(kind: str, record: LeadRecord, places: tuple[str, str], typed: dict[str, str]) -> bytes:
    """The file; `places` are the commune's and the province's names. Raises PaperFault, TimeoutError."""
    known = content.known_of(record.applicant, *places, typed)
    return await making.make(kind, known, language().say("paper.title"))


def typed_of(get: Callable[[str], str]) -> dict[str, str]:
    """What was typed and chosen, cut to what the form has room for; a choice that is none is left out."""
    typed = {name: " ".join(get(name).split())[:most] for name, most in content.TYPED.items()}
    chosen = {name: get(name) for name, among in content.CHOSEN.items() if get(name) in among}
    return {name: value for name, value in {**typed, **chosen}.items() if value}


def attachment(body: bytes, kind: str, name: str) -> web.Response:
    """The file as a download that nobody on the way keeps."""
    shown = f"attachment; filename=\"{name}.{kind}\"; filename*=UTF-8''{quote(f'{name}.{kind}')}"
    return web.Response(body=body, content_type=KINDS[kind], headers={**HEADERS, "Content-Disposition": shown})


class Papers:
    """`setup(app)` adds the routes. `places`: a commune's code -> its name and its province's."""

    def __init__(
        self, store: PaperStore, places: Callable[[str], tuple[str, str]], clock: Callable[[], datetime], gate: Gate
    ) -> None:
        self._store = store
        self._places = places
        self._clock = clock
        self._door = Door(gate.trusted_proxies, secure_cookies=False)
        self._links = Buckets(A_MINUTE, 60)
        self._empty = b""

    def setup(self, application: web.Application) -> None:
        """The page, and the file with (POST) or without (GET) what was typed."""
        token = ROUTE + r"{token:[A-Z0-9]{1,16}-[0-9]{1,16}-[0-9a-f]{32}}"
        application.router.add_get(BLANK, self._blank)
        application.router.add_get(token, self._page)
        application.router.add_get(token + r"/mau-01.{kind:pdf|docx}", self._file)
        application.router.add_post(token, self._file)

    def _say(self, request: web.Request) -> Language:
        return language(self._door.visitor(request).language)

    async def _record(self, request: web.Request) -> LeadRecord | None:
        token = request.match_info["token"]
        return await asyncio.get_running_loop().run_in_executor(None, self._store.paper_of, token, self._clock())

    def _wait(self, request: web.Request) -> bool:
        now = asyncio.get_running_loop().time()
        keys = (request.match_info["token"], self._door.address(request))
        return any(self._links.take(key, now) for key in keys)

    async def _page(self, request: web.Request) -> web.Response:
        say = self._say(request)
        if self._wait(request):
            return self._shown(say, 429, over="paper.busy")
        record = await self._record(request)
        return self._shown(say, 410, over="paper.over") if record is None else self._shown(say, 200, request.path)

    async def _blank(self, request: web.Request) -> web.Response:
        """The same for everybody: made once."""
        say = self._say(request)
        if self._links.take(self._door.address(request), asyncio.get_running_loop().time()):
            return self._shown(say, 429, over="paper.busy")
        if not self._empty:
            self._empty = await making.make("pdf", {}, language().say("paper.title"))
        return attachment(self._empty, "pdf", "mau-so-01")

    async def _file(self, request: web.Request) -> web.Response:
        say = self._say(request)
        if self._wait(request):
            return self._shown(say, 429, over="paper.busy")
        if (request.content_length or 0) > FORM_BYTES:
            raise web.HTTPRequestEntityTooLarge(FORM_BYTES, request.content_length or 0)
        record = await self._record(request)
        if record is None:
            return self._shown(say, 410, over="paper.over")
        typed: dict[str, str] = {}
        kind = request.match_info.get("kind", "")
        if request.method == "POST":
            fields = await _fields(request)
            typed, kind = typed_of(lambda name: fields.get(name, "")), fields.get("as", "")
        if kind not in KINDS:
            raise web.HTTPBadRequest(text=say.say("paper.over"))
        places = self._places(record.applicant.commune)
        try:
            body = await made(kind, record, places, typed)
        except (making.PaperFault, TimeoutError) as fault:
            log.error("a request form could not be made", kind=kind, fault=type(fault).__name__)
            return self._shown(say, 503, over="paper.busy")
        log.info("a request form was made", kind=kind)
        return attachment(body, kind, "mau-so-01")

    def _shown(self, say: Language, status: int, action: str = "", *, over: str = "") -> web.Response:
        values = {"action": action, "over": say.say(over) if over else "", "css": _css(), "lang": say.code}
        choices = {name: options(say, name) for name in content.CHOSEN}
        text = _template().render(say=say.say, typed=content.TYPED, choices=choices, **values)
        return web.Response(text=text, status=status, content_type="text/html", headers=HEADERS)


async def _fields(request: web.Request) -> dict[str, str]:
    try:
        posted = await request.post()
    except (ValueError, LookupError, AssertionError, RuntimeError) as fault:
        raise web.HTTPBadRequest(text="form") from fault
    return {name: cleaned(value) for name, value in posted.items() if isinstance(value, str)}


def cleaned(value: str) -> str:
    """Letters that can be printed."""
    return "".join(c for c in value[:500] if c.isprintable())


def options(say: Language, name: str) -> list[tuple[str, str]]:
    """What may be chosen for sex, group, pay, with the words for it."""
    return [(value, say.say(f"paper.chosen.{value}")) for value in content.CHOSEN[name]]


def _css() -> str:
    return assets.PREFIX + assets.assets()["paper.css"].name


@cache
def _template() -> Template:
    source = (files("bot.channels.web") / "templates" / "paper.html").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(source)
