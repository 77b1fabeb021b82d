"""A reply as the `message` of a consultation message: text, buttons, picture, or the contact form."""

import unicodedata
from typing import Any

from bot.channels.texts import numbered
from bot.channels.zalo_oa.events import PAYLOAD
from bot.model import Choice, Reply

MOST_TEXT = 2000
MOST_BUTTONS, MOST_TITLE = 5, 100
MOST_SUBTITLE = 500
Message = dict[str, Any]


def text(reply: Reply) -> Message:
    """The choices as a numbered list, and the first five as buttons too: not every Zalo shows buttons."""
    message: Message = {"text": words(reply)}
    buttons = [_button(choice) for choice in reply.choices[:MOST_BUTTONS]]
    if buttons:
        message["attachment"] = {"type": "template", "payload": {"buttons": buttons}}
    return message


def picture(reply: Reply, source: dict[str, str]) -> Message:
    """`source` is {"attachment_id": …} of an upload, or {"url": …}; a message with a picture has no buttons."""
    element = {"media_type": "image", **source}
    payload = {"template_type": "media", "elements": [element]}
    return {"text": words(reply), "attachment": {"type": "template", "payload": payload}}


def contact_form(reply: Reply, title: str, image_url: str) -> Message | None:
    """`request_user_info`: the question stands in it, as it takes no text beside; None when it does not fit."""
    subtitle = words(reply)
    if len(subtitle) > MOST_SUBTITLE:
        return None
    element = {"title": title, "subtitle": subtitle, "image_url": image_url}
    payload = {"template_type": "request_user_info", "elements": [element]}
    return {"attachment": {"type": "template", "payload": payload}}


def words(reply: Reply) -> str:
    """Composed, so that a Vietnamese letter counts one."""
    return unicodedata.normalize("NFC", numbered(reply)).strip()


def _button(choice: Choice) -> dict[str, str]:
    title = unicodedata.normalize("NFC", choice.label)
    cut = title if len(title) <= MOST_TITLE else title[: MOST_TITLE - 1].rstrip() + "…"
    return {"title": cut, "type": "oa.query.show", "payload": PAYLOAD + choice.value}
