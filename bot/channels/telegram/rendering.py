"""A reply as calls of the Bot API."""

from dataclasses import dataclass
from html import escape
from typing import Any

from bot.channels.telegram.keys import markup, numbers
from bot.channels.texts import numbered, split, utf16
from bot.model import Reply

TEXT_MOST = 4096  # UTF-16 units after the entities were read


@dataclass(frozen=True, slots=True)
class Call:
    """A method and its parameters (https://core.telegram.org/bots/api#available-methods)."""

    method: str
    parameters: dict[str, Any]

    def as_answer(self) -> dict[str, Any]:
        """As the body of a webhook's response."""
        return {"method": self.method, **self.parameters}


def calls(reply: Reply, chat: str) -> tuple[Call, ...]:
    """The picture if there is one, the text in as many messages as it takes, the keys under the last."""
    text = _text(reply)
    texts = [text] if _surely_fits(text) else split(text, TEXT_MOST, utf16)
    made = [Call("sendPhoto", {"chat_id": int(chat), "photo": reply.image})] if reply.image else []
    made += [message(chat, text) for text in texts]
    made[-1].parameters["reply_markup"] = markup(reply)
    return tuple(made)


def message(chat: str, text: str) -> Call:
    """A text in HTML with nothing in it but the text: what somebody called themselves is no markup."""
    shown = {"chat_id": int(chat), "text": escape(text, quote=False), "parse_mode": "HTML"}
    return Call("sendMessage", {**shown, "link_preview_options": {"is_disabled": True}})


def fit_one_call(replies: tuple[Reply, ...]) -> bool:
    """Whether these can be the one call in a webhook's response."""
    return len(replies) == 1 and not replies[0].image and _surely_fits(_text(replies[0]))


def _text(reply: Reply) -> str:
    return numbered(reply) if numbers(reply) else reply.text


def _surely_fits(text: str) -> bool:
    return 2 * len(text) <= TEXT_MOST or utf16(text) <= TEXT_MOST
