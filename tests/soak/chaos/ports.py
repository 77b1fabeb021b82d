"""A person's way to talk on each channel: say something, tap, send it twice; and what comes back."""

import asyncio
import random
import uuid
from typing import Any, Protocol

from aiohttp import ClientError, ClientSession, ClientTimeout
from peers.telegram import TelegramPeer
from peers.zalo import ZaloPeer
from peers.zalo_events import Event
from soak.chaos.clock import Clock
from soak.chaos.records import Person, Seen, Told
from soak.chaos.stage import Machine

from bot.channels.web.visitors import COOKIE, new_cookie

PATIENCE, SETTLED = 25.0, 0.25  # seconds a person waits for an answer; until no more is expected after one
AGAIN = 0.3  # seconds until a platform delivers again what got no 200


class Port(Protocol):
    """One person on one channel."""

    person: Person

    async def say(self, text: str) -> list[Seen]: ...
    async def tap(self, label: str, old: Seen | None = None) -> list[Seen]: ...
    async def twice(self) -> None: ...
    async def leaves(self) -> bool: ...
    async def returns(self) -> None: ...


class Mailbox:
    """What arrives for a person on a platform that pushes."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self._bell = asyncio.Event()

    def arrived(self, seen: Seen) -> None:
        self.person.seen.append(seen)
        self._bell.set()

    async def since(self, number: int, patience: float) -> list[Seen]:
        """What came after the first `number` things, once it is quiet; nothing when nothing comes in time."""
        try:
            async with asyncio.timeout(patience):
                while len(self.person.seen) <= number:
                    self._bell.clear()
                    await self._bell.wait()
        except TimeoutError:
            return []
        await asyncio.sleep(SETTLED)
        return self.person.seen[number:]


class World:
    """The platforms, and whose mailbox each message belongs into."""

    def __init__(self, telegram: TelegramPeer, zalo: ZaloPeer, machines: list[Machine], clock: Clock):
        self.telegram, self.zalo, self.machines, self.clock = telegram, zalo, machines, clock
        self.boxes: dict[tuple[str, str], Mailbox] = {}
        self.over, self.pace = False, 1.0
        self.vain: set[str] = set()  # updates whose answer carried a reply that Telegram then refused
        self._rides, telegram.updates.reply = telegram.updates.reply, self._ridden
        telegram.world.watchers.append(self._telegram)
        zalo.ledger.watchers.append(self._zalo)

    async def _ridden(self, method: str, args: dict[str, str], update_id: int) -> Any:
        """A reply in a webhook's answer: the program never learns how it went, so the run does."""
        before = len(self.telegram.world.sent)
        refused = await self._rides(method, args, update_id)
        if method == "sendMessage" and all(s.update_id != update_id for s in self.telegram.world.sent[before:]):
            self.vain.add(str(update_id))
        return refused

    async def again(self, update: int) -> None:
        """An update once more, as Telegram does it: not after a 200 that carried a reply.

        (Which answers left whole is known to the process that gave them, for as long as it lives; docs/telegram.md.)
        """
        done = [d for d in self.telegram.updates.deliveries[-2000:] if d.update_id == update and d.status == 200]
        if done and not any(d.replied for d in done):
            await self.telegram.redelivers(update)

    def _telegram(self, sent: Any) -> None:
        box = self.boxes.get(("telegram", str(sent.chat)))
        if box and sent.method.startswith("send"):
            box.arrived(Seen(sent.text, self.clock(), tuple((label, "") for label in sent.labels)))

    def _zalo(self, sent: Any) -> None:
        box = self.boxes.get(("zalo_oa" if sent.product == "oa" else "zalo_bot", sent.user))
        if box:
            choices = tuple((b.title, str(b.payload)) for b in sent.buttons if b.type.startswith("oa.query."))
            box.arrived(Seen(sent.text, self.clock(), choices))

    async def open(self) -> None:
        self.client = ClientSession(timeout=ClientTimeout(total=30))

    async def close(self) -> None:
        await self.client.close()


class Pushed:
    """What the three platforms share."""

    def __init__(self, world: World, person: Person) -> None:
        self.world, self.person = world, person
        self.box = world.boxes[person.channel, person.key] = Mailbox(person)
        self.patience = PATIENCE * max(0.2, world.pace)

    async def _told(self, told: Told, before: int) -> list[Seen]:
        self.person.told.append(told)
        return await self.box.since(before, self.patience)


class OnTelegram(Pushed):
    """A chat with the bot."""

    async def say(self, text: str) -> list[Seen]:
        before = len(self.person.seen)
        number = await self.world.telegram.says(int(self.person.key), text)
        return await self._told(Told(str(number), text), before)

    async def tap(self, label: str, old: Seen | None = None) -> list[Seen]:
        """The newest button of that name, whatever message it stands on; typed when there is none any more."""
        before = len(self.person.seen)
        try:
            number = await self.world.telegram.taps(int(self.person.key), label)
        except LookupError:
            number = 0
        if not number:
            return await self.say(label)
        return await self._told(Told(str(number), label, tap=True), before)

    async def twice(self) -> None:
        if self.person.told and not self.person.told[-1].tap:
            await self.world.again(int(self.person.told[-1].update))

    async def leaves(self) -> bool:
        """The bot is blocked."""
        await self.world.telegram.blocks(int(self.person.key))
        return True

    async def returns(self) -> None:
        """And let in again."""
        await self.world.telegram.unblocks(int(self.person.key))


class OnZalo(Pushed):
    """The Official Account or the Bot; posted again until it is taken, as Zalo does."""

    def __init__(self, world: World, person: Person) -> None:
        super().__init__(world, person)
        self._last: Event | None = None

    async def say(self, text: str) -> list[Seen]:
        before, peer = len(self.person.seen), self.world.zalo
        maker = peer.oa if self.person.channel == "zalo_oa" else peer.bot
        event = self._last = maker.text(peer.person(f"person {self.person.number}"), text)
        told = Told(event.msg_id, text)
        self.person.told.append(told)
        told.taken = await self._deliver(event)
        return await self.box.since(before, self.patience)

    async def _deliver(self, event: Event) -> bool:
        while not self.world.over:
            if (await self.world.zalo.deliver(event)).status == 200:
                return True
            await asyncio.sleep(AGAIN)
        return False

    async def tap(self, label: str, old: Seen | None = None) -> list[Seen]:
        """A button's payload arrives as typed text; the Bot has no buttons, so the label is typed."""
        among = [old] if old else reversed(self.person.seen)
        payload = next((v for s in among for name, v in s.choices if name == label and v), "")
        return await self.say(payload or label)

    async def twice(self) -> None:
        if self._last is not None:
            await self.world.zalo.deliver(self._last)

    async def leaves(self) -> bool:
        """The account is not followed any more; the Bot knows no such thing."""
        return self.person.channel == "zalo_oa" and await self._follows(gone=True)

    async def returns(self) -> None:
        """It is followed again."""
        await self._follows(gone=False)

    async def _follows(self, *, gone: bool) -> bool:
        peer = self.world.zalo
        return await self._deliver(peer.oa.follow(peer.person(f"person {self.person.number}"), gone=gone))


class OnWeb:
    """A browser: posts until it is told that its message was taken."""

    def __init__(self, world: World, person: Person, chance: random.Random) -> None:
        self.world, self.person, self.chance = world, person, chance
        number = person.number
        self._headers = {"X-Forwarded-For": f"10.{number // 62500 % 250}.{number // 250 % 250}.{number % 250 + 1}"}
        self._last: dict[str, str] = {}

    async def say(self, text: str) -> list[Seen]:
        return await self._post({"text": text}, text)

    async def tap(self, label: str, old: Seen | None = None) -> list[Seen]:
        among = [old] if old else reversed(self.person.seen)
        value = next((v for s in among for name, v in s.choices if name == label), "")
        return await self._post({"choice": value}, label, tap=True) if value else await self.say(label)

    async def twice(self) -> None:
        if self._last:
            await self._once(self._last)

    async def leaves(self) -> bool:
        """A page cannot be shut against us."""
        return False

    async def returns(self) -> None:
        """Nothing to do."""

    async def _post(self, what: dict[str, str], text: str, *, tap: bool = False) -> list[Seen]:
        told = Told(str(uuid.UUID(int=self.chance.getrandbits(128), version=4)), text, tap=tap)
        self.person.told.append(told)
        self._last = {"id": told.update, **what}
        while not self.world.over:
            answer = await self._once(self._last)
            if answer is not None:
                told.taken = True
                seen = [self._seen(r) for r in answer["replies"]]
                known = {s.number for s in self.person.seen}
                self.person.seen += [s for s in seen if s.number not in known]
                return seen
            await asyncio.sleep(self.chance.uniform(0.3, 1.0))
        return []

    async def _once(self, body: dict[str, str]) -> dict[str, Any] | None:
        """One try at one machine; None: it is kept and sent again."""
        url = self.chance.choice(self.world.machines).url
        headers = self._headers | {"Cookie": f"{COOKIE}={self.person.key}"}
        try:
            async with self.world.client.post(f"{url}/chat/messages", json=body, headers=headers) as answer:
                if answer.status in (200, 202):
                    return await answer.json()
                if answer.status < 500 and answer.status != 429:
                    raise AssertionError(f"the web chat refused: {answer.status} {await answer.text()}")
        except (ClientError, OSError, TimeoutError):
            pass
        return None

    async def history(self) -> list[dict[str, Any]]:
        """The talk so far as the page asks for it."""
        headers = self._headers | {"Cookie": f"{COOKIE}={self.person.key}"}
        async with self.world.client.get(f"{self.world.machines[0].url}/chat/history", headers=headers) as answer:
            return (await answer.json())["messages"] if answer.status == 200 else []

    def _seen(self, reply: dict[str, Any]) -> Seen:
        choices = tuple((c["label"], c["value"]) for c in reply["choices"])
        return Seen(reply["text"], self.world.clock(), choices, reply["id"])


def port(world: World, person: Person, chance: random.Random) -> Port:
    """The way of this person's channel."""
    if person.channel == "web":
        return OnWeb(world, person, chance)
    return OnTelegram(world, person) if person.channel == "telegram" else OnZalo(world, person)


def key_of(world: World, channel: str, number: int) -> str:
    """The id that the channel knows this person by."""
    if channel == "telegram":
        return str(9_000_000 + number)
    if channel == "web":
        return new_cookie()
    who = world.zalo.person(f"person {number}")
    return who.user_id if channel == "zalo_oa" else who.chat_id
