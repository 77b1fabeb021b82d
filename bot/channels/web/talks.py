"""What of a talk is shown: this sitting only, both sides, and the first message of a new one."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.dialogue.mine import SHARED_IDLE
from bot.model import Contact
from bot.store.port import Store, StoredMessage

LOOK_BACK = timedelta(hours=25)  # more than a day: then the date alone tells two sittings apart
MOST_SHOWN = 200
_GREETINGS = uuid.UUID("6f1c2a7e-0d3b-4c6f-9a43-3c2f5b1d7e90")
GREETING = {"vi": "act:greeting", "en": "command:english"}


def recent(store: Store, contact: Contact, now: datetime) -> tuple[StoredMessage, ...]:
    """The messages of a bit more than the last day, oldest first."""
    with store.transaction() as unit:
        return unit.messages(contact, since=now - LOOK_BACK)


def sitting(messages: Sequence[StoredMessage], now: datetime) -> tuple[StoredMessage, ...]:
    """The messages since the last pause of more than 30 minutes; none when that pause is still going on.

    The screen may be shared: what was said before the pause is not shown to whoever sits there now.
    """
    start, later = len(messages), now
    for index in range(len(messages) - 1, -1, -1):
        if later - messages[index].at > SHARED_IDLE:
            break
        start, later = index, messages[index].at
    return tuple(messages[start:])


def undelivered(messages: Sequence[StoredMessage], *, after: int | None) -> list[StoredMessage]:
    """Replies of this sitting that a stream has to start with: newer than `after`, and those never streamed."""
    replies = [m for m in messages if m.reply is not None]
    return [m for m in replies if m.sent_at is None or (after is not None and m.id > after)]


def shown(message: StoredMessage, now: datetime) -> dict[str, Any]:
    """A message for the history. A person's own carries the UUID that it was posted with."""
    at = message.at.astimezone(now.tzinfo).isoformat(timespec="seconds")
    if message.reply is None:
        return {"id": message.update_id, "from": "me", "text": message.text, "choices": [], "at": at}
    return {**reply_json(message), "from": "bot", "at": at}


def reply_json(message: StoredMessage) -> dict[str, Any]:
    """`{"id", "to", "text", "choices": [{"value", "label"}], "image"?}`; `to` is the id of the message it answers."""
    reply = message.reply
    if reply is None:
        return {}
    found: dict[str, Any] = {"id": str(message.id), "to": message.update_id, "text": reply.text}
    found["choices"] = [{"value": c.value, "label": c.label} for c in reply.choices]
    if reply.image:
        found["image"] = own_path(reply.image)
    return found


def own_path(address: str) -> str:
    """A picture of ours as this page asks for it: without the host that other channels need."""
    _scheme, there, rest = address.partition("://")
    return f"/{rest.partition('/')[2]}" if there else address


def greeting(cookie: str, language: str, messages: Sequence[StoredMessage], now: datetime) -> dict[str, str]:
    """The message that opens a new sitting. Its id is the same however often the page is loaded: greeted once."""
    seed = str(messages[-1].id) if messages else now.date().isoformat()
    return {"id": str(uuid.uuid5(_GREETINGS, f"{cookie} {seed}")), "choice": GREETING[language]}
