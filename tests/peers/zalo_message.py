"""What a consultation message of the Official Account may look like."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from peers.zalo_ledger import MOST_TEXT, Asset, Button, Refusal

Assets = Callable[[Any, str], Asset]  # an upload by its id and kind, or a refusal

MOST_BUTTONS, MOST_TITLE, MOST_SUBTITLE, MOST_PAYLOAD = 5, 100, 500, 1000
OPENS = {"oa.open.url": {"url"}, "oa.open.phone": {"phone_code"}, "oa.open.sms": {"phone_code", "content"}}
NOT_HERE = {"list", "promotion", "transaction", "transaction_order", "article"}


@dataclass(frozen=True)
class Content:
    """A message that passed: its kind, its text, its buttons."""

    kind: str
    text: str = ""
    buttons: tuple[Button, ...] = ()


def checked(message: Any, assets: Assets) -> Content:
    """The content of a message, or -201 (shape), -210 (too long, too many), -233 (not for v3), -100 (expired)."""
    _keys(message, "message", set(), {"text", "attachment", "quote_message_id"})
    text, attachment = message.get("text", ""), message.get("attachment")
    _within(text, MOST_TEXT, "text")
    if "quote_message_id" in message:
        _need(isinstance(message["quote_message_id"], str) and bool(text), "quote_message_id is invalid")
    if attachment is None:
        _need(bool(text.strip()), "message must have a text or an attachment")
        return Content("text", text)
    _keys(attachment, "attachment", {"type", "payload"})
    payload = attachment["payload"]
    if attachment["type"] == "file":
        _keys(payload, "payload", {"token"})
        assets(payload["token"], "file")
        return Content("file", text)
    _need(attachment["type"] == "template" and isinstance(payload, dict), "attachment.type is invalid")
    if "template_type" in payload:
        return _template(text, payload, assets)
    _need(bool(text.strip()), "buttons need a text")
    _keys(payload, "payload", {"buttons"})
    return Content("text", text, _buttons(payload["buttons"]))


def _template(text: str, payload: dict[str, Any], assets: Assets) -> Content:
    kind = payload["template_type"]
    if kind in NOT_HERE:
        raise Refusal(-233, f"template_type {kind} is not supported")
    _need(kind in ("media", "request_user_info"), "template_type is invalid")
    _keys(payload, "payload", {"template_type", "elements"})
    elements = payload["elements"]
    _need(isinstance(elements, list) and len(elements) == 1, "elements must have exactly one element")
    if kind == "media":
        return Content(_media(elements[0], assets), text)
    _need(not text, "request_user_info takes no text")
    _keys(elements[0], "element", {"title", "subtitle", "image_url"})
    _within(elements[0]["title"], MOST_TITLE, "title")
    _within(elements[0]["subtitle"], MOST_SUBTITLE, "subtitle")
    _need(bool(elements[0]["title"]) and _url(elements[0]["image_url"]), "title or image_url is invalid")
    return Content("request_user_info", elements[0]["title"])


def _media(element: Any, assets: Assets) -> str:
    kind = str(element.get("media_type")) if isinstance(element, dict) else ""
    if kind in NOT_HERE:
        raise Refusal(-233, f"media_type {kind} is not supported")
    _need(kind in ("image", "gif", "sticker"), "media_type is invalid")
    size = {"width", "height"} if kind == "gif" else set()
    _keys(element, "element", {"media_type"} | size, {"attachment_id", "url"})
    _need(("attachment_id" in element) != ("url" in element), "either attachment_id or url, not both")
    if kind == "sticker":  # stickers are Zalo's own, not uploads
        _need(isinstance(element.get("attachment_id"), str), "attachment_id is invalid")
    elif "url" in element:
        _need(_url(element["url"]), "url is invalid")
    else:
        assets(element["attachment_id"], kind)
    return kind


def _buttons(buttons: Any) -> tuple[Button, ...]:
    _need(isinstance(buttons, list) and bool(buttons), "buttons must be a list")
    if len(buttons) > MOST_BUTTONS:
        raise Refusal(-210, f"more than {MOST_BUTTONS} buttons")
    return tuple(_button(button) for button in buttons)


def _button(button: Any) -> Button:
    # The official PHP builder writes the address of oa.open.url twice.
    _keys(button, "button", {"title", "type", "payload"}, {"url"} if _type(button) == "oa.open.url" else set())
    title, kind, payload = button["title"], button["type"], button["payload"]
    _within(title, MOST_TITLE, "title")
    _need(bool(title.strip()), "title is empty")
    if kind in ("oa.query.show", "oa.query.hide"):
        _within(payload, MOST_PAYLOAD, "payload")
        _need(bool(payload), "payload is empty")
        return Button(title, kind, payload)
    _need(kind in OPENS, "button type is invalid")
    _keys(payload, "payload", OPENS[kind])
    if kind == "oa.open.url":
        _need(_url(payload["url"]) and button.get("url", payload["url"]) == payload["url"], "url is invalid")
        return Button(title, kind, payload["url"])
    code = payload["phone_code"]
    _need(
        isinstance(code, str) and code.isascii() and code.isdigit() and code.startswith("84"), "phone_code is invalid"
    )
    _within(payload.get("content", ""), MOST_PAYLOAD, "content")
    return Button(title, kind, code)


def _type(button: Any) -> Any:
    return button.get("type") if isinstance(button, dict) else None


def _keys(value: Any, name: str, needed: set[str], allowed: set[str] | None = None) -> None:
    _need(isinstance(value, dict), f"{name} is invalid")
    _need(needed <= set(value), f"{name} lacks {', '.join(sorted(needed - set(value)))}")
    strange = set(value) - needed - (allowed or set())
    _need(not strange, f"{name} has unknown {', '.join(sorted(strange))}")


def _within(value: Any, most: int, name: str) -> None:
    _need(isinstance(value, str), f"{name} must be a string")
    if len(unicodedata.normalize("NFC", value)) > most:
        raise Refusal(-210, f"{name} exceeds {most} characters")


def _url(value: Any) -> bool:
    try:
        parts = urlsplit(value if isinstance(value, str) else "")
    except ValueError:
        return False
    return parts.scheme in ("https", "http") and bool(parts.netloc)


def _need(holds: bool, message: str) -> None:
    if not holds:
        raise Refusal(-201, message)
