"""The methods that show something to a person or answer one, as the Bot API describes them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from peers import telegram_keyboards
from peers.telegram_people import bot_json, chat_json, markup_json
from peers.telegram_state import Answer, Chat, Keyboard, Message, Sent, Via, World, bad
from peers.telegram_text import caption_text, message_text

PHOTO_MOST, ANSWER_MOST, DOWNLOAD_MOST = 10 * 1024 * 1024, 200, 20 * 1024 * 1024
IMAGES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM")
ACTIONS = {
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
    "choose_sticker", "find_location", "record_video_note", "upload_video_note",
}  # fmt: skip
REPLYING = {
    "business_connection_id", "message_thread_id", "direct_messages_topic_id", "disable_notification",
    "protect_content", "allow_paid_broadcast", "message_effect_id", "suggested_post_parameters", "reply_parameters",
    "reply_markup",
}  # fmt: skip


@dataclass(frozen=True)
class Call:
    """One request: every parameter as text, as the real server keeps them, whatever way they came."""

    method: str
    args: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    via: Via = "api"
    update_id: int = 0

    def text(self, name: str) -> str:
        return self.args.get(name, "")

    def flag(self, name: str) -> bool:
        return self.text(name).strip().lower() in ("true", "yes", "1")

    def number(self, name: str, default: int = 0) -> int:
        """What is no number counts as the default, as in the real server."""
        given = self.text(name).strip()
        return int(given) if given.lstrip("-").isascii() and given.lstrip("-").isdigit() else default

    def value(self, name: str) -> Any:
        """A JSON parameter, None without one."""
        if not self.text(name).strip():
            return None
        try:
            return json.loads(self.text(name))
        except ValueError as fault:
            raise bad(f"can't parse {name} JSON object") from fault

    @property
    def chat(self) -> int:
        """The chat a request is about, 0 for none, as far as can be told before it is checked."""
        return self.number("chat_id")


class Messages:
    """Sends, edits, answers taps, hands out files."""

    def __init__(self, world: World, left: Callable[[Chat], None]) -> None:
        self._world, self._left = world, left

    def send_message(self, call: Call) -> dict[str, Any]:
        chat = self._world.reachable(call.text("chat_id"))
        text = message_text(call.text("text"), call.text("parse_mode"))
        keyboard = self._markup(call, chat)
        self._check_reply(call, chat)
        return self._deliver(call, chat, text, keyboard)

    def send_photo(self, call: Call) -> dict[str, Any]:
        chat = self._world.reachable(call.text("chat_id"))
        photo = _photo(call)
        caption = caption_text(call.text("caption"), call.text("parse_mode"))
        keyboard = self._markup(call, chat)
        self._check_reply(call, chat)
        return self._deliver(call, chat, caption, keyboard, photo)

    def edit_text(self, call: Call) -> dict[str, Any]:
        chat, old = self._editable(call)
        if old.photo:
            raise bad("there is no text in the message to edit")
        text = message_text(call.text("text"), call.text("parse_mode"))
        return self._edit(call, chat, replace(old, text=text, keyboard=self._inline(call, chat)), old)

    def edit_markup(self, call: Call) -> dict[str, Any]:
        chat, old = self._editable(call)
        return self._edit(call, chat, replace(old, keyboard=self._inline(call, chat)), old)

    def chat_action(self, call: Call) -> bool:
        chat = self._world.reachable(call.text("chat_id"))
        if call.text("action").strip().lower() not in ACTIONS:
            raise bad("wrong parameter action in request")
        self._world.actions.append((chat.id, call.text("action")))
        self._world.bell.ring()
        return True

    def answer_tap(self, call: Call) -> bool:
        tap, now = self._world.taps.get(call.text("callback_query_id")), self._world.clock()
        if tap is None or (now - tap.at).total_seconds() > self._world.rules.query_seconds:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        if len(call.text("text")) > ANSWER_MOST:
            raise bad("MESSAGE_TOO_LONG")
        tap.answers.append(Answer(call.text("text"), call.flag("show_alert"), now))
        self._world.bell.ring()
        return True

    def get_file(self, call: Call) -> dict[str, Any]:
        file = self._world.files.get(call.text("file_id"))
        if file is None:
            raise bad("invalid file_id" if call.text("file_id") else "file_id not specified")
        if file.size > DOWNLOAD_MOST:
            raise bad("file is too big")
        about = {"file_id": file.file_id, "file_unique_id": f"u{file.file_id}", "file_size": file.size}
        return about | {"file_path": file.path}

    def leave_chat(self, call: Call) -> bool:
        chat = self._world.reachable(call.text("chat_id"))
        if chat.kind == "private":
            raise bad("chat member status can't be changed in private chats")
        chat.status = "left"
        self._left(chat)
        return True

    def _markup(self, call: Call, chat: Chat) -> Keyboard | None:
        return telegram_keyboards.read(call.text("reply_markup"), private=chat.kind == "private")

    def _inline(self, call: Call, chat: Chat) -> Keyboard | None:
        keyboard = self._markup(call, chat)
        if keyboard is not None and keyboard.kind != "inline":
            raise bad("inline keyboard expected")
        return keyboard

    def _check_reply(self, call: Call, chat: Chat) -> None:
        given = call.value("reply_parameters")
        if not isinstance(given, dict) or given.get("allow_sending_without_reply"):
            return
        known = [number for where, number in self._world.messages if where == chat.id]
        if given.get("message_id") not in known:
            raise bad("message to be replied not found")

    def _editable(self, call: Call) -> tuple[Chat, Message]:
        if call.text("inline_message_id"):
            raise bad("MESSAGE_ID_INVALID")
        chat = self._world.reachable(call.text("chat_id"))
        message = self._world.messages.get((chat.id, call.number("message_id")))
        if message is None:
            raise bad("message to edit not found")
        # A message that came with keys for typing stays as it is; only one with buttons of its own, or none, changes.
        if not message.from_bot or (message.keyboard and message.keyboard.kind != "inline"):
            raise bad("message can't be edited")
        return chat, message

    def _edit(self, call: Call, chat: Chat, new: Message, old: Message) -> dict[str, Any]:
        if (new.text, new.keyboard) == (old.text, old.keyboard):
            raise bad(
                "message is not modified: specified new message content and reply markup are exactly the same"
                " as a current content and reply markup of the message"
            )
        self._world.messages[chat.id, new.message_id] = new
        self._show(call, new)
        edited = int(self._world.clock().timestamp())
        return self._json(chat, new) | {"edit_date": edited}

    def _deliver(
        self, call: Call, chat: Chat, text: str, keyboard: Keyboard | None, photo: bytes | str = b""
    ) -> dict[str, Any]:
        world = self._world
        message = Message(world.number(), chat.id, text, world.clock(), keyboard, photo=bool(photo))
        world.messages[chat.id, message.message_id] = message
        if keyboard and keyboard.kind in ("reply", "remove"):
            chat.keys, chat.keys_from = (keyboard if keyboard.kind == "reply" else None), message.message_id
        self._show(call, message, photo)
        return self._json(chat, message)

    def _show(self, call: Call, message: Message, photo: bytes | str = b"") -> None:
        world, mode = self._world, call.text("parse_mode")
        raw = call.text("caption" if message.photo else "text")
        number, now = len(world.sent) + 1, world.clock()
        words = message.chat, message.text, message.keyboard, mode, call.via, now, message.message_id
        world.show(Sent(number, call.method, *words, raw, photo, call.update_id))

    def _json(self, chat: Chat, message: Message) -> dict[str, Any]:
        told = {
            "message_id": message.message_id,
            "from": bot_json(),
            "chat": chat_json(chat),
            "date": int(message.at.timestamp()),
        }
        if message.photo:
            size = {"file_id": f"sent{message.message_id}", "file_unique_id": f"usent{message.message_id}"}
            told |= {"photo": [size | {"width": 90, "height": 90}]}
        if message.text:
            told["caption" if message.photo else "text"] = message.text
        if message.keyboard and message.keyboard.kind == "inline":
            told["reply_markup"] = markup_json(message.keyboard)
        return told


def _photo(call: Call) -> bytes | str:
    given = call.text("photo").strip()
    body = call.files.get(given.removeprefix("attach://") if given.startswith("attach://") else "photo")
    if body is None:
        if given.startswith(("http://", "https://")):
            return given
        raise bad("wrong remote file identifier specified" if given else "there is no photo in the request")
    if not body:
        raise bad("file must be non-empty")
    if len(body) > PHOTO_MOST:
        raise bad("file is too big")
    if not body.startswith(IMAGES):
        raise bad("IMAGE_PROCESS_FAILED")
    return body


Handler = Callable[[Call], Any]


def table(messages: Messages) -> dict[str, tuple[Handler, set[str]]]:
    """Method name to what does it and the parameters that it knows."""
    text = {"chat_id", "text", "parse_mode", "entities", "link_preview_options", "disable_web_page_preview"}
    target = {"chat_id", "message_id", "inline_message_id", "business_connection_id", "reply_markup"}
    photo = {"chat_id", "photo", "caption", "parse_mode", "caption_entities", "show_caption_above_media", "has_spoiler"}
    return {
        "sendMessage": (messages.send_message, text | REPLYING),
        "sendPhoto": (messages.send_photo, photo | REPLYING),
        "editMessageText": (messages.edit_text, text | target),
        "editMessageReplyMarkup": (messages.edit_markup, target),
        "sendChatAction": (
            messages.chat_action,
            {"chat_id", "action", "business_connection_id", "message_thread_id"},
        ),
        "answerCallbackQuery": (
            messages.answer_tap,
            {"callback_query_id", "text", "show_alert", "url", "cache_time"},
        ),
        "getFile": (messages.get_file, {"file_id"}),
        "leaveChat": (messages.leave_chat, {"chat_id"}),
    }
