"""The page and its files, ready to be sent; and the headers that every answer of the chat carries."""

import gzip
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from aiohttp import web
from jinja2 import Environment, StrictUndefined

from bot.i18n import SOURCE, catalogue, language

PREFIX = "/static/chat/"
LONG = "public, max-age=31536000, immutable"
TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file under a name that changes with its contents; packed once."""

    name: str
    kind: str
    body: bytes
    packed: bytes

    def response(self, request: web.Request) -> web.Response:
        """The file, packed for a browser that unpacks."""
        headers = {"Cache-Control": LONG, "Vary": "Accept-Encoding"}
        packed = "gzip" in request.headers.get("Accept-Encoding", "")
        if packed:
            headers["Content-Encoding"] = "gzip"
        return web.Response(
            body=self.packed if packed else self.body, content_type=TYPES[self.kind], charset="utf-8", headers=headers
        )


@cache
def assets() -> Mapping[str, Asset]:
    """The page's files by their source name (`chat.css`)."""
    found = {}
    for path in (files("bot.channels.web") / "static").iterdir():
        stem, _, kind = path.name.rpartition(".")
        if kind in TYPES:
            body = path.read_bytes()
            version = hashlib.sha256(body).hexdigest()[:10]
            found[path.name] = Asset(f"{stem}.{version}.{kind}", kind, body, gzip.compress(body, 9, mtime=0))
    return found


@cache
def by_name() -> Mapping[str, Asset]:
    """The same by the name they are asked for."""
    return {a.name: a for a in assets().values()}


@cache
def page(code: str, *, demo: bool) -> str:
    """The page in a language, the same for everybody: what was said is fetched by its script."""
    source = (files("bot.channels.web") / "templates" / "chat.html").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    links = {name.replace(".", "_"): PREFIX + asset.name for name, asset in assets().items()}
    texts, own = _texts("web.", code), _in_html(_texts("web.script.", code))
    other = "vi" if code == "en" else "en"
    return environment.from_string(source).render(t=texts, own=own, lang=code, other=other, demo=demo, **links)


def _texts(table: str, code: str) -> dict[str, str]:
    """The texts that stand in one table of locales/*/web.toml."""
    keys = [k for k in catalogue(SOURCE) if k.startswith(table) and "." not in k.removeprefix(table)]
    return {k.removeprefix(table): language(code).say(k) for k in keys}


def _in_html(texts: Mapping[str, str]) -> str:
    """JSON that cannot end the element it stands in."""
    return json.dumps(texts, ensure_ascii=False).replace("<", "\\u003c").replace("&", "\\u0026").replace(">", "\\u003e")
