"""What the Telegram peer remembers: chats, messages, screens, files, and everything that was sent or asked."""

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

Clock = Callable[[], datetime]
Via = Literal["api", "webhook"]
ChatKind = Literal["private", "group", "supergroup"]

BOT_ID = 900100200
TOKEN = f"{BOT_ID}:made-up-token-of-the-peer-0001"
# Far from 1, so that a number of one kind is not taken for another's by accident.
FIRST_MESSAGE, FIRST_UPDATE = 101, 700_000_001


class Refused(Exception):
    """An answer with ok=false: the number, the sentence behind "Bad Request: ", and parameters."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(code, description)
        self.code, self.description, self.parameters = code, description, parameters


def bad(description: str, **parameters: int) -> Refused:
    """Error 400, the kind that no repetition mends."""
    return Refused(400, f"Bad Request: {description}", **parameters)


def forbidden(description: str) -> Refused:
    """Error 403: this chat is out of reach."""
    return Refused(403, f"Forbidden: {description}")


@dataclass
class Rules:
    """What the real service leaves open, or what is switched off until a test is about it."""

    per_chat: float | None = None  # messages a second in one chat; None = unlimited
    burst: int = 3
    per_group_minute: int | None = None
    overall: float | None = None  # messages a second in all
    query_seconds: float = 15  # a tap must be answered within
    webhook_timeout: float = 60
    redeliveries: int = 200  # tries after the first; then the update is dropped
    retry_first: float = 0.02  # seconds before the second repetition, doubled up to `retry_most`
    retry_most: float = 0.5
    extra_deliveries: int = 0  # every update comes this many times more, after its 200
    taps_apart: bool = False  # button taps have a queue of their own beside the chat's messages
    longest_poll: float = 50
    strict: bool = True  # unknown parameters and update kinds are refused; the real service ignores them


@dataclass(frozen=True)
class Button:
    """One key: what it does, and the data, address or words it does it with."""

    label: str
    does: Literal["text", "callback", "url", "contact", "location", "web_app", "copy", "switch"]
    value: str = ""


@dataclass(frozen=True)
class Keyboard:
    """A validated reply_markup."""

    kind: Literal["inline", "reply", "remove", "force"]
    rows: tuple[tuple[Button, ...], ...] = ()
    persistent: bool = False
    resized: bool = False
    once: bool = False
    placeholder: str = ""

    @property
    def buttons(self) -> tuple[Button, ...]:
        return tuple(itertools.chain.from_iterable(self.rows))

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(b.label for b in self.buttons)


@dataclass(frozen=True)
class Sent:
    """Something a person got to see. `text` is what they read, `raw` what the program wrote."""

    number: int
    method: str
    chat: int
    text: str
    keyboard: Keyboard | None
    parse_mode: str
    via: Via
    at: datetime
    message_id: int
    raw: str = ""
    photo: bytes | str = b""
    update_id: int = 0  # the update that this was the webhook's answer to

    @property
    def labels(self) -> tuple[str, ...]:
        return self.keyboard.labels if self.keyboard else ()


@dataclass(frozen=True)
class Called:
    """One request that reached the service, also a refused one. `early`: before a 429's retry_after was over."""

    method: str
    chat: int
    code: int  # 0 = done
    description: str
    via: Via
    at: datetime
    early: bool = False


@dataclass(frozen=True)
class Message:
    """A message as it stands in the chat now."""

    message_id: int
    chat: int
    text: str
    at: datetime
    keyboard: Keyboard | None = None
    from_bot: bool = True
    photo: bool = False
    json: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What the program answered to a tap."""

    text: str
    alert: bool
    at: datetime


@dataclass
class Tap:
    """A callback query: when it was made and every answer it got."""

    query_id: str
    chat: int
    message_id: int
    data: str
    at: datetime
    answers: list[Answer] = field(default_factory=list)


@dataclass
class Chat:
    """A person's chat with the bot, or a group."""

    id: int
    name: str
    kind: ChatKind = "private"
    status: str = "unknown"  # member, blocked, deactivated, kicked, left, upgraded
    language: str = "vi"
    phone: str = ""
    keys: Keyboard | None = None  # the reply keyboard on the screen
    keys_from: int = 0  # the message that brought it
    upgraded_to: int = 0


@dataclass(frozen=True)
class File:
    """Something a person sent and the program may fetch."""

    file_id: str
    path: str
    body: bytes
    size: int


class Bell:
    """Wakes whoever waits for something to become true."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        self._event.set()
        self._event = asyncio.Event()

    async def until(self, true: Callable[[], bool], seconds: float) -> None:
        async with asyncio.timeout(seconds):
            while not true():
                await self._event.wait()

    async def next(self, seconds: float | None) -> None:
        """The next ring, or the end of the time."""
        try:
            await asyncio.wait_for(self._event.wait(), seconds)
        except TimeoutError:
            return


def real_clock() -> datetime:
    """The clock of a peer that is given none."""
    return datetime.now(UTC)


class World:
    """All that is remembered; single-threaded, so plain lists do."""

    def __init__(self, clock: Clock, token: str, rules: Rules) -> None:
        self.clock, self.token, self.rules = clock, token, rules
        self.chats: dict[int, Chat] = {}
        self.messages: dict[tuple[int, int], Message] = {}
        self.files: dict[str, File] = {}
        self.taps: dict[str, Tap] = {}
        self.sent: list[Sent] = []
        self.called: list[Called] = []
        self.actions: list[tuple[int, str]] = []
        self.watchers: list[Callable[[Sent], None]] = []
        self.bell = Bell()
        self._numbers = itertools.count(FIRST_MESSAGE)

    def number(self) -> int:
        return next(self._numbers)

    def chat(self, chat_id: int) -> Chat:
        """The chat with this id, made on first mention; unknown to the bot until somebody writes."""
        if chat_id not in self.chats:
            kind: ChatKind = "private" if chat_id > 0 else "supergroup" if chat_id < -1_000_000_000_000 else "group"
            phone = f"84900000{chat_id % 1000:03d}" if chat_id > 0 else ""
            self.chats[chat_id] = Chat(chat_id, f"Khách {chat_id}", kind, phone=phone)
        return self.chats[chat_id]

    def reachable(self, chat_id: str) -> Chat:
        """The chat a message may go to, else the refusal for it."""
        if not chat_id.strip():
            raise bad("chat_id is empty")
        number = int(chat_id) if chat_id.strip().lstrip("-").isascii() and chat_id.strip().lstrip("-").isdigit() else 0
        if number == BOT_ID:
            raise forbidden("bot can't send messages to bots")
        chat = self.chats.get(number)
        if chat is None or chat.status == "unknown":
            raise bad("chat not found")
        if chat.status == "upgraded":
            raise bad("group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.upgraded_to)
        if chat.status in OUT_OF_REACH:
            raise forbidden(OUT_OF_REACH[chat.status].format(kind=chat.kind))
        return chat

    def show(self, sent: Sent) -> None:
        """Write down what a person sees now."""
        self.sent.append(sent)
        for watcher in self.watchers:
            watcher(sent)
        self.bell.ring()


OUT_OF_REACH = {
    "blocked": "bot was blocked by the user",
    "deactivated": "user is deactivated",
    "seen": "bot can't initiate conversation with a user",
    "kicked": "bot was kicked from the {kind} chat",
    "left": "bot is not a member of the {kind} chat",
}
