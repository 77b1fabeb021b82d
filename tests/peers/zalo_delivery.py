"""Brings events to the program: posted to its webhook as Zalo posts, or kept for `getUpdates`."""

import asyncio
from dataclasses import dataclass, field

from aiohttp import ClientError, ClientSession, ClientTimeout

from peers.zalo_bot import BotDesk
from peers.zalo_events import Event, OaEvents, Signing, bot_headers, oa_headers
from peers.zalo_ledger import Ledger, Sent

# Seconds after which Zalo is said to post an OA event again; nobody waits for them here, see `again`.
RETRIES = (30, 300, 900, 1800, 3600)


@dataclass(frozen=True)
class Delivery:
    """How it went: the HTTP status of the program's answer, 0 = none in time, queued = waits for `getUpdates`."""

    event: Event
    status: int = 0
    queued: bool = False
    tries: int = 1


@dataclass
class Mail:
    """The way to the program. `deadline` is what Zalo allows for an answer."""

    ledger: Ledger
    bot: BotDesk
    oa_webhook: str = ""
    deadline: float = 2.0
    failed: list[Delivery] = field(default_factory=list)
    _session: ClientSession | None = None
    _later: set[asyncio.Task[None]] = field(default_factory=set)

    async def deliver(self, event: Event, signing: Signing = "right", tries: int = 1) -> Delivery:
        """Post the event's own bytes; the same event may go twice, late, or after a younger one."""
        self._happened(event)
        if event.product == "bot" and not self.bot.webhook:
            self.bot.updates.put_nowait(event.payload.get("result", event.payload))
            return Delivery(event, queued=True)
        url, mine = self.bot.webhook, self.ledger.credentials
        if event.product == "bot":
            headers = bot_headers(event, self.bot.secret, signing)
        else:
            url, headers = self.oa_webhook, oa_headers(event, mine.app_id, mine.webhook_key, signing)
        if not url:
            raise LookupError("the peer knows no webhook of the program: set `peer.mail.oa_webhook` to its URL first")
        if tries > 1 and event.product == "oa":  # how the Bot Platform retries is not published
            headers["num_retry"] = str(tries - 1)
        done = Delivery(event, await self._post(url, event.body, headers), tries=tries)
        if done.status != 200:
            self.failed.append(done)
        return done

    async def again(self) -> list[Delivery]:
        """What got no 200 is posted once more: same bytes, same old timestamp."""
        waiting, self.failed = self.failed, []
        return [await self.deliver(d.event, tries=d.tries + 1) for d in waiting]

    def echo(self, sent: Sent) -> None:
        """What Zalo tells about each of our own messages: it was sent, it was received."""
        if sent.product == "oa" and sent.method == "cs" and self.oa_webhook:
            person, events = self.ledger.members[sent.user].person, OaEvents(self.ledger)
            kind = sent.kind if sent.kind in ("image", "gif", "file", "sticker") else "text"
            told = (
                events.echo(person, sent.text, sent.message_id, kind=kind),
                events.received(person, sent.message_id),
            )
            task = asyncio.create_task(self._deliver_all(told))
            self._later.add(task)
            task.add_done_callback(self._later.discard)

    async def settled(self) -> None:
        """Until every echo has been delivered."""
        while self._later:
            await asyncio.gather(*self._later)

    async def close(self) -> None:
        for task in self._later:
            task.cancel()
        await asyncio.gather(*self._later, return_exceptions=True)
        if self._session:
            await self._session.close()

    async def _deliver_all(self, events: tuple[Event, ...]) -> None:
        for event in events:
            await self.deliver(event)

    async def _post(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        if self._session is None:
            self._session = ClientSession(skip_auto_headers=("Content-Type",))
        try:
            timeout = ClientTimeout(total=self.deadline)
            async with self._session.post(url, data=body, headers=headers, timeout=timeout) as response:
                await response.read()
                return response.status
        except (ClientError, TimeoutError, OSError):
            return 0

    def _happened(self, event: Event) -> None:
        """The person did it, whether or not the program hears of it."""
        if event.product == "bot" and event.interacts:
            self.ledger.chats.setdefault(event.user, event.user)
        member = self.ledger.members.get(event.user)
        if event.product != "oa" or member is None:
            return
        if event.name in ("follow", "unfollow"):
            member.follower = event.name == "follow"
        if event.name == "user_submit_info":
            shared = {k: str(v) for k, v in event.payload["info"].items() if not isinstance(v, dict)}
            member.shared.update(
                {k: v for k, v in shared.items() if k in ("address", "city", "district", "phone", "name")}
            )
        if event.interacts:
            self.ledger.interacted(event.user, event.at)
