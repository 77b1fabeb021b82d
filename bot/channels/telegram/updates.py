"""An update of the Bot API read: a pure function from its dict to what it means here."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from bot.channels.telegram import keys
from bot.model import Attachment, Contact, Incoming

CHANNEL = "telegram"
KINDS = ("message", "callback_query", "my_chat_member")
COMMANDS = {
    "start": "act:greeting",
    "lop": "topic:course_list",
    "dangky": "form:registration",
    "dieukien": "form:screening",
    "canbo": "act:human",
    "menu": "menu:",
    "help": "menu:",
}
LARGEST = 2**63  # what Telegram's numbers fit into
LATEST = 2**37  # seconds: the year 6325, which a date can still hold
COURSE_LINK = "c-"  # t.me/<bot>?start=c-<course id>
# The first that a message has says what it is; the rest of what people can send gets the answer for files.
ATTACHMENTS: dict[str, Attachment] = {
    "voice": "voice", "audio": "voice", "video_note": "voice", "photo": "image", "sticker": "sticker",
    "animation": "sticker", "dice": "sticker", "document": "file", "video": "file", "location": "location",
    "venue": "location", "contact": "contact", "poll": "file", "story": "file", "game": "file", "checklist": "file",
    "paid_media": "file",
}  # fmt: skip
GROUPS = frozenset({"group", "supergroup"})
OUTSIDE = frozenset({"left", "kicked"})
HERE = frozenset({"member", "administrator", "restricted"})


@dataclass(frozen=True, slots=True)
class Tap:
    """A button in a message; `query` is to be answered at once."""

    incoming: Incoming
    query: str


@dataclass(frozen=True, slots=True)
class Member:
    """A person blocked the bot, or let it in again; `incoming.at` is when, by Telegram's clock."""

    incoming: Incoming
    reachable: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Somebody spoke to the bot in a group, or put it there."""

    chat: int
    update_id: str


Parsed = Incoming | Tap | Member | Group


def parse(update: Any, account: str, now: datetime) -> Parsed | None:
    """What an update (https://core.telegram.org/bots/api#update) means; None for what needs no answer.

    Never raises, whatever the update holds.
    """
    number = _dict(update).get("update_id")
    if not _is_number(number):
        return None
    read = _Reader(account, str(number), now)
    if message := _dict(update.get("message")):
        return read.message(message)
    if query := _dict(update.get("callback_query")):
        return read.tap(query)
    return read.member(_dict(update.get("my_chat_member")))


@dataclass(frozen=True, slots=True)
class _Reader:
    account: str
    update_id: str
    now: datetime

    def message(self, message: dict[str, Any]) -> Parsed | None:
        """A message of a person; service messages mean nothing here."""
        chat, who = _dict(message.get("chat")), _dict(message.get("from"))
        if not _is_number(chat.get("id")) or who.get("is_bot"):
            return None
        if chat.get("type") in GROUPS:
            return Group(chat["id"], self.update_id) if _said(message) is not None else None
        if chat.get("type") != "private":
            return None
        contact = _dict(message.get("contact"))
        phone = contact.get("phone_number")
        if isinstance(phone, str) and _is_number(contact.get("user_id")) and contact["user_id"] == who.get("id"):
            return self._incoming(chat["id"], text=phone)
        said = _said(message)
        if said is None:
            return None
        if isinstance(said, tuple):
            return self._incoming(chat["id"], attachment=said[0])
        return self._typed(chat["id"], said)

    def _typed(self, chat: int, text: str) -> Incoming:
        if text.startswith("/"):
            return self._command(chat, text)
        choice = keys.tapped(text)
        return self._incoming(chat, text=keys.bare(text), choice=choice)

    def _command(self, chat: int, text: str) -> Incoming:
        """ "/lop", "/lop@bot", "/start c-may-1"; one that is not known is read as words."""
        word, _, rest = text[1:].partition(" ")
        name, rest = word.partition("@")[0].lower(), rest.strip()
        if name == "start" and rest.startswith(COURSE_LINK):
            return self._incoming(chat, text=text, choice=f"course:{rest.removeprefix(COURSE_LINK)}")
        if name in COMMANDS:
            return self._incoming(chat, text=text, choice=COMMANDS[name])
        return self._incoming(chat, text=f"{name.replace('_', ' ')} {rest}".strip())

    def tap(self, query: dict[str, Any]) -> Tap | None:
        """A button of a message in a private chat, however old."""
        chat = _dict(_dict(query.get("message")).get("chat"))
        data, number = query.get("data"), query.get("id")
        if chat.get("type") != "private" or not _is_number(chat.get("id")):
            return None
        if not isinstance(data, str) or not isinstance(number, str):
            return None
        return Tap(self._incoming(chat["id"], choice=data), number)

    def member(self, change: dict[str, Any]) -> Parsed | None:
        """my_chat_member: our own standing in a chat."""
        chat = _dict(change.get("chat"))
        before = _dict(change.get("old_chat_member")).get("status")
        after = _dict(change.get("new_chat_member")).get("status")
        if not _is_number(chat.get("id")) or not isinstance(after, str) or not isinstance(before, str):
            return None
        if chat.get("type") == "private":
            said = change.get("date")
            at = datetime.fromtimestamp(said, UTC) if _is_number(said) and 0 < said < LATEST else self.now  # type: ignore[operator,arg-type]
            return Member(replace(self._incoming(chat["id"]), at=at), after not in OUTSIDE)
        came = before in OUTSIDE and after in HERE
        return Group(chat["id"], self.update_id) if came and chat.get("type") in GROUPS else None

    def _contact(self, chat: int) -> Contact:
        return Contact(CHANNEL, self.account, str(chat))

    def _incoming(
        self, chat: int, text: str = "", choice: str | None = None, attachment: Attachment | None = None
    ) -> Incoming:
        return Incoming(self.update_id, self._contact(chat), self.now, text, choice, attachment)


def _said(message: dict[str, Any]) -> str | tuple[Attachment] | None:
    """The text, or what else was sent; None for a service message."""
    text = message.get("text")
    if isinstance(text, str):
        return text
    return next(((kind,) for key, kind in ATTACHMENTS.items() if key in message), None)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < LARGEST
