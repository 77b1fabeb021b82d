"""Webhook events of both products, as bytes ready to post, and their signatures."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from peers.zalo_ledger import Ledger, Person

Signing = Literal["right", "wrong", "missing", "hmac"]
MEDIA: dict[str, dict[str, Any]] = {
    "image": {"thumbnail": "https://f1.photo.talk.zdn.vn/small.jpg", "url": "https://f1.photo.talk.zdn.vn/large.jpg"},
    "gif": {"thumbnail": "https://f1.photo.talk.zdn.vn/small.jpg", "url": "https://f1.photo.talk.zdn.vn/moving.gif"},
    "sticker": {"id": "bfe458bf64fa8da4d4eb", "url": "https://api.zaloapp.com/api/emoticon/example"},
    "link": {"url": "https://example.com", "title": "Example", "description": "a page", "thumbnail": ""},
    "audio": {"url": "https://example.zdn.vn/voice.aac"},
    "video": {"thumbnail": "https://example.zdn.vn/still.jpg", "url": "https://example.zdn.vn/film.mp4"},
    "file": {"url": "https://example.zdn.vn/cv.pdf", "name": "cv.pdf", "size": "102400", "type": "pdf"},
    "location": {"coordinates": {"latitude": "11.7376", "longitude": "108.3736"}},
    "business_card": {"url": "https://example.zdn.vn/card", "thumbnail": "", "description": '{"phone":"84900000001"}'},
}
BOT_MEDIA: dict[str, dict[str, Any]] = {
    "image": {"photo_url": "https://photo-stal-1.zdn.vn/a.jpg", "caption": "", "message_type": "CHAT_PHOTO"},
    "voice": {"voice_url": "https://f2-voice-aac-dl.zdn.vn/a.aac", "message_type": "CHAT_VOICE"},
    "sticker": {"sticker": "0e078a2f", "url": "https://example.zdn.vn/a.png", "message_type": "CHAT_STICKER"},
    "link": {"url": "https://example.com"},
    "unsupported": {},
}


@dataclass(frozen=True)
class Event:
    """One event: what is posted (`body`), whom it is about, and whether it opens the person's window."""

    product: str
    name: str
    body: bytes
    user: str
    at: datetime
    msg_id: str = ""
    interacts: bool = False
    zns: bool = False  # comes with X-ZEvent-Server: ZNS

    @property
    def payload(self) -> dict[str, Any]:
        return json.loads(self.body) if self.body else {}


def raw(payload: Mapping[str, Any]) -> bytes:
    """Zalo's way to write JSON: no spaces, letters as they are."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def mac(app_id: str, body: bytes, timestamp: str, key: str) -> str:
    """The hex digits of an OA signature: a plain SHA-256, not an HMAC."""
    return hashlib.sha256(app_id.encode() + body + timestamp.encode() + key.encode()).hexdigest()


def oa_headers(event: Event, app_id: str, key: str, signing: Signing = "right") -> dict[str, str]:
    """The headers Zalo sends, or those of somebody who is not Zalo."""
    headers = {"Content-Type": "application/json"} | ({"X-ZEvent-Server": "ZNS"} if event.zns else {})
    if not event.body or signing == "missing":
        return headers if event.body else {}
    if signing == "hmac":  # what several public projects mistake it for
        digits = hmac.new(key.encode(), event.body, hashlib.sha256).hexdigest()
    else:
        stamp = str(event.payload.get("timestamp", ""))
        digits = mac(app_id, event.body, stamp, key if signing == "right" else key + "x")
    return {**headers, "X-ZEvent-Signature": f"mac={digits}"}


def bot_headers(event: Event, secret: str, signing: Signing = "right") -> dict[str, str]:
    """The Bot Platform shows the secret itself."""
    if not event.body:
        return {}
    shown = {"right": secret, "wrong": secret[:-1] + "~", "hmac": hashlib.sha256(secret.encode()).hexdigest()}
    return {"Content-Type": "application/json"} | (
        {"X-Bot-Api-Secret-Token": shown[signing]} if signing != "missing" else {}
    )


class OaEvents:
    """Makes the events of the Official Account; nothing is posted and no window opens until they are delivered."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def text(self, who: Person, text: str, **more: Any) -> Event:
        """Something typed, or a tap: a tapped payload arrives as text (`quote_msg_id=` for a reply)."""
        return self._from(who, "user_send_text", {"text": text, "msg_id": self._ledger.new_id(), **more})

    def media(self, who: Person, kind: str, text: str | None = "", **payload: Any) -> Event:
        """An image, sticker, file, place …; `text=None` leaves the field out, `payload` replaces parts."""
        message: dict[str, Any] = {} if text is None else {"text": text}
        attachment = {"type": kind, "payload": MEDIA[kind] | payload}
        message |= {"msg_id": self._ledger.new_id(), "attachments": [attachment]}
        return self._from(who, f"user_send_{kind}", message)

    def follow(self, who: Person, *, gone: bool = False) -> Event:
        """`follow` or `unfollow`: the person is `follower`, there is no sender and no message."""
        body = {"oa_id": self._oa, "follower": {"id": who.user_id}, "user_id_by_app": who.user_id_by_app}
        return self._made("unfollow" if gone else "follow", who.user_id, body, {"source": "oa_profile"}, not gone)

    def chat_now(self, who: Person) -> Event:
        body = {"oa_id": self._oa, "user_id": who.user_id, "user_id_by_app": who.user_id_by_app}
        return self._made("user_click_chatnow", who.user_id, body, {}, opens=True)

    def submit_info(self, who: Person, *, legacy: bool = False, **info: Any) -> Event:
        """Contact details the person shared, in the shape of 2026 or in the older flat one."""
        ends = {"sender": {"id": who.user_id}, "recipient": {"id": self._oa}}
        if legacy:
            place = {"address": "Thôn 3", "city": "Lâm Đồng", "district": "Đức Trọng", "ward": "Liên Nghĩa"}
            return self._made("user_submit_info", who.user_id, ends, {"info": _contact(who) | place | info})
        place = {"user_city": "Tỉnh Lâm Đồng", "user_ward": "Xã Đức Trọng", "user_address": "Thôn 3"}
        rest = {"user_dob": "30/10/1999", "gender": "Nữ", "full_address": place}
        return self._made("user_submit_info", who.user_id, ends, {"info": _contact(who) | rest | info})

    def echo(self, who: Person, text: str, msg_id: str = "", admin_id: str = "", kind: str = "text") -> Event:
        """Our own message coming back; with `admin_id` an officer typed it in OA Manager."""
        sender = {"id": self._oa} | ({"admin_id": admin_id} if admin_id else {})
        return self._to(who, f"oa_send_{kind}", {"text": text, "msg_id": msg_id or self._ledger.new_id()}, sender)

    def received(self, who: Person, msg_id: str) -> Event:
        message = {"msg_id": msg_id, "delivery_time": str(self._ledger.now_ms())}
        return self._to(who, "user_received_message", message)

    def seen(self, who: Person, *msg_ids: str, old: bool = False) -> Event:
        """A seen mark: an array of ids, formerly one."""
        return self._to(who, "user_seen_message", {"msg_id": msg_ids[0]} if old else {"msg_ids": list(msg_ids)})

    def reacted(self, who: Person, msg_id: str, icon: str = "/-heart", *, by_oa: bool = False) -> Event:
        message = {"msg_id": msg_id, "react_icon": icon}
        return (
            self._to(who, "oa_reacted_message", message) if by_oa else self._from(who, "user_reacted_message", message)
        )

    def tagged(self, tag: str, *people: Person) -> Event:
        body: dict[str, Any] = {"oa_id": self._oa, "tag": {"user_ids": [p.user_id for p in people], "name": tag}}
        return self._made("add_user_to_tag", people[0].user_id if people else "", body, {})

    def anonymous(self, text: str) -> Event:
        message = {"text": text, "msg_id": self._ledger.new_id(), "conversation_id": "conv-1"}
        ends = {"sender": {"id": "anon-7f1c"}, "recipient": {"id": self._oa}}
        return self._made("anonymous_send_text", "anon-7f1c", ends, {"message": message})

    def phone_received(self, phone: str, msg_id: str, tracking_id: str) -> Event:
        """The receipt of a template sent by phone: the recipient is the phone."""
        message = {"delivery_time": str(self._ledger.now_ms()), "msg_id": msg_id, "tracking_id": tracking_id}
        ends = {"sender": {"id": self._oa}, "recipient": {"id": phone}}
        return replace(self._made("user_received_message", phone, ends, {"message": message}), zns=True)

    def template_status(self, template_id: str, new: str, old: str = "PENDING_REVIEW", reason: str = "") -> Event:
        status = {"prev_status": old, "new_status": new}
        body = {"oa_id": self._oa, "template_id": template_id, "status": status, "reason": reason}
        return replace(self._made("change_template_status", "", body, {}), zns=True)

    def daily_quota(self, old: int, new: int) -> Event:
        """Here the account's field is `oaId`."""
        body = {"oaId": self._oa, "quota": {"prev_value": str(old), "new_value": str(new)}}
        return replace(self._made("change_oa_daily_quota", "", body, {}), zns=True)

    def other(self, name: str, **body: Any) -> Event:
        """An event of any name, known or not: calls' consents, groups, what comes next year."""
        return self._made(name, "", body, {})

    @property
    def _oa(self) -> str:
        return self._ledger.credentials.oa_id

    def _from(self, who: Person, name: str, message: dict[str, Any]) -> Event:
        ends = {"sender": {"id": who.user_id}, "user_id_by_app": who.user_id_by_app, "recipient": {"id": self._oa}}
        return self._made(name, who.user_id, ends, {"message": message}, opens=name != "user_reacted_message")

    def _to(self, who: Person, name: str, message: dict[str, Any], sender: dict[str, str] | None = None) -> Event:
        ends = {"sender": sender or {"id": self._oa}, "user_id_by_app": who.user_id_by_app}
        return self._made(name, who.user_id, ends | {"recipient": {"id": who.user_id}}, {"message": message})

    def _made(self, name: str, user: str, ends: dict[str, Any], rest: dict[str, Any], opens: bool = False) -> Event:
        stamp = {"timestamp": str(self._ledger.now_ms())}
        body = {"app_id": self._ledger.credentials.app_id, **ends, "event_name": name, **rest, **stamp}
        msg_id = str(rest.get("message", {}).get("msg_id", ""))
        return Event("oa", name, raw(body), user, self._ledger.clock(), msg_id, interacts=opens)


class BotEvents:
    """Makes the updates of the Bot Platform: flat as live traffic is, or wrapped as the documents show."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def text(self, who: Person, text: str, *, wrapped: bool = False, group: str = "") -> Event:
        return self._made(who, "text", {"text": text}, wrapped=wrapped, group=group)

    def media(self, who: Person, kind: str, *, wrapped: bool = False, documented: bool = False, **fields: Any) -> Event:
        """An image, voice, sticker, link, or `unsupported`; `documented` names a photo as the documents do."""
        body = BOT_MEDIA[kind] | fields
        if documented and kind == "image":
            body["photo"] = body.pop("photo_url")
        return self._made(who, kind, body, wrapped=wrapped)

    def _made(self, who: Person, kind: str, fields: dict[str, Any], *, wrapped: bool, group: str = "") -> Event:
        chat = {"chat_type": "GROUP", "id": group} if group else {"chat_type": "PRIVATE", "id": who.chat_id}
        message = {
            "date": self._ledger.now_ms(),
            "chat": chat,
            "message_id": self._ledger.new_id(),
            "from": {"id": who.chat_id, "is_bot": False, "display_name": who.name},
            **fields,
        }
        name = f"message.{kind}.received"
        body: dict[str, Any] = {"event_name": name, "message": message}
        event = Event("bot", name, raw(body), chat["id"], self._ledger.clock(), message["message_id"], interacts=True)
        return replace(event, body=raw({"ok": True, "result": body})) if wrapped else event


def _contact(who: Person) -> dict[str, Any]:
    return {"name": who.name, "phone": who.phone}
