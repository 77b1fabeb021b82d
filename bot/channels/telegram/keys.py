"""Keys under a message: large ones for the menu, yes and no and the phone; buttons in the message for lists."""

import hashlib
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from bot.i18n import LANGUAGES, language
from bot.model import Choice, Reply

CALLBACK_MOST = 64  # bytes of callback_data
SHORT = "#"  # begins the short form of a value too long for it; no value begins so
READABLE = 32  # characters of a label that a button of a small phone shows
SHORT_ROW = 16  # characters of a label that may share its row
# What a key shows before its words, for those who read little; the longest beginning counts.
PICTURES: Mapping[str, str] = {
    "form:screening": "🔎",
    "form:registration": "📝",
    "form:details": "🏡",
    "topic:support_tuition": "💰",
    "topic:course_list": "📚",
    "topic:schedule": "📅",
    "topic:location": "📍",
    "topic:documents": "📄",
    "topic:": "👉",
    "act:human": "🙋",
    "act:announce_yes": "🔔",
    "resume:": "▶️",
    "menu:": "🏠",
    "more:": "📖",
    "field:yes": "✅",
    "field:no": "❌",
    "field:dont_know": "🤷",
    "field:none": "🚫",
    "useful:yes:": "👍",
    "useful:no:": "👎",
    "command:skip": "⏭️",
    "command:correct": "✏️",
    "command:back": "↩️",
    "command:cancel": "✋",
}
# The menu stays on the screen, so that its keys are known at any time, in every language.
MENU: Mapping[str, str] = {
    "form:screening": "menu.screening",
    "topic:support_tuition": "topic.support_tuition",
    "topic:course_list": "topic.course_list",
    "form:registration": "menu.register",
    "resume:": "form.resume",
    "act:human": "menu.officer",
}
YES = "field:yes"
BESIDE_YES = frozenset({YES, "field:no", "field:dont_know", "command:skip", "command:correct"})
_VIETNAMESE = re.compile("[À-ỹ]")
_PICTURED = re.compile("^(?:" + "|".join(map(re.escape, set(PICTURES.values()))) + r")\s*")


def markup(reply: Reply) -> dict[str, Any]:
    """The `reply_markup` of a message (https://core.telegram.org/bots/api#sendmessage)."""
    if reply.asks == "phone":
        share = {"text": f"📱 {_language_of(reply).say('telegram.share_phone')}", "request_contact": True}
        return _large([[share], *([{"text": label_of(c)}] for c in reply.choices)], once=True)
    if not reply.choices:
        return {"remove_keyboard": True}  # something is to be typed: the letters come back
    if _is_large(reply):
        stays = all(c.value in MENU for c in reply.choices)
        return _large(_rows(reply.choices, lambda c: {"text": label_of(c)}), once=not stays)
    return {"inline_keyboard": _rows(reply.choices, _button(reply))}


def numbers(reply: Reply) -> bool:
    """Whether the choices stand in the text, too: a button shows one line, and cuts it off on a small phone."""
    return not _is_large(reply) and any(len(c.label) > READABLE for c in reply.choices)


def _is_large(reply: Reply) -> bool:
    """Whether the choices are keys in the place of the letters; else they are buttons in the message."""
    values = {c.value for c in reply.choices}
    return bool(reply.asks) or values <= MENU.keys() or (YES in values and values <= BESIDE_YES)


def label_of(choice: Choice) -> str:
    """The label with its picture."""
    picture = _picture(choice.value)
    return f"{picture} {choice.label}" if picture else choice.label


def short(value: str) -> str:
    """The value as callback_data: itself, or a fingerprint that is the same after a restart."""
    if len(value.encode(errors="replace")) <= CALLBACK_MOST:
        return value
    return SHORT + hashlib.sha256(value.encode(errors="replace")).hexdigest()[:32]


def tapped(text: str) -> str | None:
    """The value of a key of the menu, by the words that it sends; None for anything else."""
    return _menu_keys().get(text)


def bare(text: str) -> str:
    """What a key sends, without its picture."""
    return _PICTURED.sub("", text, count=1)


@cache
def _menu_keys() -> dict[str, str]:
    known = [(language(code), value, key) for code in LANGUAGES for value, key in MENU.items()]
    return {label_of(Choice(value, say.say(key))): value for say, value, key in known}


@cache
def _picture(value: str) -> str:
    known = [beginning for beginning in PICTURES if value.startswith(beginning)]
    return PICTURES[max(known, key=len)] if known else ""


def _language_of(reply: Reply) -> Any:
    """A reply does not tell its language, and Vietnamese cannot be written without its letters."""
    return language("vi" if _VIETNAMESE.search(reply.text) else "en")


def _large(rows: list[list[dict[str, Any]]], *, once: bool = False) -> dict[str, Any]:
    """Keys in the place of the letters; `once`: they go away when one was tapped."""
    how = {"one_time_keyboard": True} if once else {"is_persistent": True}
    return {"keyboard": rows, "resize_keyboard": True, **how}


def _button(reply: Reply) -> Callable[[Choice], dict[str, Any]]:
    place = {c: f"{n}. " for n, c in enumerate(reply.choices, 1)} if numbers(reply) else {}
    return lambda c: {"text": place.get(c, "") + label_of(c), "callback_data": short(c.value)}


def _rows(choices: tuple[Choice, ...], key: Callable[[Choice], dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Two short labels share a row, a long one has its own."""
    rows: list[list[dict[str, Any]]] = []
    room = False
    for choice in choices:
        narrow = len(choice.label) <= SHORT_ROW
        if narrow and room:
            rows[-1].append(key(choice))
            room = False
        else:
            rows.append([key(choice)])
            room = narrow
    return rows
