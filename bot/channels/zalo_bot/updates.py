"""What an update of the Zalo Bot Platform means to us (zalo.md §6.3). Pure; flat and wrapped bodies alike."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.model import Attachment, Contact, Incoming

CHANNEL = "zalo_bot"
MOST_TEXT = 4000
_ATTACHMENTS: Mapping[str, Attachment] = {
    "image": "image",
    "voice": "voice",
    "sticker": "sticker",
    "link": "link",
    "unsupported": "unsupported",
}
_NAME = re.compile(r"message\.(\w{1,40})\.received")
_LONGEST_UPDATE = 80  # as the store keeps it


@dataclass(frozen=True, slots=True)
class Nothing:
    """Groups (a talk with the assistant is nobody else's), other bots, and names we do not know."""

    name: str
    known: bool = True


def parse(body: Mapping[str, Any], account: str, now: datetime) -> Incoming | Nothing:
    """`account`: our bot's id; `now` stands in for a time that cannot be read. Never raises."""
    update = body.get("result", body)
    update = update if isinstance(update, dict) else {}
    name = str(update.get("event_name") or "")[:60]
    message = _part(update, "message")
    chat, sender = _part(message, "chat"), _part(message, "from")
    named, who = _NAME.fullmatch(name), _id(chat.get("id"))
    if named is None or not who:
        return Nothing(name, known=named is not None)
    if chat.get("chat_type") != "PRIVATE" or sender.get("is_bot") is True:
        return Nothing(name)
    incoming = Incoming(_update_id(name, message, who), Contact(CHANNEL, account, who), moment(message, now))
    if named.group(1) == "text":
        return Incoming(incoming.update_id, incoming.contact, incoming.at, _text(message.get("text")))
    kind = _ATTACHMENTS.get(named.group(1), "unsupported")
    text = _text(message.get("caption"))
    return Incoming(incoming.update_id, incoming.contact, incoming.at, text, attachment=kind)


def moment(message: Mapping[str, Any], otherwise: datetime) -> datetime:
    """`date` in milliseconds."""
    try:
        return datetime.fromtimestamp(int(message["date"]) / 1000, tz=UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return otherwise


def _update_id(name: str, message: Mapping[str, Any], who: str) -> str:
    made = _id(message.get("message_id")) or f"{name}:{_id(message.get('date'))}:{who}"
    return made if len(made) <= _LONGEST_UPDATE else hashlib.sha256(made.encode()).hexdigest()


def _part(body: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = body.get(key)
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value[:MOST_TEXT] if isinstance(value, str) else ""


def _id(value: Any) -> str:
    """Ids are strings; some libraries make numbers of them. "" for what can be no id."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**40:
        return str(value)
    return value if isinstance(value, str) and re.fullmatch(r"[!-~]{1,200}", value) else ""
