"""What breaks: each kind one method, called when the plan says so."""

import asyncio
import os
import random
import signal
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from peers.telegram import TelegramPeer
from peers.zalo import ZaloPeer
from soak.chaos.clock import Clock
from soak.chaos.cluster import Cluster
from soak.chaos.plan import Act
from soak.chaos.records import Run
from soak.chaos.stage import Machine

CLOCK_LASTS = 20.0  # seconds that a wrong clock stays wrong
PIECE = 64 * 1024
RENEWING = 1.5  # seconds that Zalo takes for a new token as the database goes
LONG = 10.0  # a process that hangs for longer may miss the answer to a request


@dataclass
class Disturber:
    """Everything within reach. `disk`: a small file system of the run's own, None where none can be made."""

    machines: dict[str, Machine]
    telegram: TelegramPeer
    zalo: ZaloPeer
    clock: Clock
    run: Run
    again: Callable[[int], Awaitable[None]]
    database: Path | None = None
    cluster: Cluster | None = None
    disk: Path | None = None

    def __post_init__(self) -> None:
        self.chance = random.Random(1)

    async def follow(self, acts: tuple[Act, ...], say: Callable[[str], None]) -> None:
        """The whole plan; some overlap."""
        loop, tasks = asyncio.get_running_loop(), []
        begun = loop.time()
        for act in acts:
            await asyncio.sleep(max(0.0, act.at - (loop.time() - begun)))
            say(str(act))
            self.run.events.append(str(act))
            tasks.append(asyncio.create_task(getattr(self, f"_{act.what}")(act)))
        await asyncio.gather(*tasks)

    async def _kill(self, act: Act) -> None:
        self.run.harms.append(self.clock())
        self.run.kills += self.machines[act.who].signal(signal.SIGKILL)

    async def _term(self, act: Act) -> None:
        self.machines[act.who].signal(signal.SIGTERM)

    async def _stop(self, act: Act) -> None:
        """It hangs, and wakes believing that no time has passed."""
        process = self.machines[act.who].process
        self.run.harms += [self.clock()] if act.seconds > LONG else []
        if self.machines[act.who].signal(signal.SIGSTOP):
            await asyncio.sleep(act.seconds)
            assert process is not None
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)

    async def _hang(self, act: Act) -> None:
        """As `stop`, until another process has taken over what this one believes to have still."""
        self.run.hangs += 1
        await self._stop(act)

    async def _renewing(self) -> None:
        """A token is on its way when the database goes: it works once."""
        self.zalo.faults.slow(RENEWING, method="token")
        self.zalo.tokens.expire()
        await asyncio.sleep(RENEWING / 2)

    async def _database(self, act: Act) -> None:
        await self._renewing()
        if self.cluster is not None:
            await asyncio.to_thread(self.cluster.stop, self.chance.choice(("immediate", "fast")))
            await asyncio.sleep(act.seconds)
            await asyncio.to_thread(self.cluster.start)
        elif self.database is not None:
            await asyncio.to_thread(_locked, self.database, act.seconds)

    async def _full(self, act: Act) -> None:
        """Not a byte left where the database stands."""
        if self.disk is None:
            return
        await self._renewing()
        ballast = self.disk / "ballast"
        await asyncio.to_thread(_fill, ballast)
        await asyncio.sleep(act.seconds)
        ballast.unlink()

    async def _clock(self, act: Act) -> None:
        self.clock.jump(act.seconds)
        await asyncio.sleep(CLOCK_LASTS)
        self.clock.jump(0)

    async def _peer_slow(self, act: Act) -> None:
        for _ in range(6):
            self.telegram.faults.slow(act.seconds, method="sendMessage")
            self.zalo.faults.slow(act.seconds, method="cs")
            self.zalo.faults.slow(act.seconds, method="sendMessage")

    async def _peer_500(self, _act: Act) -> None:
        """Errors that say whether it was taken: it was not."""
        for _ in range(5):
            self.telegram.faults.error(500, method="sendMessage")
            self.telegram.faults.error(429, method="sendMessage", retry_after=1)
            self.zalo.faults.status(502, method="cs")
            self.zalo.faults.code(-32, method="cs")
        self.telegram.faults.page(method="sendMessage")
        self.run.cuts += 16  # an error page leaves the fate unknown

    async def _peer_cut(self, _act: Act) -> None:
        """The answer never comes: nobody can know."""
        for _ in range(3):
            self.telegram.faults.cut_after(method="sendMessage")
            self.telegram.faults.cut_before(method="sendMessage")
            self.zalo.faults.cut_after(method="cs")
            self.zalo.faults.cut_before(method="sendMessage")
            self.zalo.faults.garbage(method="cs")
        self.run.cuts += 15

    async def _peer_down(self, act: Act) -> None:
        """Every request is refused for a while."""
        self.telegram.faults.error(500, method="sendMessage", times=None)
        self.zalo.faults.status(503, method="cs", times=None)
        self.zalo.faults.status(503, method="sendMessage", times=None)
        await asyncio.sleep(act.seconds)
        self.telegram.faults.clear()
        self.zalo.faults.clear()

    async def _flood(self, act: Act) -> None:
        self.telegram.flood.stop(0, act.seconds)

    async def _redeliver(self, _act: Act) -> None:
        """Old updates come once more, the youngest first."""
        made = list(self.telegram.updates.made)[-40:]
        for number in reversed(self.chance.sample(made, min(8, len(made)))):
            await self.again(number)


def _locked(database: Path, seconds: float) -> None:
    """Another program (a copy, a virus scanner) holds the file."""
    import time

    db = sqlite3.connect(database, timeout=20, isolation_level=None)
    try:
        db.execute("BEGIN IMMEDIATE")
        time.sleep(seconds)
        db.execute("ROLLBACK")
    finally:
        db.close()


def _fill(ballast: Path) -> None:
    descriptor = os.open(ballast, os.O_WRONLY | os.O_CREAT)
    try:
        while True:
            try:
                os.write(descriptor, b"\0" * PIECE)
            except OSError:
                break
        while True:
            try:
                os.write(descriptor, b"\0" * 512)
            except OSError:
                break
    finally:
        os.close(descriptor)
