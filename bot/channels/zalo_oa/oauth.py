"""OAuth v4 of the Official Account: the grant's address, a code or a refresh token for a new pair."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from aiohttp import ClientSession

from bot.channels import http

TIMEOUT = 20.0  # seconds for one request; the lease over a renewal lasts longer than four of them
LIFE = 90_000  # seconds an access token lives when Zalo does not say
INVALID_REFRESH, INVALID_GRANT = -14014, -118
INACTIVE_APP, WRONG_RETURN, WRONG_SECRET = -14002, -14003, -14004


@dataclass(frozen=True, slots=True)
class App:
    """Our app at Zalo, and where its OAuth is."""

    id: str
    secret: str
    url: str


@dataclass(frozen=True, slots=True)
class Pair:
    """What a grant gives; `seconds` the access token lives."""

    access: str
    refresh: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Denied:
    """Zalo said no."""

    code: int


Granted = Pair | Denied | http.NoAnswer


def permission_url(app: App, returns_to: str, state: str, verifier: str = "") -> str:
    """Where an administrator of the OA approves; with a verifier by PKCE."""
    query = {"app_id": app.id, "redirect_uri": returns_to, "state": state}
    if verifier:
        query["code_challenge"] = challenge(verifier)
    return f"{app.url}/v4/oa/permission?{urlencode(query)}"


def challenge(verifier: str) -> str:
    """base64url without padding of its SHA-256 (RFC 7636)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def returned(address: str) -> Mapping[str, str]:
    """`code`, `oa_id` and `state` of the address the browser came back to; a bare code is one too."""
    parts = urlsplit(address.strip())
    query = {k: v[-1] for k, v in parse_qs(parts.query).items()}
    return query if query else {"code": address.strip()} if not parts.scheme else {}


def proof(access: str, secret: str) -> str:
    """The header `appsecret_proof`: hex HMAC-SHA256 of the access token under the app secret."""
    return hmac.new(secret.encode(), access.encode(), hashlib.sha256).hexdigest()


async def by_code(client: ClientSession, app: App, code: str, verifier: str = "") -> Granted:
    """The first pair. A code lives ten minutes and works once."""
    more = {"code_verifier": verifier} if verifier else {}
    return await _ask(client, app, {"code": code, "grant_type": "authorization_code", **more})


async def by_refresh(client: ClientSession, app: App, token: str) -> Granted:
    """The next pair. After NoAnswer with `taken` the old refresh token may be spent."""
    return await _ask(client, app, {"refresh_token": token, "grant_type": "refresh_token"})


async def _ask(client: ClientSession, app: App, form: Mapping[str, str]) -> Granted:
    data, headers = {"app_id": app.id, **form}, {"secret_key": app.secret}
    url = f"{app.url}/v4/oa/access_token"
    return _read(await http.call(client, "POST", url, timeout=TIMEOUT, data=data, headers=headers))


def _read(body: dict[str, Any] | http.NoAnswer) -> Granted:
    if isinstance(body, http.NoAnswer):
        return body
    access, refresh = body.get("access_token"), body.get("refresh_token")
    if isinstance(access, str) and isinstance(refresh, str) and access and refresh:
        return Pair(access, refresh, _number(body.get("expires_in")) or LIFE)
    return Denied(_number(body.get("error")))


def _number(value: Any) -> int:
    """`expires_in` is a string."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return 0
