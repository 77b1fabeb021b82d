"""ZBS template messages (formerly ZNS) by phone: paid, approved beforehand, never at night."""

import re
from typing import Any

from aiohttp import web

from peers.zalo_front import Call, read_json
from peers.zalo_ledger import Ledger, Refusal, Sent, Template
from peers.zalo_oauth import Tokens

ROUTES = {
    "phone": ("POST", "/message/template"),
    "phone/quota": ("GET", "/message/quota"),
    "phone/status": ("GET", "/message/status"),
}
WORDS = {-124: "Access token invalid", -108: "Phone number is invalid", -109: "Template id is invalid"}
# On this host a bad access token has a number of its own.
TOKEN_CODES = {-216, -220}
MOST_TRACKING = 48


def check_template(ledger: Ledger, body: dict[str, Any]) -> Template:
    """The template, if it may be sent and the data fill it."""
    template = ledger.templates.get(body["template_id"]) if isinstance(body["template_id"], str) else None
    if template is None:
        raise Refusal(-109)
    if template.status != "ENABLE":
        raise Refusal(-146 if template.status == "DISABLE" else -131, f"Template is {template.status}")
    data = body["template_data"]
    for name, most in template.params.items():
        value = data.get(name) if isinstance(data, dict) else None
        if not isinstance(value, str) or not value:
            raise Refusal(-1122, f"Template data is missing {name}")
        if len(value) > most:
            raise Refusal(-1121, f"Template data {name} is longer than {most}")
    return template


class ZbsDesk:
    """The methods on business.openapi.zalo.me."""

    product = "zbs"

    def __init__(self, ledger: Ledger, tokens: Tokens) -> None:
        self._ledger, self._tokens = ledger, tokens

    async def read(self, request: web.Request, method: str) -> Call:
        body, why = await read_json(request) if request.method == "POST" else (dict(request.query), "")
        return Call(method, body, request.headers, unreadable=why)

    def user(self, call: Call) -> str:
        return str(call.body.get("phone", ""))

    def headers(self) -> dict[str, str]:
        return {}

    def refused(self, refusal: Refusal) -> dict[str, Any]:
        return {"error": refusal.code, "message": refusal.message or WORDS.get(refusal.code, "Error")}

    async def act(self, call: Call) -> dict[str, Any]:
        try:
            self._tokens.check(call.headers.get("access_token", ""), call.headers.get("appsecret_proof"))
        except Refusal as refusal:
            raise (Refusal(-124) if refusal.code in TOKEN_CODES else refusal) from refusal
        if call.unreadable:
            raise Refusal(-201, call.unreadable)
        data = await self._phone(call.body) if call.method == "phone" else self._ask(call)
        return {"error": 0, "message": "Success", "data": data}

    def _ask(self, call: Call) -> Any:
        if call.method == "phone/quota":
            return self._left()
        known = any(s.message_id == call.body.get("message_id") for s in self._ledger.sent if s.product == "zbs")
        return {"delivery_time": str(self._ledger.now_ms()), "message": "", "status": 1} if known else {"status": -1}

    async def _phone(self, body: dict[str, Any]) -> Any:
        needed, allowed = {"phone", "template_id", "template_data"}, {"tracking_id", "sending_mode", "mode"}
        if not needed <= set(body) <= needed | allowed:
            raise Refusal(-201, "the body holds what it should not, or lacks what it should")
        phone, rules = body["phone"], self._ledger.rules
        if not isinstance(phone, str) or not re.fullmatch(r"84[0-9]{9}", phone):
            raise Refusal(-108)
        check_template(self._ledger, body)
        tracking = body.get("tracking_id", "")
        if not isinstance(tracking, str) or len(tracking) > MOST_TRACKING:
            raise Refusal(-1121, f"tracking_id is longer than {MOST_TRACKING}")
        if body.get("mode", "development") != "development" or body.get("sending_mode", "1") not in ("1", "3"):
            raise Refusal(-201, "mode or sending_mode is invalid")
        if self._ledger.night():
            raise Refusal(-133, "Not allowed to send at night (22:00-06:00)")
        if int(self._left()["remainingQuota"]) <= 0:
            raise Refusal(-144, "The daily quota of the OA is used up")
        if rules.zca_balance is not None:
            if rules.zca_balance <= 0:
                raise Refusal(-115, "The account has no balance")
            rules.zca_balance -= 1
        number, message_id, now = len(self._ledger.sent) + 1, self._ledger.new_id(), self._ledger.clock()
        self._ledger.record(Sent(number, "zbs", "phone", phone, "", (), now, message_id, "template", body))
        sent_time, mode = str(self._ledger.now_ms()), body.get("sending_mode", "1")
        return {"msg_id": message_id, "sent_time": sent_time, "sending_mode": mode, "quota": self._left()}

    def _left(self) -> dict[str, str]:
        today = self._ledger.local().date()
        days = [s.at.astimezone(self._ledger.local().tzinfo).date() for s in self._ledger.sent if s.product == "zbs"]
        total = self._ledger.rules.template_daily
        return {"dailyQuota": str(total), "remainingQuota": str(total - days.count(today))}
