"""What becomes of a message: calls of the Bot API and the meaning of its errors."""

import asyncio
from collections import OrderedDict
from datetime import timedelta

from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, NetworkError, RetryAfter, TimedOut
from telegram.error import TelegramError as Fault

from bot.channels.outbox import Failed, Hold, Outcome, Retry, Sent
from bot.channels.telegram.rendering import Call, calls
from bot.channels.telegram.request import AioRequest
from bot.store.port import StoredMessage

NETWORK_PAUSE = 3.0  # seconds until a connection is tried again
TOKEN_PAUSE = 60.0  # seconds until a refused token is tried again
MOST_REMEMBERED = 10_000  # chats, messages
APART = 1.0  # seconds between two messages of one chat that Telegram surely takes
WARY = 60.0  # seconds after a 429 in which nothing goes where a refusal is not told
UNREACHABLE = ("chat not found", "user is deactivated", "peer_id_invalid")


class Pace:
    """When each chat got its last message, and when Telegram last said 429. Seconds of the loop's clock."""

    def __init__(self) -> None:
        self._last: OrderedDict[str, float] = OrderedDict()
        self._flooded = float("-inf")

    def calm(self, chat: str) -> bool:
        """Whether Telegram surely takes one more message to this chat now."""
        now = asyncio.get_running_loop().time()
        return now - self._last.get(chat, float("-inf")) >= APART and now - self._flooded >= WARY

    def sent(self, chat: str) -> None:
        """One more message."""
        self._last[chat] = asyncio.get_running_loop().time()
        self._last.move_to_end(chat)
        if len(self._last) > MOST_REMEMBERED:
            self._last.popitem(last=False)

    def flooded(self) -> None:
        """429 was said."""
        self._flooded = asyncio.get_running_loop().time()


class Sender:
    """Sends stored messages for the outbox."""

    def __init__(self, request: AioRequest, base: str) -> None:
        self._request, self._base = request, base
        self.pace = Pace()
        # How many parts of a long message are there already, by its number: they are not sent again with the rest.
        self._parts: OrderedDict[int, int] = OrderedDict()

    async def send(self, message: StoredMessage) -> Outcome:
        """All parts of a message. A part of unknown fate does not keep the rest back, and is not sent again."""
        if message.reply is None:
            return Failed("refused", "nothing to send")
        parts, unknown = calls(message.reply, message.contact.id), ""
        self.pace.sent(message.contact.id)
        for number in range(self._parts.pop(message.id, 0), len(parts)):
            outcome = await self._outcome(parts[number])
            if isinstance(outcome, Retry | Hold):
                self._remember(message.id, number)
                return outcome
            if isinstance(outcome, Failed):
                if outcome.fate != "unknown":
                    return outcome
                unknown = outcome.why
        return Failed("unknown", unknown) if unknown else Sent()

    async def call(self, call: Call) -> None:
        """One call whose result nobody waits for; raises TelegramError."""
        await self._request.call(f"{self._base}/{call.method}", call.parameters)

    async def _outcome(self, call: Call) -> Outcome:
        try:
            await self.call(call)
        except Fault as fault:
            if isinstance(fault, RetryAfter):
                self.pace.flooded()
            return outcome_of(fault)
        except Exception as fault:  # noqa: BLE001 - whatever it is, the message may have left
            return Failed("unknown", type(fault).__name__)
        return Sent()

    def _remember(self, message: int, parts: int) -> None:
        if parts:
            self._parts[message] = parts
            if len(self._parts) > MOST_REMEMBERED:
                self._parts.popitem(last=False)


def outcome_of(fault: Fault) -> Outcome:
    """What an error of python-telegram-bot means for a message (https://core.telegram.org/bots/api#making-requests).

    The order matters: BadRequest and TimedOut are kinds of NetworkError in that library.
    """
    if isinstance(fault, RetryAfter):
        return Retry(seconds(fault), "429")
    if isinstance(fault, Forbidden):
        return Failed("unreachable", f"403 {_reason(fault)}")
    if isinstance(fault, InvalidToken):
        return Hold(TOKEN_PAUSE, "token refused")
    if isinstance(fault, BadRequest):
        gone = any(words in fault.message.lower() for words in UNREACHABLE)
        return Failed("unreachable" if gone else "refused", f"400 {_reason(fault)}")
    if isinstance(fault, ChatMigrated):
        return Failed("unreachable", "400 the chat has moved")
    if isinstance(fault, TimedOut):
        return Failed("unknown", "no answer")
    if isinstance(fault, NetworkError):
        return Retry(NETWORK_PAUSE, "no connection")
    return Failed("unknown", type(fault).__name__)


def seconds(fault: RetryAfter) -> float:
    """The server's own number; the library gives it as timedelta when asked to (`request.py`), else as int."""
    after: int | timedelta = fault.retry_after
    return after.total_seconds() if isinstance(after, timedelta) else float(after)


def _reason(fault: Fault) -> str:
    """Telegram's words without what the library makes of their beginning; they name the fault, never the person."""
    return fault.message.removeprefix("Bad Request: ").removeprefix("Forbidden: ").lower()
