"""The desk's door: who is asking, may they, is the form ours, not too often; every answer carries the same headers."""

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog
from aiohttp import web

from bot.channels.web.assets import HEADERS
from bot.channels.web.limits import Buckets, Gate
from bot.channels.web.refusals import Refused as ChatRefused
from bot.channels.web.visitors import LANGUAGE_COOKIE, Door, keep
from bot.desk.forms import Fields, Unreadable, read
from bot.desk.scopes import scope_of
from bot.i18n import LANGUAGES, Language, language
from bot.model import BotError
from bot.store.desk_port import DeskSession, Officer, Role, Scope
from bot.store.faults import unavailable
from bot.store.sql_desk_work import Doer, NotYours

if TYPE_CHECKING:
    from bot.desk.desk import Desk

COOKIE = "hocnghe_desk"
OWN_DEVICE, SHARED_DEVICE = timedelta(days=14), timedelta(hours=4)  # since it was last used
SEEN_EVERY = timedelta(minutes=5)
EVERYBODY: tuple[Role, ...] = ("officer", "coordinator", "admin")
PAGES_A_MINUTE, SIGN_INS_AN_HOUR = 240, 30  # of one address; a whole office may share one
AGAIN = 30  # seconds after which a page that failed may be tried again
log = structlog.get_logger()


class Refused(BotError):
    """An answer that is a page: `status` is HTTP's, `text` a key under `desk.error`."""

    def __init__(self, status: int, text: str, *, wait: int = 0) -> None:
        super().__init__(f"{status} {text}")
        self.status = status
        self.text = text
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Visit:
    """One request: what was sent, and who sent it (`officer` is None only on the pages that let people in)."""

    request: web.Request
    say: Language
    now: datetime
    address: str
    fields: Fields
    scope: Scope
    officer: Officer | None = None
    session: DeskSession | None = None
    csrf: str = ""
    files: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)

    @property
    def me(self) -> Officer:
        """The officer; the guard let nobody else through."""
        assert self.officer is not None  # noqa: S101 - the guard's promise
        return self.officer

    @property
    def doer(self) -> Doer:
        """For changes."""
        return Doer(self.me.id, self.scope, self.now)

    def number(self, name: str = "id") -> int:
        """A number from the address."""
        return int(self.request.match_info[name])

    def word(self, name: str = "id") -> str:
        """A word from the address."""
        return self.request.match_info[name]


Handler = Callable[["Desk", Visit], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Route:
    """An address of the desk. `roles` empty: nobody need be signed in. `upload`: bytes of a file it may bring."""

    method: str
    path: str
    handler: Handler
    roles: tuple[Role, ...] = EVERYBODY
    upload: int = 0


class Guard:
    """Stands before every handler of the desk."""

    def __init__(self, desk: "Desk", gate: Gate, *, secure_cookies: bool) -> None:
        self._desk = desk
        self._door = Door(gate.trusted_proxies, secure_cookies=secure_cookies)
        self._pages = Buckets(PAGES_A_MINUTE, 60)
        self._sign_ins = Buckets(SIGN_INS_AN_HOUR, 3600)

    def guarded(self, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """The handler as aiohttp calls it."""

        async def answer(request: web.Request) -> web.StreamResponse:
            say = self._language(request)
            try:
                response = await self._answer(route, request, say)
            except (Refused, ChatRefused, NotYours, Unreadable, web.HTTPRequestEntityTooLarge) as refused:
                response = self._refusal(request, say, _as_refused(refused))
            except web.HTTPException:
                raise
            except Exception as fault:  # noqa: BLE001 - an officer sees a page, the log the kind of fault and where
                log.error("the desk failed", path=route.path, fault=type(fault).__name__, at=_where(fault))
                response = self._refusal(request, say, Refused(503, _trouble(fault), wait=AGAIN))
            for name, value in HEADERS.items():
                response.headers.setdefault(name, value)
            return response

        return answer

    def _language(self, request: web.Request) -> Language:
        wanted = request.query.get("lang") or request.cookies.get(LANGUAGE_COOKIE, "")
        return language(wanted if wanted in LANGUAGES else "vi")

    async def _answer(self, route: Route, request: web.Request, say: Language) -> web.StreamResponse:
        address = self._door.address(request)
        self._take(self._pages, address)
        if route.method == "POST":
            self._door.same_origin(request)
        if not route.roles and route.method == "POST":
            self._take(self._sign_ins, address)
        now = self._desk.clock()
        token = request.cookies.get(COOKIE, "")
        session, officer = await self._whose(route, token, now)
        if route.roles and (officer is None or session is None):
            return web.Response(status=303, headers={"Location": "/desk/sign-in"})
        if officer is not None and route.roles and officer.role not in route.roles:
            raise Refused(403, "role")
        fields, files = await read(request, route.upload) if route.method == "POST" else (Fields(()), {})
        csrf = csrf_of(token) if officer else ""
        ours = hmac.compare_digest(fields.get("csrf").encode(), csrf.encode())
        if route.method == "POST" and route.roles and not ours:
            raise Refused(403, "csrf")
        if session is not None:
            await self._seen(session, now)
        scope = scope_of(officer, self._desk.book) if officer else Scope(frozenset(), writes="none")
        visit = Visit(request, say, now, address, fields, scope, officer, session, csrf, files)
        response = await route.handler(self._desk, visit)
        if request.query.get("lang") in LANGUAGES:
            keep(response, LANGUAGE_COOKIE, say.code, secure=self.secure(request))
        return response

    async def _whose(self, route: Route, token: str, now: datetime) -> tuple[DeskSession | None, Officer | None]:
        """Who is signed in. A page for everybody, and the styles of a page of faults, need no database for that."""
        if not token:
            return None, None
        try:
            return await self._desk.ask(lambda d: d.officers.session(token, now)) or (None, None)
        except Exception as fault:
            if route.roles or not unavailable(fault):
                raise
            return None, None

    def _take(self, buckets: Buckets, address: str) -> None:
        if wait := buckets.take(address, asyncio.get_running_loop().time()):
            raise Refused(429, "too_many", wait=wait)

    async def _seen(self, session: DeskSession, now: datetime) -> None:
        if now - session.seen_at >= SEEN_EVERY:
            lasts = now + (OWN_DEVICE if session.own_device else SHARED_DEVICE)
            await self._desk.change(lambda d: d.officers.seen(session.id, now, lasts))

    def _refusal(self, request: web.Request, say: Language, refused: Refused) -> web.Response:
        try:
            values = {"seconds": refused.wait, "since": self._desk.troubled_since(say)}
            response = self._desk.pages.error(request, say, refused.status, refused.text, values)
        except Exception as fault:  # noqa: BLE001 - words alone, but an answer
            log.error("the desk's page of faults failed", fault=type(fault).__name__)
            text = say.say(f"desk.error.{refused.text}", seconds=refused.wait, since="")
            response = web.Response(status=refused.status, text=text)
        if refused.wait:
            response.headers["Retry-After"] = str(refused.wait)
        return response

    def secure(self, request: web.Request) -> bool:
        """Whether cookies may only travel over https."""
        return self._door.visitor(request).secure

    def let_in(self, request: web.Request, response: web.StreamResponse, token: str, *, own: bool) -> None:
        """The session's cookie: for the desk alone, unreadable to scripts, gone with the browser on shared devices."""
        age = int(OWN_DEVICE.total_seconds()) if own else None
        secure = self.secure(request)
        response.set_cookie(COOKIE, token, max_age=age, path="/desk", httponly=True, samesite="Lax", secure=secure)


def _as_refused(fault: Exception) -> Refused:
    if isinstance(fault, Refused):
        return fault
    if isinstance(fault, NotYours):
        return Refused(404, "not_found")
    if isinstance(fault, ChatRefused):
        return Refused(403, "csrf")
    return Refused(413, "too_large") if isinstance(fault, web.HTTPException) else Refused(400, "unreadable")


def _trouble(fault: Exception) -> str:
    """A text for the page."""
    kind = unavailable(fault)
    return f"database_{kind}" if kind else "trouble"


def _where(fault: Exception) -> str:
    """File and line, never the values."""
    at = fault.__traceback__
    while at and at.tb_next:
        at = at.tb_next
    return f"{at.tb_frame.f_code.co_filename.rpartition('/')[2]}:{at.tb_lineno}" if at else ""


def csrf_of(token: str) -> str:
    """What a form must bring: made of the session's secret, which no other site knows."""
    return hashlib.sha256(f"csrf {token}".encode(errors="surrogatepass")).hexdigest()[:40]


def new_token() -> str:
    """256 bits that nobody guesses, for links and sessions."""
    return secrets.token_urlsafe(32)
