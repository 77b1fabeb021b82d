"""One message of the outbox to one person, and what became of it."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog

from bot.channels import http
from bot.channels.outbox import Failed, Hold, Outcome, Retry, Sent
from bot.channels.zalo_oa import content, errors
from bot.channels.zalo_oa.api import Answer, Api, Result
from bot.channels.zalo_oa.pictures import Pictures
from bot.channels.zalo_oa.tokens import NoToken
from bot.model import Reply
from bot.store.channel_port import Quota
from bot.store.port import StoredMessage

log = structlog.get_logger()
PATH = "/v3.0/oa/message/cs"
MOST_FAILURES = 3  # of "send failed" (-200)
HOLD_TOKEN, HOLD_ACCOUNT = 30.0, 300.0  # seconds between looks at whether a human has mended it
HOLD_DATABASE = 2.0  # ... at whether the database is back
FIRST_WAIT, LONGEST_WAIT = 3.0, 60.0


class Sender:
    """`title`, `image`: of the contact form, "" = there is none (it needs a public picture)."""

    def __init__(self, api: Api, clock: Callable[[], datetime], *, title: str = "", image: str = "") -> None:
        self._api = api
        self._clock = clock
        self._title, self._image = title, image
        self._pictures = Pictures(api, clock)
        self._failures: Counter[int] = Counter()
        self.trouble = ""

    async def send(self, message: StoredMessage) -> Outcome:
        """Never raises for what Zalo or the network can do."""
        try:
            result = await self._tried(message.contact.id, message.reply or Reply(""))
        except NoToken as fault:
            return Hold(HOLD_DATABASE if fault.soon else HOLD_TOKEN, str(fault))
        outcome = self._outcome(message.id, result)
        if isinstance(outcome, Retry):
            self._failures[message.id] += 1
        else:
            self._failures.pop(message.id, None)
        return outcome

    async def _tried(self, user: str, reply: Reply) -> Result:
        if reply.image:
            result = await self._post(user, content.picture(reply, await self._pictures.source(reply.image)))
            if _class(result) == "upload":
                source = await self._pictures.source(reply.image, anew=True)
                result = await self._post(user, content.picture(reply, source))
            return result if _class(result) != "refused" else await self._post(user, content.text(reply))
        if reply.asks == "phone" and self._image:
            form = content.contact_form(reply, self._title, self._image)
            if form and _class(result := await self._post(user, form)) != "refused":
                return result
        return await self._post(user, content.text(reply))

    async def _post(self, user: str, message: content.Message) -> Result:
        return await self._api.post(PATH, {"recipient": {"user_id": user}, "message": message})

    def _outcome(self, number: int, result: Result) -> Outcome:
        wait = min(FIRST_WAIT * 2 ** self._failures[number], LONGEST_WAIT)
        if isinstance(result, http.NoAnswer):
            return Failed("unknown", result.why) if result.taken else Retry(wait, result.why)
        if result.code == 0:
            self.trouble = ""
            return Sent(quota(result.data, self._clock()))
        kind, why = errors.classed(result.code), f"{errors.classed(result.code)} {result.code}"
        if kind == "retry" and self._failures[number] < MOST_FAILURES:
            return Retry(wait, why)
        if kind == "stopped":
            self.trouble = f"Zalo error {result.code}: {errors.advice(result.code)}"
            log.error("nothing can be sent through the Official Account", code=result.code, do=self.trouble)
            return Hold(HOLD_ACCOUNT, why)
        if kind == "human":
            log.error("Zalo refused a message", code=result.code, do=errors.advice(result.code))
        return Failed("unreachable" if kind in ("template", "person") else "refused", why)


def quota(data: Any, now: datetime) -> Quota | None:
    """The free replies left as the answer says; a message taken from a paid quota means that none are left."""
    told = data.get("quota")
    if not isinstance(told, dict):
        return None
    if told.get("quota_type") != "reply":
        return Quota(0, None, now)
    return Quota(_count(told.get("remain")), _count(told.get("total")), now)


def _count(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _class(result: Result) -> errors.Class | None:
    return errors.classed(result.code) if isinstance(result, Answer) and result.code else None
