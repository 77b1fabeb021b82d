"""What people do, as the updates that the Bot API makes of it."""

import re
from datetime import datetime
from typing import Any

from peers.telegram_state import BOT_ID, Button, Chat, File, Keyboard, Message, Tap, World
from peers.telegram_text import TEXT_MOST, units

BOT_NAME = "Trợ lý học nghề (thử)"
COMMAND = re.compile(r"(?<!\S)/[A-Za-z0-9_]{1,32}(?:@\w+)?")
PAYLOAD = re.compile(r"[A-Za-z0-9_-]{0,64}")
DOES = {"callback": "callback_data", "copy": "copy_text", "switch": "switch_inline_query"}
MEDIA: dict[str, dict[str, Any]] = {
    "voice": {"duration": 3, "mime_type": "audio/ogg"},
    "sticker": {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False, "emoji": "👍"},
    "document": {"file_name": "giay-to.pdf", "mime_type": "application/pdf"},
    "video": {"width": 640, "height": 360, "duration": 5, "mime_type": "video/mp4"},
    "photo": {"width": 640, "height": 480},
}


def bot_json() -> dict[str, Any]:
    return {"id": BOT_ID, "is_bot": True, "first_name": BOT_NAME, "username": "hocnghe_thu_bot"}


def person_json(person: Chat) -> dict[str, Any]:
    return {"id": person.id, "is_bot": False, "first_name": person.name, "language_code": person.language}


def chat_json(chat: Chat) -> dict[str, Any]:
    named = {"first_name": chat.name} if chat.kind == "private" else {"title": chat.name}
    return {"id": chat.id, "type": chat.kind, **named}


def markup_json(keyboard: Keyboard) -> dict[str, Any]:
    return {"inline_keyboard": [[_button_json(b) for b in row] for row in keyboard.rows]}


def _button_json(button: Button) -> dict[str, Any]:
    wrapped = {"web_app": "url", "copy": "text"}.get(button.does)
    value = {wrapped: button.value} if wrapped else button.value
    return {"text": button.label, DOES.get(button.does, button.does): value}


class People:
    """Builds messages and updates; numbers them, remembers them, sends nothing."""

    def __init__(self, world: World) -> None:
        self._world = world

    def message(self, chat: Chat, by: Chat, content: dict[str, Any]) -> dict[str, Any]:
        """A new message in this chat."""
        number, now = self._world.number(), self._world.clock()
        told = {
            "message_id": number,
            "from": person_json(by),
            "chat": chat_json(chat),
            "date": int(now.timestamp()),
            **content,
        }
        self._world.messages[chat.id, number] = Message(
            number, chat.id, content.get("text", ""), now, from_bot=False, json=told
        )
        return told

    def text(self, text: str) -> dict[str, Any]:
        """Typed words, with the commands in them marked."""
        if units(text) > TEXT_MOST:
            raise ValueError(f"a client splits what is longer than {TEXT_MOST}: send it in pieces")
        marks = [
            {"type": "bot_command", "offset": units(text[: m.start()]), "length": len(m[0])}
            for m in COMMAND.finditer(text)
        ]
        return {"text": text} | ({"entities": marks} if marks else {})

    def start(self, payload: str) -> dict[str, Any]:
        """The Start key, or a link t.me/bot?start=payload."""
        if not PAYLOAD.fullmatch(payload):
            raise ValueError(f"{payload!r} cannot stand in a start link: at most 64 of A-Z a-z 0-9 _ -")
        return self.text(f"/start {payload}".strip())

    def contact(self, person: Chat, *, own: bool, phone: str = "") -> dict[str, Any]:
        """A shared contact; somebody else's has another user_id, or none if they have no account."""
        if own:
            told = {"phone_number": phone or person.phone, "first_name": person.name, "user_id": person.id}
        else:
            told = {"phone_number": phone or "84900000999", "first_name": "Người khác", "user_id": person.id + 1}
        return {"contact": told}

    def media(self, kind: str, body: bytes, caption: str = "", size: int = 0) -> dict[str, Any]:
        """A voice, photo, sticker, document or video, whose bytes getFile then gives."""
        file_id = f"{kind}{self._world.number()}"
        ending = {"voice": "oga", "photo": "jpg", "sticker": "webp", "video": "mp4"}.get(kind, "bin")
        file = File(file_id, f"{kind}/{file_id}.{ending}", body, size or len(body))
        self._world.files[file_id] = file
        told: Any = {"file_id": file_id, "file_unique_id": f"u{file_id}", "file_size": file.size, **MEDIA[kind]}
        if kind == "photo":
            told = [told | {"width": 90, "height": 68}, told]
        return {kind: told} | ({"caption": caption} if caption else {})

    def location(self) -> dict[str, Any]:
        return {"location": {"latitude": 21.0, "longitude": 105.0}}

    def edited(self, chat: Chat, by: Chat, message_id: int, text: str) -> dict[str, Any]:
        """An own message with other words, same number."""
        old = self._world.messages.get((chat.id, message_id))
        if old is None or old.from_bot:
            raise LookupError(f"{chat.id} has written no message {message_id} that could be edited")
        return {**old.json, **self.text(text), "edit_date": int(self._world.clock().timestamp())}

    def tap(self, chat: Chat, by: Chat, message: Message, button: Button) -> dict[str, Any]:
        """A callback query on an inline button."""
        number = self._world.number()
        tap = Tap(str(4_000_000_000_000 + number), chat.id, message.message_id, button.value, self._world.clock())
        self._world.taps[tap.query_id] = tap
        under = {
            "message_id": message.message_id,
            "from": bot_json(),
            "chat": chat_json(chat),
            "date": int(message.at.timestamp()),
            "text": message.text,
        }
        if message.photo:
            under["caption"] = under.pop("text")
        if message.keyboard:
            under["reply_markup"] = markup_json(message.keyboard)
        return {
            "id": tap.query_id,
            "from": person_json(by),
            "message": under,
            "chat_instance": str(chat.id * 31),
            "data": button.value,
        }

    def membership(self, chat: Chat, by: Chat, before: str, after: str, at: datetime) -> dict[str, Any]:
        """my_chat_member: the bot's standing in the chat changed."""

        def standing(status: str) -> dict[str, Any]:
            return {"user": bot_json(), "status": status} | ({"until_date": 0} if status == "kicked" else {})

        return {
            "chat": chat_json(chat),
            "from": person_json(by),
            "date": int(at.timestamp()),
            "old_chat_member": standing(before),
            "new_chat_member": standing(after),
        }
