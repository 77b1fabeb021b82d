"""Who is asking: the browser's cookie, the address behind trusted proxies, the page it came from."""

import ipaddress
import re
import secrets
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from aiohttp import web

from bot.channels.web.refusals import Refused
from bot.i18n import LANGUAGES, SOURCE

COOKIE = "hocnghe"
LANGUAGE_COOKIE = "hocnghe_lang"
YEAR = 365 * 24 * 3600
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Visitor:
    """`cookie` is the contact's id; `fresh`: it was made just now and has to be given to the browser."""

    cookie: str
    fresh: bool
    address: str
    language: str
    secure: bool


def new_cookie() -> str:
    """An unguessable id of 32 letters."""
    return secrets.token_urlsafe(24)


class Door:
    """Reads who is asking from a request; believes forwarded headers of trusted proxies only."""

    def __init__(self, trusted: tuple[str, ...], *, secure_cookies: bool) -> None:
        self._trusted: tuple[_Network, ...] = tuple(ipaddress.ip_network(t) for t in trusted)
        self._secure = secure_cookies

    def visitor(self, request: web.Request) -> Visitor:
        """A cookie that we could not have made counts as none."""
        cookie = request.cookies.get(COOKIE, "")
        known = bool(_TOKEN.fullmatch(cookie))
        wanted = request.query.get("lang") or request.cookies.get(LANGUAGE_COOKIE, "")
        return Visitor(
            cookie if known else new_cookie(),
            fresh=not known,
            address=self.address(request),
            language=wanted if wanted in LANGUAGES else SOURCE,
            secure=self._secure or self._scheme(request) == "https",
        )

    def address(self, request: web.Request) -> str:
        """The nearest address that is no trusted proxy; of IPv6 the /64, which is one household's."""
        found = request.remote or ""
        if self._trusts(found):
            hops = ",".join(request.headers.getall("X-Forwarded-For", []))  # some proxies add a line of their own
            for hop in reversed(hops.split(",")):
                found = hop.strip() or found
                if not self._trusts(found):
                    break
        return household(found) or request.remote or ""

    def counted(self, peer: str) -> str:
        """A connection's address as connections are counted; "" for a trusted proxy, behind which everybody is."""
        return "" if self._trusts(peer) else household(peer)

    def same_origin(self, request: web.Request) -> None:
        """Raises Refused (403) for a message that another site's page sent."""
        site = request.headers.get("Sec-Fetch-Site")
        origin = request.headers.get("Origin")
        if site is not None and site not in ("same-origin", "none"):
            raise Refused(403, "other_origin", "elsewhere")
        if site is None and origin is not None and urlsplit(origin).netloc.lower() != self._host(request).lower():
            raise Refused(403, "other_origin", "elsewhere")

    def _host(self, request: web.Request) -> str:
        forwarded = request.headers.get("X-Forwarded-Host", "") if self._trusts(request.remote or "") else ""
        return forwarded.split(",")[0].strip() or request.host

    def _scheme(self, request: web.Request) -> str:
        forwarded = request.headers.get("X-Forwarded-Proto", "") if self._trusts(request.remote or "") else ""
        return forwarded.split(",")[0].strip() or request.scheme

    def _trusts(self, address: str) -> bool:
        if not self._trusted:
            return False
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
            parsed = parsed.ipv4_mapped  # a socket that takes both kinds tells IPv4 so
        return any(parsed in network for network in self._trusted)


@lru_cache(maxsize=4_096)
def household(address: str) -> str:
    """An address as it is counted: of IPv6 the /64, which is one household's; "" for what is none."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def keep(response: web.StreamResponse, name: str, value: str, *, secure: bool) -> None:
    """A cookie for a year that no script and no other site can read."""
    response.set_cookie(name, value, max_age=YEAR, path="/", httponly=True, samesite="Lax", secure=secure)
