"""What an update of the Zalo Bot Platform means to us. Pure; flat and wrapped bodies alike."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.channels.bodies import ident, moment, part, text, update_id
from bot.model import Attachment, Contact, Incoming

CHANNEL = "zalo_bot"
_ATTACHMENTS: Mapping[str, Attachment] = {
    "image": "image",
    "voice": "voice",
    "sticker": "sticker",
    "link": "link",
    "unsupported": "unsupported",
}
_NAME = re.compile(r"message\.(\w{1,40})\.received")


@dataclass(frozen=True, slots=True)
class Nothing:
    """Groups (a talk with the assistant is nobody else's), other bots, and names we do not know."""

    name: str
    known: bool = True


def parse(body: Mapping[str, Any], account: str, now: datetime) -> Incoming | Nothing:
    """`account`: our bot's id; `now` stands in for a time that cannot be read. Never raises."""
    update = part(body, "result") if "result" in body else body
    name = text(update.get("event_name"))[:60]
    message = part(update, "message")
    chat, sender = part(message, "chat"), part(message, "from")
    named, who = _NAME.fullmatch(name), ident(chat.get("id"))
    if named is None or not who:
        return Nothing(name, known=named is not None)
    if chat.get("chat_type", "PRIVATE") != "PRIVATE" or sender.get("is_bot") is True:
        return Nothing(name)
    contact, at = Contact(CHANNEL, account, who), moment(message.get("date"), now)
    number = update_id(message.get("message_id"), name, message.get("date"), who)
    if named.group(1) == "text":
        return Incoming(number, contact, at, text(message.get("text")))
    kind = _ATTACHMENTS.get(named.group(1), "unsupported")
    return Incoming(number, contact, at, text(message.get("caption")), attachment=kind)
