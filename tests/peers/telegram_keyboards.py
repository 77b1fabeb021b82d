"""Reads a reply_markup as strictly as Telegram's limits allow."""

import json
from typing import Any
from urllib.parse import urlsplit

from peers.telegram_state import Button, Keyboard, bad

DATA_MOST, BUTTONS_MOST, ROW_MOST, PLACEHOLDER_MOST, COPY_MOST = 64, 100, 8, 64, 256
LOOKS = {"text", "style", "icon_custom_emoji_id"}
INLINE = {"callback_data", "url", "web_app", "copy_text", "switch_inline_query", "switch_inline_query_current_chat"}
REPLY = {"request_contact", "request_location", "web_app"}
KINDS = {"inline_keyboard": "inline", "keyboard": "reply", "remove_keyboard": "remove", "force_reply": "force"}
OPTIONS = {
    "inline_keyboard": set(),
    "keyboard": {"is_persistent", "resize_keyboard", "one_time_keyboard", "input_field_placeholder", "selective"},
    "remove_keyboard": {"selective"},
    "force_reply": {"input_field_placeholder", "selective"},
}


def read(given: str, *, private: bool) -> Keyboard | None:
    """The keyboard in a reply_markup parameter, None for none; raises for what would be refused."""
    if not given.strip():
        return None
    try:
        markup = json.loads(given)
    except ValueError as fault:
        raise bad("can't parse reply keyboard markup JSON object") from fault
    if not isinstance(markup, dict):
        raise bad("object expected as reply markup")
    kinds = [k for k in KINDS if k in markup]
    if not kinds:
        if markup:
            raise bad(f"reply markup has only unknown fields: {', '.join(sorted(markup))}")
        return None
    if len(kinds) > 1:
        raise bad(f"reply markup is several things at once: {', '.join(kinds)}")
    (kind,) = kinds
    if strange := set(markup) - {kind} - OPTIONS[kind]:
        raise bad(f"reply markup has unknown fields: {', '.join(sorted(strange))}")
    return _keyboard(kind, markup, private=private)


def _keyboard(kind: str, markup: dict[str, Any], *, private: bool) -> Keyboard | None:
    for name in OPTIONS[kind] - {"input_field_placeholder"}:
        if not isinstance(markup.get(name, False), bool):
            raise bad(f'can\'t parse reply keyboard markup: field "{name}" must be of type Boolean')
    placeholder = markup.get("input_field_placeholder", "")
    if not isinstance(placeholder, str) or len(placeholder) > PLACEHOLDER_MOST:
        raise bad(f"input field placeholder must have at most {PLACEHOLDER_MOST} characters")
    if kind in ("remove_keyboard", "force_reply"):
        if markup[kind] is not True:
            raise bad(f'field "{kind}" must be true')
        return Keyboard(KINDS[kind], placeholder=placeholder)
    button = _inline_button if kind == "inline_keyboard" else _reply_button
    rows = _rows(markup[kind], lambda given: button(given, private=private))
    if kind == "inline_keyboard":
        return Keyboard("inline", rows) if rows else None
    if not rows:
        raise bad("reply keyboard has no buttons")
    return Keyboard(
        "reply",
        rows,
        bool(markup.get("is_persistent")),
        bool(markup.get("resize_keyboard")),
        bool(markup.get("one_time_keyboard")),
        placeholder,
    )


def _rows(given: Any, button: Any) -> tuple[tuple[Button, ...], ...]:
    if not isinstance(given, list) or not all(isinstance(row, list) for row in given):
        raise bad("can't parse keyboard: expected an Array of Arrays of buttons")
    rows = tuple(tuple(button(b) for b in row) for row in given if row)
    if sum(len(row) for row in rows) > BUTTONS_MOST or any(len(row) > ROW_MOST for row in rows):
        raise bad(f"reply markup is too long: {BUTTONS_MOST} buttons, {ROW_MOST} in a row")
    return rows


def _label(given: Any, what: str) -> str:
    text = given.get("text") if isinstance(given, dict) else None
    if not isinstance(text, str):
        raise bad(f'can\'t parse {what} button: field "text" must be of type String')
    if not text.strip():
        raise bad(f"{what} button text must be non-empty")
    return text


def _inline_button(given: Any, *, private: bool) -> Button:
    label = _label(given, "inline keyboard")
    actions = set(given) - LOOKS
    if not actions:
        raise bad("can't parse inline keyboard button: text buttons are unallowed in the inline keyboard")
    if len(actions) > 1 or not actions <= INLINE:
        raise bad(f"can't parse inline keyboard button: one known action expected, not {sorted(actions)}")
    (action,) = actions
    value = given[action]
    if action == "callback_data":
        if not isinstance(value, str) or not 1 <= len(value.encode("utf-8", "surrogatepass")) <= DATA_MOST:
            raise bad("BUTTON_DATA_INVALID")
        return Button(label, "callback", value)
    if action == "url":
        return Button(label, "url", _address(value, {"http", "https", "tg"}))
    if action == "web_app":
        return Button(label, "web_app", _web_app(value, private=private))
    if action == "copy_text":
        text = value.get("text") if isinstance(value, dict) else None
        if not isinstance(text, str) or not 1 <= len(text) <= COPY_MOST:
            raise bad("BUTTON_COPY_TEXT_INVALID")
        return Button(label, "copy", text)
    return Button(label, "switch", str(value))


def _reply_button(given: Any, *, private: bool) -> Button:
    if isinstance(given, str):
        given = {"text": given}
    label = _label(given, "keyboard")
    actions = {k for k in set(given) - LOOKS if given[k]}
    if strange := set(given) - LOOKS - REPLY:
        raise bad(f"can't parse keyboard button: unknown fields {sorted(strange)}")
    if len(actions) > 1:
        raise bad(f"can't parse keyboard button: only one action is allowed, not {sorted(actions)}")
    if "request_contact" in actions:
        if not private:
            raise bad("phone number can be requested in private chats only")
        return Button(label, "contact")
    if "request_location" in actions:
        if not private:
            raise bad("location can be requested in private chats only")
        return Button(label, "location")
    if "web_app" in actions:
        return Button(label, "web_app", _web_app(given["web_app"], private=private))
    return Button(label, "text", label)


def _web_app(value: Any, *, private: bool) -> str:
    if not private:
        raise bad("BUTTON_TYPE_INVALID")
    return _address(value.get("url") if isinstance(value, dict) else None, {"https"})


def _address(value: Any, schemes: set[str]) -> str:
    try:
        parts = urlsplit(value) if isinstance(value, str) else urlsplit("")
    except ValueError:
        parts = urlsplit("")
    host = parts.hostname or ""
    named = parts.scheme == "tg" or "." in host or ":" in host
    if parts.scheme not in schemes or not host or not named:
        raise bad(f"inline keyboard button URL '{value}' is invalid: Wrong HTTP URL")
    return str(value)
