"""What the Zalo peer remembers: people and their windows, quotas, uploads, templates, and everything that was sent."""

import asyncio
import hashlib
import itertools
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
WINDOW, FREE_WINDOW, ASSET_LIFE = timedelta(days=7), timedelta(hours=48), timedelta(days=7)
# Longer messages are cut at Zalo; Vietnamese counts one per letter only when composed.
MOST_TEXT = 2000


class Refusal(Exception):
    """The peer does not do what was asked: Zalo's number for it and a sentence."""

    def __init__(self, code: int, message: str = "") -> None:
        super().__init__(code, message)
        self.code, self.message = code, message


@dataclass(frozen=True)
class Credentials:
    """What the console would show: made up, and anew for every peer."""

    bot_token: str = field(default_factory=lambda: f"12345689:{secrets.token_hex(8)}")
    bot_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    app_id: str = "3608465248940903967"
    app_secret: str = field(default_factory=lambda: secrets.token_hex(10))
    oa_id: str = "388613280878808645"
    webhook_key: str = field(default_factory=lambda: secrets.token_hex(10))
    refresh_token: str = field(default_factory=lambda: f"RT-{secrets.token_hex(12)}")


@dataclass
class Rules:
    """What the papers leave open, or what an account can have less of: a test sets what it is about."""

    free_replies: int | None = 8  # per 48 hours; None = uncounted
    package: int = 2000  # paid replies left for 48 h to 7 d
    calls_per_minute: int = 4000
    follow_needed: bool = False  # -213
    proof_needed: bool = False  # the header appsecret_proof, -242
    expired_code: int = -216  # some accounts see -220
    access_seconds: int = 90000
    template_daily: int = 500
    zca_balance: int | None = None  # None = enough money
    bot_messages: int | None = None  # None = no quota in sight
    longest_poll: float = 30.0


@dataclass(frozen=True)
class Person:
    """One human with the numbers that the two products give them; they never match."""

    name: str
    user_id: str
    user_id_by_app: str
    chat_id: str
    phone: str

    @classmethod
    def named(cls, name: str) -> "Person":
        """The same name always gets the same numbers."""
        number = int(hashlib.sha256(name.encode()).hexdigest(), 16)
        digits = [str(10**17 + (number >> shift) % (9 * 10**17)) for shift in (0, 64)]
        return cls(name, digits[0], digits[1], f"{number >> 160:020x}"[:20], f"84900000{number % 1000:03d}")


@dataclass(frozen=True)
class Button:
    """One button as the person sees it; what it opens stands in `payload`."""

    title: str
    type: str
    payload: Any


@dataclass(frozen=True)
class Sent:
    """One thing the program sent and Zalo took: it counts as delivered even if the answer was lost."""

    number: int
    product: str
    method: str
    user: str
    text: str
    buttons: tuple[Button, ...]
    at: datetime
    message_id: str
    kind: str = "text"
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Called:
    """One request that came, also when it was refused (`code`) or spoilt."""

    product: str
    method: str
    user: str
    code: int
    at: datetime


@dataclass(frozen=True)
class Template:
    """An approved ZBS template: its parameters with their longest lengths."""

    id: str
    params: Mapping[str, int]
    status: str = "ENABLE"
    uid: bool = True


@dataclass(frozen=True)
class Asset:
    """An uploaded file, good for seven days."""

    id: str
    kind: str
    name: str
    data: bytes
    at: datetime


@dataclass
class Member:
    """A person as the Official Account knows them."""

    person: Person
    follower: bool = False
    last: datetime | None = None
    replies: int = 0
    shared: dict[str, str] = field(default_factory=dict)


class Ledger:
    """The peer's memory; the clock is the test's."""

    def __init__(self, clock: Clock, credentials: Credentials, rules: Rules) -> None:
        self.clock, self.credentials, self.rules = clock, credentials, rules
        self.members: dict[str, Member] = {}
        self.chats: dict[str, str] = {}
        self.assets: dict[str, Asset] = {}
        self.templates: dict[str, Template] = {}
        self.sent: list[Sent] = []
        self.calls: list[Called] = []
        self.watchers: list[Callable[[Sent], None]] = []
        self._minute: tuple[int, int] = (0, 0)
        self._numbers = itertools.count(1)
        self._waiting: set[asyncio.Event] = set()

    def now_ms(self) -> int:
        return int(self.clock().timestamp() * 1000)

    def local(self) -> datetime:
        return self.clock().astimezone(ZONE)

    def night(self) -> bool:
        return not 6 <= self.local().hour < 22

    def new_id(self) -> str:
        """20 hexadecimal digits, as both products give their messages."""
        return hashlib.sha256(f"message {next(self._numbers)}".encode()).hexdigest()[:20]

    def member(self, user_id: Any) -> Member:
        if not isinstance(user_id, str) or user_id not in self.members:
            raise Refusal(-201, "user_id is invalid")
        return self.members[user_id]

    def interacted(self, user_id: str, at: datetime) -> None:
        """Open the window; an old event that comes again opens nothing."""
        member = self.members[user_id]
        if member.last is None or at > member.last:
            member.last, member.replies = at, 0

    def take_call(self) -> int:
        """Count an OA request; how many are left in this minute, or -32."""
        minute = int(self.clock().timestamp() // 60)
        used = self._minute[1] + 1 if self._minute[0] == minute else 1
        self._minute = (minute, used)
        if used > self.rules.calls_per_minute:
            raise Refusal(-32, "Your application reached limit call api")
        return self.rules.calls_per_minute - used

    def take_reply(self, member: Member) -> dict[str, str]:
        """Take one consultation message from the person's window; the quota block of the answer."""
        now, rules = self.clock(), self.rules
        if rules.follow_needed and not member.follower:
            raise Refusal(-213, "User has not followed OA")
        if member.last is None or now - member.last > WINDOW:
            raise Refusal(-230, "User has not interacted with the OA in the past 7 days")
        owner = {"expired_date": "", "owner_type": "OA", "owner_id": self.credentials.oa_id}
        if now - member.last <= FREE_WINDOW and (rules.free_replies is None or member.replies < rules.free_replies):
            member.replies += 1
            total = rules.free_replies or 0
            return {"quota_type": "reply", "remain": str(max(0, total - member.replies)), "total": str(total), **owner}
        if rules.package <= 0:
            raise Refusal(-211, "Out of quota")
        rules.package -= 1
        return {"quota_type": "sub_quota", "remain": str(rules.package), "total": "2000", **owner}

    def free_left(self, member: Member) -> tuple[int, int]:
        """Free replies: how many are left, of how many."""
        total = self.rules.free_replies or 0
        if member.last is None or self.clock() - member.last > FREE_WINDOW:
            return 0, total
        return max(0, total - member.replies), total

    def keep(self, kind: str, name: str, data: bytes) -> Asset:
        asset = Asset(secrets.token_urlsafe(24), kind, name, data, self.clock())
        self.assets[asset.id] = asset
        return asset

    def asset(self, asset_id: Any, kind: str) -> Asset:
        found = self.assets.get(asset_id) if isinstance(asset_id, str) else None
        if found is None or found.kind != kind:
            raise Refusal(-201, f"attachment_id of {kind} is invalid")
        if self.clock() - found.at > ASSET_LIFE:
            raise Refusal(-100, "attachment is expired")
        return found

    def record(self, sent: Sent) -> None:
        """Without a pause, so that a message is never half taken when the program hangs up."""
        self.sent.append(sent)
        for watcher in self.watchers:
            watcher(sent)
        for waiting in self._waiting:
            waiting.set()

    async def wait(self, ready: Callable[[], bool], seconds: float) -> None:
        news = asyncio.Event()
        self._waiting.add(news)
        try:
            async with asyncio.timeout(seconds):
                while not ready():
                    await news.wait()
                    news.clear()
        finally:
            self._waiting.discard(news)
