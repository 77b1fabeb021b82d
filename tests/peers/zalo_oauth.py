"""OAuth v4 of the Official Account: pairs of tokens, and a refresh token that works once."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from peers.zalo_front import Call
from peers.zalo_ledger import Ledger, Refusal

REFRESH_LIFE, CODE_LIFE = timedelta(seconds=7776000), timedelta(minutes=10)
WRONG_SECRET, WRONG_APP, WRONG_VERIFIER, WRONG_REFRESH, WRONG_GRANT = -14004, -14002, -14003, -14014, -118
WORDS = {
    WRONG_SECRET: "Invalid secret key",
    WRONG_APP: "App is inactive",
    WRONG_VERIFIER: "Invalid redirect uri or code verifier",
    WRONG_REFRESH: "Invalid refresh token",
    WRONG_GRANT: "Invalid grant",
}


@dataclass(frozen=True)
class Granted:
    """One token or code: until when, whether used or taken away, and a code's PKCE challenge."""

    until: datetime
    spent: bool = False
    challenge: str = ""


class Tokens:
    """What was issued. An access token outlives the refresh token that came with it."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._access: dict[str, Granted] = {}
        self._refresh = {ledger.credentials.refresh_token: Granted(ledger.clock() + REFRESH_LIFE)}
        self._codes: dict[str, Granted] = {}
        self.newest = ""

    def issue(self) -> dict[str, str]:
        """A new pair, as the answer gives it: the life is a string."""
        access, refresh = f"AT-{secrets.token_hex(12)}", f"RT-{secrets.token_hex(12)}"
        seconds = self._ledger.rules.access_seconds
        self._access[access] = Granted(self._ledger.clock() + timedelta(seconds=seconds))
        self._refresh[refresh] = Granted(self._ledger.clock() + REFRESH_LIFE)
        self.newest = access
        return {
            "access_token": access,
            "refresh_token": refresh,
            "expires_in": str(seconds),
            "refresh_token_expires_in": str(int(REFRESH_LIFE.total_seconds())),
        }

    def code(self, challenge: str = "") -> str:
        """What an administrator's approval brings to the callback; with a challenge PKCE is asked for."""
        code = secrets.token_urlsafe(16)
        self._codes[code] = Granted(self._ledger.clock() + CODE_LIFE, challenge=challenge)
        return code

    def revoke(self) -> None:
        """An administrator takes the grant away: no token of either kind works any more."""
        for kept in (self._access, self._refresh):
            kept.update({token: replace(granted, spent=True) for token, granted in kept.items()})

    def expire(self) -> None:
        """The access tokens end now, as after 25 hours."""
        now = self._ledger.clock()
        self._access = {token: replace(granted, until=now) for token, granted in self._access.items()}

    def check(self, access: str, proof: str | None) -> None:
        """-216 for a token that is none, the account's number for an old one, -220 for one taken away."""
        granted = self._access.get(access)
        if granted is None:
            raise Refusal(-216, "Access token is invalid")
        if granted.spent:
            raise Refusal(-220, "access_token is expired or removed")
        if granted.until <= self._ledger.clock():
            raise Refusal(self._ledger.rules.expired_code, "Access token has expired")
        if self._ledger.rules.proof_needed and proof != self.proof(access):
            raise Refusal(-242, "appsecret_proof is invalid")

    def proof(self, access: str) -> str:
        return hmac.new(self._ledger.credentials.app_secret.encode(), access.encode(), hashlib.sha256).hexdigest()

    def by_refresh(self, token: str) -> dict[str, str]:
        self._spend(self._refresh, token, WRONG_REFRESH)
        return self.issue()

    def by_code(self, code: str, verifier: str) -> dict[str, str]:
        granted = self._codes.get(code)
        if granted and granted.challenge and challenge_of(verifier) != granted.challenge:
            raise Refusal(WRONG_VERIFIER)
        self._spend(self._codes, code, WRONG_GRANT)
        return self.issue()

    def _spend(self, kept: dict[str, Granted], token: str, code: int) -> None:
        granted = kept.get(token)
        if granted is None or granted.spent or granted.until <= self._ledger.clock():
            raise Refusal(code)
        kept[token] = replace(granted, spent=True)


def challenge_of(verifier: str) -> str:
    """The PKCE challenge of a verifier."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


class OauthDesk:
    """`POST /v4/oa/access_token`: a form, the app's secret in a header, errors with HTTP 200."""

    product = "oauth"

    def __init__(self, ledger: Ledger, tokens: Tokens) -> None:
        self._ledger, self._tokens = ledger, tokens

    async def read(self, request: web.Request, method: str) -> Call:
        if request.content_type != "application/x-www-form-urlencoded":
            return Call(method, {}, request.headers, unreadable="the body must be a form")
        form = {k: v for k, v in (await request.post()).items() if isinstance(v, str)}
        return Call(method, form, request.headers)

    def user(self, call: Call) -> str:
        return ""

    def headers(self) -> dict[str, str]:
        return {}

    def refused(self, refusal: Refusal) -> dict[str, Any]:
        words = refusal.message or WORDS.get(refusal.code, "Error")
        return {
            "error_name": words,
            "error_reason": "",
            "error_description": words,
            "ref_doc": "https://developers.zalo.me/docs/",
            "error": refusal.code,
        }

    async def act(self, call: Call) -> dict[str, Any]:
        mine, form = self._ledger.credentials, call.body
        if call.unreadable:
            raise Refusal(WRONG_GRANT, call.unreadable)
        if form.get("app_id") != mine.app_id:
            raise Refusal(WRONG_APP)
        if not hmac.compare_digest(call.headers.get("secret_key", "").encode(), mine.app_secret.encode()):
            raise Refusal(WRONG_SECRET)
        if form.get("grant_type") == "refresh_token":
            return dict(self._tokens.by_refresh(form.get("refresh_token", "")))
        if form.get("grant_type") == "authorization_code":
            return dict(self._tokens.by_code(form.get("code", ""), form.get("code_verifier", "")))
        raise Refusal(WRONG_GRANT)
