"""ZBS templates for people outside the window: approved beforehand, paid for each, never at night.

Each goes out once by its tracking id: it is noted before the wire and settled after; what was cut off in between stays
"unknown" and is not sent again. The delivery event carries the tracking id back. Cost: docs/zalo.md, section 3.
"""

import random
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import structlog

from bot.channels import http
from bot.channels.outbox import Failed, Hold, Outcome, Retry, Sent
from bot.channels.zalo_oa import errors
from bot.channels.zalo_oa.api import Api, Result
from bot.channels.zalo_oa.events import CHANNEL
from bot.channels.zalo_oa.tokens import NoToken
from bot.channels.zalo_oa.window import next_morning
from bot.store.channel_port import ChannelStore, ChannelUnit, TemplateSend

log = structlog.get_logger()
UID_PATH, PHONE_PATH = "/v3.0/oa/message/template", "/message/template"
MOST_TRACKING = 48
WAIT, HOLD = 30.0, 300.0
JITTER = 300.0  # seconds over which the morning's sends are spread


@dataclass(frozen=True, slots=True)
class Filled:
    """An approved template with its parameters, all texts."""

    id: str
    data: Mapping[str, str]


class Templates:
    """`url`: the host of templates by phone. `clock` is local time."""

    def __init__(
        self,
        api: Api,
        store: ChannelStore,
        run: Callable[..., Awaitable[Any]],
        clock: Callable[[], datetime],
        url: str,
    ) -> None:
        self._api = api
        self._store = store
        self._run = run
        self._clock = clock
        self._url = url

    async def send(self, to: str, filled: Filled, tracking_id: str, *, by: Literal["uid", "phone"]) -> Outcome:
        """`to`: an OA user id, or a phone. Retry and Hold leave it unsent; anything else is final for this tracking id.

        Raises ValueError for a tracking id of more than 48 characters: Zalo would refuse it.
        """
        if not 0 < len(tracking_id) <= MOST_TRACKING:
            raise ValueError(f"tracking_id {tracking_id!r}: give 1 to {MOST_TRACKING} characters")
        before = await self._run(self._in_channels, lambda unit: self._begin(unit, tracking_id))
        if before is not None:
            return Sent() if before.state == "sent" else Failed("unknown", before.why or "sent before")
        try:
            result = await self._post(to, filled, tracking_id, by)
        except NoToken as fault:
            outcome: Outcome = Hold(HOLD, str(fault))
        else:
            outcome = self._outcome(result)
        message_id = "" if isinstance(outcome, Retry | Hold | Failed) else _message_id(result)
        await self._run(self._in_channels, lambda unit: self._settle(unit, tracking_id, outcome, message_id))
        return outcome

    def _begin(self, unit: ChannelUnit, tracking_id: str) -> TemplateSend | None:
        before = unit.template(tracking_id)
        if before is None:
            unit.save_template(CHANNEL, TemplateSend(tracking_id, "unknown", "", "", self._clock()))
        return before

    def _settle(self, unit: ChannelUnit, tracking_id: str, outcome: Outcome, message_id: str) -> None:
        if isinstance(outcome, Retry | Hold):
            unit.drop_template(tracking_id)
            return
        state, why = ("sent", "") if isinstance(outcome, Sent) else (_state(outcome), outcome.why)
        unit.save_template(CHANNEL, TemplateSend(tracking_id, state, why, message_id, self._clock()))

    async def _post(self, to: str, filled: Filled, tracking_id: str, by: str) -> Result:
        body = {"template_id": filled.id, "template_data": dict(filled.data)}
        if by == "uid":  # takes no tracking_id: its receipt is known by the message's id
            return await self._api.post(UID_PATH, {"user_id": to, **body})
        phone = {"phone": international(to), "tracking_id": tracking_id}
        return await self._api.post(PHONE_PATH, {**phone, **body}, url=self._url)

    def _outcome(self, result: Result) -> Outcome:
        if isinstance(result, http.NoAnswer):
            return Failed("unknown", result.why) if result.taken else Retry(WAIT, result.why)
        if result.code == 0:
            return Sent()
        kind, now = errors.classed_template(result.code), self._clock()
        why = f"{'opted out' if result.code in errors.OPTED_OUT else kind} {result.code}"
        if kind == "retry":
            return Retry(WAIT, why)
        if kind in ("tomorrow", "morning"):
            morning = next_morning(now)
            return Retry((morning - now).total_seconds() + random.uniform(0, JITTER), why)  # noqa: S311 - no secret
        if kind in ("stopped", "human"):
            log.error("a template cannot be sent", code=result.code, do=errors.advice(result.code))
        if kind == "stopped":
            return Hold(HOLD, why)
        return Failed("unreachable" if kind == "person" else "refused", why)

    def _in_channels(self, work: Callable[[ChannelUnit], Any]) -> Any:
        with self._store.channels() as unit:
            return work(unit)


def international(phone: str) -> str:
    """0912… and +84 912… as 84912…, digits alone."""
    digits = re.sub(r"\D", "", phone)
    return "84" + digits[1:] if digits.startswith("0") else digits


def _state(outcome: Failed) -> str:
    return "unknown" if outcome.fate == "unknown" else "refused"


def _message_id(result: Any) -> str:
    data = getattr(result, "data", {})
    return str(data.get("msg_id") or data.get("message_id") or "")[:80]
