"""Limits and disturbances: what a test switches on, used up call by call."""

import math
from collections import deque
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from peers.telegram_state import Refused, World

Kind = Literal["slow", "cut", "error", "page"]
DESCRIPTIONS = {
    400: "Bad Request: something about it is wrong",
    403: "Forbidden: bot was blocked by the user",
    500: "Internal Server Error",
}


@dataclass(frozen=True)
class Fault:
    """One order: which calls, what happens to them, how often. Empty method or chat 0 = every one."""

    kind: Kind
    method: str = ""
    chat: int = 0
    times: int | None = 1  # None = until cleared
    taken: bool = False  # done as asked, only the answer goes wrong
    seconds: float = 0
    refused: Refused | None = None

    def meets(self, method: str, chat: int) -> bool:
        return self.method.lower() in ("", method.lower()) and self.chat in (0, chat)


class Faults:
    """The orders in force, the oldest first."""

    def __init__(self) -> None:
        self._orders: list[Fault] = []

    def error(
        self, code: int, description: str = "", *, method: str = "", chat: int = 0, times: int | None = 1, **told: int
    ) -> None:
        """Nothing is done; the answer is this error. `told` are its parameters, as retry_after=5."""
        if code == 429:
            told = {"retry_after": 1} | told
            description = description or f"Too Many Requests: retry after {told['retry_after']}"
        refused = Refused(code, description or DESCRIPTIONS.get(code, f"Error {code}"), **told)
        self._orders.append(Fault("error", method, chat, times, refused=refused))

    def slow(self, seconds: float, *, method: str = "", chat: int = 0, times: int | None = 1) -> None:
        """The request is taken at once and answered late."""
        self._orders.append(Fault("slow", method, chat, times, taken=True, seconds=seconds))

    def cut_after(self, *, method: str = "", chat: int = 0, times: int | None = 1) -> None:
        """The connection ends without an answer, but the request was taken: the message is delivered."""
        self._orders.append(Fault("cut", method, chat, times, taken=True))

    def cut_before(self, *, method: str = "", chat: int = 0, times: int | None = 1) -> None:
        """The connection ends without an answer and nothing was taken."""
        self._orders.append(Fault("cut", method, chat, times))

    def page(self, *, method: str = "", chat: int = 0, times: int | None = 1) -> None:
        """A gateway before the service answers 502 with a page instead of JSON; nothing was taken."""
        self._orders.append(Fault("page", method, chat, times))

    def clear(self) -> None:
        self._orders.clear()

    def take(self, method: str, chat: int) -> Fault | None:
        """The order that this call meets, used up by one."""
        for place, order in enumerate(self._orders):
            if order.meets(method, chat):
                if order.times == 1:
                    del self._orders[place]
                elif order.times is not None:
                    self._orders[place] = replace(order, times=order.times - 1)
                return order
        return None


@dataclass
class Bucket:
    """So many at once, refilled at a rate."""

    most: float
    rate: float
    left: float
    at: datetime

    def take(self, now: datetime) -> float:
        """0 and one is used, or the seconds until there is one."""
        self.left = min(self.most, self.left + (now - self.at).total_seconds() * self.rate)
        self.at = now
        if self.left >= 1:
            self.left -= 1
            return 0
        return (1 - self.left) / self.rate


@dataclass
class Flood:
    """How fast messages may come. Who writes before a retry_after is over is told to wait again."""

    world: World
    waits: dict[int, datetime] = field(default_factory=dict)  # chat, 0 = all of them
    _chats: dict[int, Bucket] = field(default_factory=dict)
    _all: Bucket | None = None
    _minutes: dict[int, deque[datetime]] = field(default_factory=dict)

    def stop(self, chat: int, seconds: float) -> None:
        """From now on for so long every message to this chat gets 429; chat 0 = to anybody."""
        self.waits[chat] = self.world.clock() + timedelta(seconds=seconds)

    def early(self, chat: int) -> bool:
        return self._told(chat) > 0

    def check(self, chat: int) -> None:
        """Raise 429 with the seconds to wait, or count this message."""
        wait = self._told(chat)
        if not wait:
            wait = self._measured(chat)
            if wait:
                whole = max(1, math.ceil(wait))
                self.waits[chat] = self.world.clock() + timedelta(seconds=whole)
        if wait:
            whole = max(1, math.ceil(wait))
            raise Refused(429, f"Too Many Requests: retry after {whole}", retry_after=whole)

    def _told(self, chat: int) -> float:
        now = self.world.clock()
        return max(0.0, *((self.waits[c] - now).total_seconds() for c in (chat, 0) if c in self.waits), 0.0)

    def _measured(self, chat: int) -> float:
        rules, now = self.world.rules, self.world.clock()
        wait = 0.0
        if rules.overall:
            self._all = self._all or Bucket(rules.overall, rules.overall, rules.overall, now)
            wait = self._all.take(now)
        if not wait and rules.per_chat:
            bucket = Bucket(rules.burst, rules.per_chat, rules.burst, now)
            wait = self._chats.setdefault(chat, bucket).take(now)
        if not wait and rules.per_group_minute and chat < 0:
            wait = self._in_a_minute(chat, rules.per_group_minute, now)
        return wait

    def _in_a_minute(self, chat: int, most: int, now: datetime) -> float:
        past = self._minutes.setdefault(chat, deque())
        while past and (now - past[0]).total_seconds() >= 60:
            past.popleft()
        if len(past) >= most:
            return 60 - (now - past[0]).total_seconds()
        past.append(now)
        return 0.0
