"""The real program behind the peer, many people writing at once, and somebody who kills it now and then."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import ClientError, ClientSession
from aiohttp.test_utils import unused_port
from faults.stage import ROOT
from peers.zalo import Rules, ZaloPeer
from peers.zalo_events import Event
from sqlalchemy import select

from bot import wiring
from bot.model import Contact
from bot.store import tables as t
from bot.store.crypto import Cipher
from bot.store.engines import connect
from bot.store.sql import SqlStore

KEY = "a key of the tests, long enough"
SAID = ("chào", "còn lớp may không", "học phí bao nhiêu", "hoc o dau", "cần giấy gì", "cảm ơn", "tôi muốn học nghề")
A_PERSON = 10  # events each person sends
ON_THE_WIRE = 32  # messages at most whose fate a kill leaves unknown: the outbox's width


@dataclass
class Storm:
    """`events` genuine messages; a tenth comes twice, a twentieth before its elder, a hundredth forged or broken."""

    peer: ZaloPeer
    folder: Path
    events: int
    kills: int
    workers: int = 2  # connections that post as fast as they are answered: some sixty events a second
    chance: random.Random = field(default_factory=lambda: random.Random(20261127))
    port: int = field(default_factory=unused_port)
    process: subprocess.Popen[bytes] | None = None
    up: asyncio.Event = field(default_factory=asyncio.Event)
    done: int = 0
    took: list[float] = field(default_factory=list)
    came: dict[str, list[str]] = field(default_factory=dict)
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def rage(self) -> None:
        """All of it, to the last answer."""
        self.peer.mail.oa_webhook = f"{self.url}/webhooks/zalo-oa"
        await self.start()
        people = [f"person {n}" for n in range(max(1, self.events // A_PERSON))]
        streams = [people[n :: self.workers] for n in range(self.workers)]
        killer = asyncio.create_task(self._kill_now_and_then())
        try:
            await asyncio.gather(*(self._write(stream) for stream in streams))
            await killer
            await self._drained()
        finally:
            killer.cancel()
            self.stop()

    async def start(self) -> None:
        mine = {k: v for k, v in self.peer.environment().items() if "ZALO_BOT" not in k}
        environment = {k: v for k, v in os.environ.items() if not k.startswith("HOCNGHE_")} | mine
        environment |= {"HOCNGHE_DATA_DIR": str(self.folder), "HOCNGHE_SECRET_KEY": KEY, "PYTHONPATH": str(ROOT)}
        command = (sys.executable, "-m", "bot", "serve", "--port", str(self.port))
        with (self.folder.parent / "program.log").open("ab") as log:
            self.process = subprocess.Popen(command, env=environment, cwd=self.folder.parent, stdout=log, stderr=log)
        await self._health()
        self.up.set()

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=20)

    async def _health(self) -> dict:
        async with ClientSession() as client:
            while True:
                assert self.process is not None
                assert self.process.poll() is None, (self.folder.parent / "program.log").read_text()[-2000:]
                try:
                    async with client.get(f"{self.url}/healthz") as response:
                        return await response.json()
                except (ClientError, OSError):
                    await asyncio.sleep(0.05)

    async def _kill_now_and_then(self) -> None:
        for number in range(1, self.kills + 1):
            while self.done < self.events * number // (self.kills + 1):
                await asyncio.sleep(0.002)
            self.up.clear()
            assert self.process is not None
            self.process.kill()
            self.process.wait(timeout=10)
            await self.start()

    async def _drained(self) -> None:
        while (await self._health())["channels"]["zalo_oa"]["waiting"]:
            await asyncio.sleep(0.05)

    async def _write(self, people: list[str]) -> None:
        """These people's messages, mixed, each person's in order but for a twentieth."""
        for turn in range(0, A_PERSON, 2):
            for who in people:
                await self._pair(who, turn)

    async def _pair(self, who: str, turn: int) -> None:
        person = self.peer.person(who)
        pair = [self.peer.oa.text(person, SAID[(turn + n) % len(SAID)]) for n in (0, 1)]
        if self.chance.random() < 0.1:  # both of a pair: a twentieth of all comes before its elder
            pair.reverse()
        for event in pair:
            await self._until_taken(event)
            if self.chance.random() < 0.1:
                await self._until_taken(event)
            if self.chance.random() < 0.01:
                await self._spoilt()

    async def _until_taken(self, event: Event) -> None:
        while True:
            await self.up.wait()
            begun = time.perf_counter()
            delivered = await self.peer.deliver(event)
            took = time.perf_counter() - begun
            self.statuses["genuine", delivered.status] += 1
            if delivered.status == 200:
                break
            await asyncio.sleep(0.05)
        self.took.append(took)
        order = self.came.setdefault(event.user, [])
        if event.msg_id not in order:
            order.append(event.msg_id)
            self.done += 1

    async def _spoilt(self) -> None:
        event = self.peer.oa.text(self.peer.person("nobody"), "lén")
        await self.up.wait()
        forged = await self.peer.deliver(event, signing=self.chance.choice(("wrong", "missing", "hmac")))
        self.statuses["forged", forged.status] += 1
        async with ClientSession() as client:
            try:
                async with client.post(self.peer.mail.oa_webhook, data=event.body[:-9]) as response:
                    self.statuses["malformed", response.status] += 1
            except (ClientError, OSError):
                self.statuses["malformed", 0] += 1

    def p99(self) -> float:
        """Seconds within which 99 of 100 answers came."""
        return sorted(self.took)[int(len(self.took) * 0.99)]


def assert_all_is_well(storm: Storm) -> int:
    """Every genuine message answered once and in order, no other one; how many fates nobody knows."""
    store = SqlStore(connect(f"sqlite:///{storm.folder / wiring.DATABASE}"), Cipher(KEY))
    try:
        with store.engine.begin() as db:
            rows = db.execute(select(t.messages.c.outgoing, t.messages.c.update_id, t.messages.c.id, t.messages.c.fate))
            kept = list(rows)
            contacts = db.execute(select(t.contacts.c.id)).all()
        fates = {row.id: row.fate for row in kept if row.outgoing}
        answered = Counter(row.update_id for row in kept if row.outgoing)
        assert answered == Counter(m for order in storm.came.values() for m in order), "one answer to each"
        assert set(fates.values()) <= {"sent", "unknown"}
        assert len(contacts) == len(storm.came), "nobody but those who wrote"
        _assert_order(storm, store, fates)
    finally:
        store.close()
    return Counter(fates.values())["unknown"]


def _assert_order(storm: Storm, store: SqlStore, fates: dict[int, str]) -> None:
    sent: dict[str, list[str]] = {}
    for one in storm.peer.sent:
        sent.setdefault(one.user, []).append(one.text)
    with store.transaction() as unit:
        for user, order in storm.came.items():
            talk = unit.messages(Contact("zalo_oa", storm.peer.credentials.app_id, user))
            assert [m.update_id for m in talk if m.reply is None] == order, "taken in the order they came"
            left = iter(sent.get(user, []))
            now = next(left, None)
            for message in (m for m in talk if m.reply is not None):
                text = now is not None and now.startswith(message.reply.text)
                assert text or fates[message.id] == "unknown", "sent once, in order"
                now = next(left, None) if text else now
            assert now is None, "nothing was sent twice"


async def stormed(folder: Path, events: int, kills: int) -> Storm:
    """A storm that has passed."""
    folder.mkdir(parents=True, exist_ok=True)
    async with ZaloPeer(rules=Rules(free_replies=None, calls_per_minute=10**6)) as peer:
        storm = Storm(peer, folder, events, kills)
        await storm.rage()
        return storm
