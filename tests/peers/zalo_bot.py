"""The Zalo Bot Platform: token in the URL, one update at a time, no buttons, nobody written to first."""

import asyncio
import ipaddress
import json
import secrets
import unicodedata
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from peers.zalo_front import Call, read_json
from peers.zalo_ledger import MOST_TEXT, Ledger, Refusal, Sent

WORDS = {
    400: "Bad request",
    401: "Unauthorized",
    403: "Internal error",
    404: "Not found",
    408: "Request timeout",
    429: "Quota exceeded",
}
LOOPBACK = {("http", host) for host in ("127.0.0.1", "::1", "localhost")}
PARAMETERS: dict[str, tuple[set[str], set[str]]] = {
    "getMe": (set(), set()),
    "getUpdates": (set(), {"timeout"}),
    "setWebhook": ({"url", "secret_token"}, set()),
    "deleteWebhook": (set(), set()),
    "getWebhookInfo": (set(), set()),
    "sendMessage": ({"chat_id", "text"}, {"parse_mode", "text_styles"}),
    "sendPhoto": ({"chat_id", "photo"}, {"caption"}),
    "sendSticker": ({"chat_id", "sticker"}, set()),
    "sendVoice": ({"chat_id", "voice_url"}, set()),
    "sendChatAction": ({"chat_id", "action"}, set()),
}


class BotDesk:
    """The methods below `/bot<token>/`."""

    product = "bot"

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.webhook, self.secret, self.changed = "", "", 0
        self.updates: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def read(self, request: web.Request, method: str) -> Call:
        token = request.match_info["token"]
        body: dict[str, Any] = dict(request.query)
        why = ""
        if request.method == "POST" and request.content_type in (
            "application/x-www-form-urlencoded",
            "multipart/form-data",
        ):
            body |= {k: v for k, v in (await request.post()).items() if isinstance(v, str)}
        elif request.method == "POST" and request.can_read_body and await request.read():
            more, why = await read_json(request)
            body |= more
        return Call(method, body, request.headers, token, why)

    def user(self, call: Call) -> str:
        return str(call.body.get("chat_id", ""))

    def headers(self) -> dict[str, str]:
        return {}

    def refused(self, refusal: Refusal) -> dict[str, Any]:
        if refusal.code == 426:  # seen once, and in another spelling than all the others
            return {"ok": False, "errorCode": 426, "message": "over limit"}
        words = refusal.message or WORDS.get(refusal.code, "Error")
        return {"ok": False, "description": words, "error_code": refusal.code}

    async def act(self, call: Call) -> dict[str, Any]:
        if not secrets.compare_digest(call.key.encode(), self._ledger.credentials.bot_token.encode()):
            raise Refusal(401)
        if call.method not in PARAMETERS:
            raise Refusal(404)
        if call.unreadable:
            raise Refusal(400, call.unreadable)
        needed, allowed = PARAMETERS[call.method]
        if missing := needed - set(call.body):
            raise Refusal(400, f"missing: {', '.join(sorted(missing))}")
        # The real one may well ignore what it does not know; a program that counts on it is mistaken.
        if strange := set(call.body) - needed - allowed:
            raise Refusal(400, f"unknown: {', '.join(sorted(strange))}")
        if call.method.startswith("send"):
            return await self._send(call)
        if call.method == "getUpdates":
            return {"ok": True, "result": await self._update(call.body.get("timeout", "30"))}
        return {"ok": True, "result": self._manage(call)}

    def _manage(self, call: Call) -> dict[str, Any]:
        if call.method == "getMe":
            return {
                "id": "1459232241454765289",
                "account_name": "bot.VDKyGxQvc",
                "account_type": "BASIC",
                "can_join_groups": False,
            }
        if call.method == "setWebhook":
            self.set_webhook(call.body["url"], call.body["secret_token"])
        if call.method == "deleteWebhook":
            self.webhook, self.secret, self.changed = "", "", self._ledger.now_ms()
        return {"url": self.webhook, "updated_at": self.changed}

    def set_webhook(self, url: Any, secret: Any) -> None:
        """From now on events are posted there and `getUpdates` is refused."""
        if not isinstance(secret, str) or not 8 <= len(secret) <= 256:
            raise Refusal(400, "secret_token must have 8 to 256 characters")
        scheme, host = _parts(url)
        if not host or (scheme != "https" and (scheme, host) not in LOOPBACK):
            raise Refusal(400, "url must be https")
        self.webhook, self.secret, self.changed = url, secret, self._ledger.now_ms()

    async def _update(self, timeout: Any) -> dict[str, Any]:
        if self.webhook:
            raise Refusal(400, "getUpdates is not available while a webhook is set")
        if not isinstance(timeout, str) or not timeout.isdigit():
            raise Refusal(400, "timeout must be a string of digits")
        try:
            async with asyncio.timeout(min(int(timeout), self._ledger.rules.longest_poll)):
                return await self.updates.get()
        except TimeoutError as idle:
            raise Refusal(408) from idle

    async def _send(self, call: Call) -> dict[str, Any]:
        body, rules = call.body, self._ledger.rules
        text = CHECKS[call.method](body)
        if not isinstance(body["chat_id"], str):
            raise Refusal(400, "chat_id must be a string")
        if body["chat_id"] not in self._ledger.chats:
            raise Refusal(404, "Chat not found")
        if call.method == "sendChatAction":
            return {"ok": True}
        if rules.bot_messages is not None:
            if rules.bot_messages <= 0:
                raise Refusal(429)
            rules.bot_messages -= 1
        number, message_id, kind = len(self._ledger.sent) + 1, self._ledger.new_id(), KINDS[call.method]
        now = self._ledger.clock()
        self._ledger.record(
            Sent(number, "bot", call.method, body["chat_id"], text, (), now, message_id, kind, dict(body))
        )
        return {"ok": True, "result": {"message_id": message_id, "date": self._ledger.now_ms()}}


def _check_text(body: dict[str, Any]) -> str:
    text = _text(body["text"], "text")
    if not text.strip():
        raise Refusal(400, "text is empty")
    if body.get("parse_mode", "markdown") not in ("markdown", "html"):
        raise Refusal(400, "parse_mode must be markdown or html")
    styles = body.get("text_styles", [])
    styles = _json(styles) if isinstance(styles, str) else styles
    units = len(text.encode("utf-16-le")) // 2
    if not isinstance(styles, list) or not all(_style(style, units) for style in styles):
        raise Refusal(400, "text_styles is invalid")
    return text


def _check_photo(body: dict[str, Any]) -> str:
    if not public_url(body["photo"]):
        raise Refusal(400, "photo must be a public URL")
    return _text(body.get("caption", ""), "caption")


def _check_voice(body: dict[str, Any]) -> str:
    if not public_url(body["voice_url"]) or not urlsplit(body["voice_url"]).path.endswith(".aac"):
        raise Refusal(400, "voice_url must be a public URL of an .aac file")
    return ""


def _check_sticker(body: dict[str, Any]) -> str:
    if not isinstance(body["sticker"], str) or not body["sticker"]:
        raise Refusal(400, "sticker is invalid")
    return ""


def _check_action(body: dict[str, Any]) -> str:
    if body["action"] != "typing":
        raise Refusal(400, "action must be typing")
    return ""


CHECKS = {
    "sendMessage": _check_text,
    "sendPhoto": _check_photo,
    "sendVoice": _check_voice,
    "sendSticker": _check_sticker,
    "sendChatAction": _check_action,
}
KINDS = {"sendMessage": "text", "sendPhoto": "photo", "sendVoice": "voice", "sendSticker": "sticker"}


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise Refusal(400, f"{name} must be a string")
    if len(unicodedata.normalize("NFC", value)) > MOST_TEXT:
        raise Refusal(400, f"{name} is longer than {MOST_TEXT} characters")
    return value


def _style(style: Any, units: int) -> bool:
    if not isinstance(style, dict) or set(style) != {"start", "len", "st"} or not isinstance(style["st"], str):
        return False
    start, length = style["start"], style["len"]
    return isinstance(start, int) and isinstance(length, int) and start >= 0 < length and start + length <= units


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def public_url(url: Any) -> bool:
    """Whether Zalo's servers could fetch it: a web address outside this machine and this house."""
    scheme, host = _parts(url)
    if scheme not in ("https", "http") or not host:
        return False
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host


def _parts(url: Any) -> tuple[str, str]:
    """Scheme and host, empty where there is none."""
    try:
        parts = urlsplit(url if isinstance(url, str) else "")
    except ValueError:
        return "", ""
    return parts.scheme, parts.hostname or ""
