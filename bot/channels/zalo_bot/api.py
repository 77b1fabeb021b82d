"""Methods of the Zalo Bot Platform. Errors come with HTTP 200: `ok` decides.

The token stands in the address, so no address is ever told.
"""

import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientSession

from bot.channels import http
from bot.channels.outbox import Failed, Hold, Outcome, Retry, Sent
from bot.channels.texts import numbered
from bot.model import Reply
from bot.store.port import StoredMessage

MOST_TEXT = 2000
IDLE = 408  # a long poll that brought nothing
TIMEOUT = 15.0
HOLD = 300.0  # seconds between looks at whether the token has been put right
FIRST_WAIT, LONGEST_WAIT = 3.0, 60.0
MOST_FORBIDDEN = 3  # 403 is an "internal error" in the documents and a closed chat in practice


@dataclass(frozen=True, slots=True)
class Answer:
    """`code` 0 = done; else the platform's number."""

    code: int
    result: Mapping[str, Any] = field(default_factory=dict)


Result = Answer | http.NoAnswer


class Api:
    """One bot."""

    def __init__(self, url: str, token: str, client: ClientSession) -> None:
        self._base = f"{url}/bot{token}"
        self._client = client

    async def call(self, method: str, **parameters: str) -> Result:
        """Method names are case-sensitive."""
        return await self._asked(method, parameters, TIMEOUT)

    async def updates(self, seconds: int) -> Result:
        """One update, or code 408 after so many seconds without one."""
        return await self._asked("getUpdates", {"timeout": str(seconds)}, seconds + TIMEOUT)

    async def _asked(self, method: str, parameters: Mapping[str, str], timeout: float) -> Result:
        body = await http.call(self._client, "POST", f"{self._base}/{method}", timeout=timeout, json=parameters)
        if isinstance(body, http.NoAnswer):
            return body
        if body.get("ok") is True:
            result = body.get("result")
            return Answer(0, result if isinstance(result, dict) else {})
        code = body.get("error_code", body.get("errorCode"))  # 426 was seen in the other spelling
        return Answer(code) if isinstance(code, int) and code else http.NoAnswer(taken=True, why="unreadable answer")


class Sender:
    """One message of the outbox to one chat, and what became of it."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._failures: Counter[int] = Counter()
        self.trouble = ""

    async def send(self, message: StoredMessage) -> Outcome:
        """Never raises for what the platform or the network can do."""
        outcome = self._outcome(message.id, await self._tried(message.contact.id, message.reply or Reply("")))
        if isinstance(outcome, Retry):
            self._failures[message.id] += 1
        else:
            self._failures.pop(message.id, None)
        return outcome

    async def _tried(self, chat: str, reply: Reply) -> Result:
        text = unicodedata.normalize("NFC", numbered(reply)).strip()
        if reply.image:
            result = await self._api.call("sendPhoto", chat_id=chat, photo=reply.image, caption=text)
            if not (isinstance(result, Answer) and result.code == 400):  # no public address: the words alone
                return result
        return await self._api.call("sendMessage", chat_id=chat, text=text)

    def _outcome(self, number: int, result: Result) -> Outcome:
        wait = min(FIRST_WAIT * 2 ** self._failures[number], LONGEST_WAIT)
        if isinstance(result, http.NoAnswer):
            return Failed("unknown", result.why) if result.taken else Retry(wait, result.why)
        why = str(result.code)
        if result.code == 0:
            self.trouble = ""
            return Sent()
        if result.code in (429, 426) or (result.code == 403 and self._failures[number] < MOST_FORBIDDEN):
            return Retry(wait, why)
        if result.code == 401:
            self.trouble = "Zalo refuses HOCNGHE_ZALO_BOT_TOKEN: take it anew from Zalo Bot Creator"
            return Hold(HOLD, why)
        if result.code in (403, 404):
            return Failed("unreachable", why)
        return Failed("unknown" if result.code in (408, 500) else "refused", why)
