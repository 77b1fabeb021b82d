"""The Official Account's OpenAPI: token in a header, errors with HTTP 200, windows and quotas."""

import json
from collections.abc import Awaitable, Callable
from pathlib import PurePath
from typing import Any

from aiohttp import web

from peers.zalo_front import Call, read_json
from peers.zalo_ledger import ZONE, Ledger, Member, Refusal, Sent
from peers.zalo_message import checked
from peers.zalo_oauth import Tokens
from peers.zalo_zbs import check_template

ROUTES = {
    "cs": ("POST", "/v3.0/oa/message/cs"),
    "template": ("POST", "/v3.0/oa/message/template"),
    "quota": ("POST", "/v3.0/oa/quota/message"),
    "user/detail": ("GET", "/v3.0/oa/user/detail"),
    "user/getlist": ("GET", "/v3.0/oa/user/getlist"),
    "getoa": ("GET", "/v2.0/oa/getoa"),
    "upload/image": ("POST", "/v2.0/oa/upload/image"),
    "upload/gif": ("POST", "/v2.0/oa/upload/gif"),
    "upload/file": ("POST", "/v2.0/oa/upload/file"),
    "v2": ("POST", "/v2.0/oa/message"),
    "v2/dead": ("POST", "/v2.0/oa/message/{rest:.+}"),
}
WORDS = {
    -32: "Your application reached limit call api",
    -201: "Invalid parameter",
    -210: "Parameter exceeds allowable limit",
    -211: "Out of quota",
    -213: "User has not followed OA",
    -216: "Access token is invalid",
    -220: "access_token is expired or removed",
    -230: "User has not interacted with the OA in the past 7 days",
    -240: "MessageV2 API has been shut down, please switch to MessageV3",
}
MEGABYTE = 1024 * 1024
UPLOADS: dict[str, tuple[int, dict[str, bytes]]] = {
    "image": (MEGABYTE, {".jpg": b"\xff\xd8", ".jpeg": b"\xff\xd8", ".png": b"\x89PNG"}),
    "gif": (5 * MEGABYTE, {".gif": b"GIF8"}),
    "file": (5 * MEGABYTE, {".pdf": b"%PDF", ".doc": b"", ".docx": b"PK", ".csv": b""}),
}


class OaDesk:
    """The methods on openapi.zalo.me."""

    product = "oa"

    def __init__(self, ledger: Ledger, tokens: Tokens) -> None:
        self._ledger, self._tokens, self._left = ledger, tokens, ledger.rules.calls_per_minute
        self._acts: dict[str, Callable[[dict[str, Any]], Awaitable[Any]]] = {
            "cs": self._cs,
            "template": self._template,
            "quota": self._quota,
            "user/detail": self._detail,
            "user/getlist": self._list,
            "getoa": self._about,
            "v2": self._v2,
            "v2/dead": self._dead,
        }

    async def read(self, request: web.Request, method: str) -> Call:
        if method.startswith("upload/"):
            body, why = await _read_upload(request)
        elif request.method == "POST":
            body, why = await read_json(request)
        else:
            body, why = ({}, "") if method == "getoa" else _read_data(request)
        return Call(method, body, request.headers, unreadable=why)

    def user(self, call: Call) -> str:
        recipient = call.body.get("recipient")
        inner = recipient.get("user_id") if isinstance(recipient, dict) else None
        return str(inner or call.body.get("user_id") or "")

    def headers(self) -> dict[str, str]:
        most = self._ledger.rules.calls_per_minute
        return {"X-RateLimit-Limit": str(most), "X-RateLimit-Remain": str(self._left)}

    def refused(self, refusal: Refusal) -> dict[str, Any]:
        return {"error": refusal.code, "message": refusal.message or WORDS.get(refusal.code, "Error")}

    async def act(self, call: Call) -> dict[str, Any]:
        self._left = 0
        self._tokens.check(call.headers.get("access_token", ""), call.headers.get("appsecret_proof"))
        self._left = self._ledger.take_call()
        if call.unreadable:
            raise Refusal(-201, call.unreadable)
        if call.method.startswith("upload/"):
            data = self._upload(call.method.removeprefix("upload/"), call.body)
        else:
            data = await self._acts[call.method](call.body)
        return {"data": data, "error": 0, "message": "Success"}

    async def _cs(self, body: dict[str, Any]) -> Any:
        if set(body) != {"recipient", "message"} or not isinstance(body["recipient"], dict):
            raise Refusal(-201, "the body must hold recipient and message")
        if set(body["recipient"]) != {"user_id"}:
            raise Refusal(-201, "recipient must hold user_id alone")
        content = checked(body["message"], self._ledger.asset)
        member = self._ledger.member(body["recipient"]["user_id"])
        quota, message_id, user = self._ledger.take_reply(member), self._ledger.new_id(), member.person.user_id
        number, now = len(self._ledger.sent) + 1, self._ledger.clock()
        self._ledger.record(
            Sent(number, "oa", "cs", user, content.text, content.buttons, now, message_id, content.kind, body)
        )
        return {"message_id": message_id, "user_id": user, "quota": quota}

    async def _template(self, body: dict[str, Any]) -> Any:
        if set(body) != {"user_id", "template_id", "template_data"}:
            raise Refusal(-201, "the body must hold user_id, template_id and template_data, nothing else")
        member = self._ledger.member(body["user_id"])
        template = check_template(self._ledger, body)
        if not template.uid:
            raise Refusal(-249, "template is not a UID template")
        if self._ledger.night():
            raise Refusal(-234, "Not allowed to send this message at night (22:00-06:00)")
        number, message_id, user = len(self._ledger.sent) + 1, self._ledger.new_id(), member.person.user_id
        now = self._ledger.clock()
        self._ledger.record(Sent(number, "oa", "template", user, "", (), now, message_id, "template", body))
        quota = {"quota_type": "purchase_quota", "remain": self._ledger.rules.template_daily}
        return {"message_id": message_id, "user_id": user, "sent_time": str(self._ledger.now_ms()), "quota": quota}

    async def _quota(self, body: dict[str, Any]) -> Any:
        if set(body) == {"user_id"}:
            member = self._ledger.member(body["user_id"])
            left, total = self._ledger.free_left(member)
            daily = {"daily_remain": 1, "daily_total": 1, "monthly_remain": 4, "monthly_total": 4}
            last = str(int(member.last.timestamp() * 1000)) if member.last else ""
            return {"last_interaction": last, "cs_reply": {"remain": left, "total": total}, "promotion": daily}
        if body.get("quota_owner") not in ("OA", "App") or set(body) - {"quota_owner", "product_type", "quota_type"}:
            raise Refusal(-201, "quota_owner must be OA or App")
        row: dict[str, Any] = {"asset_id": "8c273149281ac144980b", "product_type": "cs", "quota_type": "sub_quota"}
        row |= {
            "valid_through": f"28/{self._ledger.local():%m/%Y}",
            "total": 2000,
            "remain": self._ledger.rules.package,
        }
        return [row] if all(row[k] == v for k, v in body.items() if k != "quota_owner") else []

    async def _detail(self, query: dict[str, Any]) -> Any:
        if set(query) != {"user_id"}:
            raise Refusal(-201, "data must hold user_id alone")
        return _profile(self._ledger.member(query["user_id"]))

    async def _list(self, query: dict[str, Any]) -> Any:
        offset, count = query.get("offset"), query.get("count")
        if not isinstance(offset, int) or not isinstance(count, int) or offset < 0 or count < 1:
            raise Refusal(-201, "offset and count must be whole numbers")
        if offset > 9951 or count > 50:
            raise Refusal(-210, "offset at most 9951, count at most 50")
        wanted = query.get("is_follower")
        found = [m for m in self._ledger.members.values() if wanted is None or m.follower == (wanted == "true")]
        users = [{"user_id": m.person.user_id} for m in found[offset : offset + count]]
        return {"total": len(found), "count": count, "offset": offset, "users": users}

    async def _about(self, _: dict[str, Any]) -> Any:
        about = {"oa_id": self._ledger.credentials.oa_id, "name": "Trung tâm Ví Dụ", "is_verified": True}
        return about | {"package_name": "Nâng cao", "linked_ZCA": "zca-1", "num_follower": len(self._ledger.members)}

    async def _v2(self, body: dict[str, Any]) -> Any:
        """Alive for reactions and for an article to followers by segment, for nothing else."""
        recipient = body.get("recipient")
        if isinstance(recipient, dict) and "sender_action" in body:
            self._ledger.member(recipient.get("user_id"))
            return {"message_id": self._ledger.new_id()}
        if not isinstance(recipient, dict) or "target" not in recipient:
            raise Refusal(-240)
        if self._ledger.night():
            raise Refusal(-234, "Not allowed to send this message at night (22:00-06:00)")
        number, message_id, now = len(self._ledger.sent) + 1, self._ledger.new_id(), self._ledger.clock()
        self._ledger.record(Sent(number, "oa", "v2", "", "", (), now, message_id, "article", body))
        return {"message_id": message_id}

    async def _dead(self, _: dict[str, Any]) -> Any:
        raise Refusal(-240)

    def _upload(self, kind: str, body: dict[str, Any]) -> Any:
        most, types = UPLOADS[kind]
        name, data = body["name"], body["data"]
        suffix = PurePath(name).suffix.lower()
        if not suffix:  # no error: the answer just holds nothing
            return {}
        if len(data) > most:
            raise Refusal(-210, f"the file is larger than {most} bytes")
        if suffix not in types or not data.startswith(types[suffix]):
            raise Refusal(-201, f"the file must be one of {', '.join(types)}")
        asset = self._ledger.keep(kind, name, data)
        return {"token": asset.id} if kind == "file" else {"attachment_id": asset.id}


def _profile(member: Member) -> dict[str, Any]:
    person, last = member.person, member.last
    shared = {"address": "", "city": "", "district": "", "phone": "", "name": ""} | member.shared
    return {
        "user_id": person.user_id,
        "user_id_by_app": person.user_id_by_app,
        "user_external_id": "",
        "display_name": person.name,
        "user_alias": "",
        "is_sensitive": False,
        "user_last_interaction_date": f"{last.astimezone(ZONE):%d/%m/%Y}" if last else "",
        "user_is_follower": member.follower,
        "avatar": "https://s120-ava-talk.zadn.vn/x.jpg",
        "avatars": {"120": "https://s120-ava-talk.zadn.vn/x.jpg", "240": "https://s240-ava-talk.zadn.vn/x.jpg"},
        "dynamic_param": "",
        "tags_and_notes_info": {"notes": [], "tag_names": []},
        "shared_info": shared,
    }


def _read_data(request: web.Request) -> tuple[dict[str, Any], str]:
    """A GET carries one parameter, `data`, and JSON in it."""
    if list(request.query) != ["data"]:
        return {}, "the query must be data=<JSON> alone"
    try:
        data = json.loads(request.query["data"])
    except ValueError:
        return {}, "data is no JSON"
    return (data, "") if isinstance(data, dict) else ({}, "data is no JSON object")


async def _read_upload(request: web.Request) -> tuple[dict[str, Any], str]:
    if request.content_type != "multipart/form-data":
        return {}, "the body must be multipart/form-data"
    part = (await request.post()).get("file")
    if not isinstance(part, web.FileField):
        return {}, "the multipart field must be a file named file"
    with part.file as stream:
        return {"name": part.filename, "data": stream.read()}, ""
