"""What an event of the Official Account means to us. Pure: a decoded body in, one of six things out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.channels.bodies import ident, moment, part, text, update_id
from bot.model import Attachment, Contact, Incoming

CHANNEL = "zalo_oa"
PAYLOAD = "#"  # before the value of a button: what is tapped arrives as typed text
_ATTACHMENTS: Mapping[str, Attachment] = {
    "image": "image",
    "gif": "image",
    "sticker": "sticker",
    "link": "link",
    "audio": "voice",
    "voice": "voice",
    "location": "location",
    "business_card": "contact",
}
_TAPPED = re.compile(re.escape(PAYLOAD) + r"([a-z_]+:.*)", re.DOTALL)
_FIELDS = {"phone": ("phone",), "full_name": ("name",), "birth_date": ("user_dob", "dob", "birthday")}


@dataclass(frozen=True, slots=True)
class Left:
    """`unfollow`: no announcements any more; the person cannot be answered either."""

    incoming: Incoming


@dataclass(frozen=True, slots=True)
class Opened:
    """`user_click_chatnow`: the talk was opened; it counts as an interaction and asks nothing."""

    incoming: Incoming


@dataclass(frozen=True, slots=True)
class OfficerWrote:
    """An officer answered by hand in OA Manager (an echo with `admin_id`)."""

    contact: Contact
    at: datetime


@dataclass(frozen=True, slots=True)
class TemplateArrived:
    """The delivery event of a template: by phone it carries our tracking id, to a user id the message's alone."""

    tracking_id: str
    message_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Nothing:
    """Receipts, seen marks, our own echoes, groups, and names we do not know."""

    name: str
    known: bool = True


Event = Incoming | Left | Opened | OfficerWrote | TemplateArrived | Nothing
_UNINTERESTING = re.compile(
    r"oa_send_\w+|user_(received|seen)_message|(user|oa)_reacted_message|add_user_to_tag|\w*consent|\w*group\w*"
    r"|anonymous_\w+|change_\w+|user_received_\w+"
)


def parse(body: Mapping[str, Any], account: str, now: datetime, *, zns: bool = False) -> Event:
    """`account`: our app's id; `now` stands in for a time that cannot be read; `zns`: about templates. Never raises."""
    name = text(body.get("event_name"))[:60]
    subject = _subject(name, body)
    at = moment(body.get("timestamp"), now)
    if name.startswith("oa_send_") and ident(part(body, "sender").get("admin_id")):
        user = ident(part(body, "recipient").get("id"))
        return OfficerWrote(Contact(CHANNEL, account, user), at) if user else Nothing(name)
    message = part(body, "message")
    if name == "user_received_message" and (zns or "tracking_id" in message):
        arrived = moment(message.get("delivery_time"), at)
        return TemplateArrived(text(message.get("tracking_id"))[:48], ident(message.get("msg_id")), arrived)
    if _UNINTERESTING.fullmatch(name) or not subject:
        return Nothing(name)
    who = Contact(CHANNEL, account, subject)
    update = update_id(message.get("msg_id"), name, body.get("timestamp"), subject)  # "follow" has no msg_id
    if name == "follow":
        return Incoming(update, who, at, choice="act:greeting")
    if name in ("unfollow", "user_click_chatnow"):
        return (Left if name == "unfollow" else Opened)(Incoming(update, who, at))
    if name == "user_submit_info":
        shared = _shared(part(body, "info"))
        return Incoming(update, who, at, text=shared.get("phone", ""), shared=shared)
    if name == "user_send_text":
        return _said(Incoming(update, who, at), text(message.get("text")))
    if name.startswith("user_send_"):
        kind = _ATTACHMENTS.get(name.removeprefix("user_send_"), "file")
        return Incoming(update, who, at, text=text(message.get("text")), attachment=kind)
    return Nothing(name, known=False)


def _said(incoming: Incoming, words: str) -> Incoming:
    """Typed, or tapped: whether a value may be used by this person is for the dialogue to know."""
    tapped = _TAPPED.fullmatch(words)
    return replace(incoming, choice=tapped.group(1)[:200]) if tapped else replace(incoming, text=words)


def _subject(name: str, body: Mapping[str, Any]) -> str:
    """Whom it is about: there is no sender in `follow` and `user_click_chatnow`."""
    if name in ("follow", "unfollow"):
        return ident(part(body, "follower").get("id"))
    return ident(body.get("user_id")) if name == "user_click_chatnow" else ident(part(body, "sender").get("id"))


def _shared(info: Mapping[str, Any]) -> dict[str, str]:
    """Both shapes; a phone may be a number. 84912345678 is read as 0912345678."""
    found = {ours: next((w for t in theirs if (w := _words(info.get(t)))), "") for ours, theirs in _FIELDS.items()}
    if re.fullmatch(r"\+?84\d{9}", found["phone"]):
        found["phone"] = "0" + found["phone"][-9:]
    return {ours: words for ours, words in found.items() if words}


def _words(value: Any) -> str:
    return " ".join((ident(value) or text(value)).split())[:80]
