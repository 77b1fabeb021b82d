"""One run from beginning to end: build the town, let it live while things break, let it settle, gather what is left."""

import asyncio
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

from aiohttp import ClientError, ClientSession
from aiohttp.test_utils import unused_port
from peers.telegram import Rules as TelegramRules
from peers.telegram import TelegramPeer
from peers.zalo import Rules as ZaloRules
from peers.zalo import ZaloPeer
from soak.chaos.administrator import looks_after
from soak.chaos.clock import Clock
from soak.chaos.cluster import Cluster
from soak.chaos.disturbances import Disturber
from soak.chaos.evidence import announcing
from soak.chaos.front import Front
from soak.chaos.officers import Office
from soak.chaos.pages import SHARE, Page
from soak.chaos.people import CODE, Life, crowd
from soak.chaos.plan import Plan
from soak.chaos.ports import World
from soak.chaos.records import Person, Run
from soak.chaos.stage import PROGRAM, ROOT, Machine, environment

from bot import wiring
from bot.model import Course
from bot.settings import Settings

KEY = "a key of the chaos run, long enough"
DISK = "48m"
TOKEN = 45  # seconds that Zalo's token lives
SETTLES = 240.0  # seconds at most until everything is answered and sent
COURSES = (("may-1", "industrial_sewing", "May công nghiệp"), ("nau-1", "cooking", "Nấu ăn"))


class Town:
    """Everything of one run. `folder` is kept when something is found."""

    def __init__(self, plan: Plan, folder: Path, say: Callable[[str], None] = print) -> None:
        self.plan, self.folder, self.say = plan, folder, say
        self.run, self.machines = Run(), dict[str, Machine]()
        self.people: list[Person] = []
        self.lives: list[Life] = []
        self.pages: list[asyncio.Task[None]] = []
        self.cluster: Cluster | None = None
        self.disk: Path | None = None
        self.took: dict[str, float] = {}
        self.desk: dict[str, int] = {}
        self.histories: dict[int, list] = {}
        self.settled = False

    async def live(self) -> None:
        """All of it; what is left stands in the folder and in the peers."""
        async with AsyncExitStack() as rooms:
            await self._build(rooms)
            administrator = asyncio.create_task(looks_after(self))
            try:
                await self._day()
                await self._settle()
                await self._histories()
                await self._close_pages()
                self.desk = await self.office.counts()
            finally:
                administrator.cancel()
                await self.world.close()
                self.endings = {n: await m.end() for n, m in self.machines.items()}
                self.telegram_pending = [p.update_id for p in self.telegram.updates.pending]

    async def _build(self, rooms: AsyncExitStack) -> None:
        self.clock = Clock(self.folder / "clock")
        telegram = TelegramPeer(self.clock, rules=TelegramRules(redeliveries=10**6, retry_most=0.5))
        zalo = ZaloPeer(self.clock, rules=ZaloRules(free_replies=None, calls_per_minute=10**6, access_seconds=TOKEN))
        self.telegram = await rooms.enter_async_context(telegram)
        self.zalo = await rooms.enter_async_context(zalo)
        self.zalo.mail.deadline = 4.0
        self._database()
        names = [("one", "serve"), ("two", "serve"), ("worker", "worker")] if self.plan.postgres else [("one", "serve")]
        ports = {name: unused_port() for name, _ in names}
        machines = [Machine(n, kind, self._home(n), {}, ports[n]) for n, kind in names]
        self.machines = {m.name: m for m in machines}
        doors = [m for m in machines if m.kind == "serve"]
        public = (await rooms.enter_async_context(Front(doors))).url if len(doors) > 1 else doors[0].url
        shared = {"HOCNGHE_SECRET_KEY": KEY, "HOCNGHE_PUBLIC_URL": public, "HOCNGHE_ZALO_OA_ID": "388613280878808645"}
        shared["HOCNGHE_TIMEZONE"] = self.clock.zone.key
        shared["HOCNGHE_TELEGRAM_REPLY_IN_WEBHOOK"] = str(self.plan.rides).lower()
        shared |= {"HOCNGHE_DATABASE_URL": self.cluster.url} if self.cluster else {}
        self.shared = environment(self.clock.path, self.telegram.environment(), self.zalo.environment(), shared)
        for machine in machines:
            machine.environment = self.shared
        self.zalo.mail.oa_webhook = f"{public}/webhooks/zalo-oa"
        self._found()
        adding = [asyncio.to_thread(self.command, "officer", "add", n, "--commune", CODE) for n in ("Một", "Hai")]
        links = asyncio.gather(*adding)
        for machine in machines:
            machine.start()
            await machine.ready()
        await self._until(lambda: self.zalo.desk.webhook and self.telegram.updates.webhook.url, 60)
        self.world = World(self.telegram, self.zalo, doors, self.clock)
        await self.world.open()
        lines = {"web": "", "telegram": self.telegram.token.partition(":")[0]}
        mine = self.zalo.credentials
        lines |= {"zalo_oa": mine.app_id, "zalo_bot": mine.bot_token.partition(":")[0]}
        chance = random.Random(self.plan.seed)
        self.people = crowd(self.world, chance, self.plan.people, lines)
        self.world.pace = self.plan.pace
        self.office = Office(self, await links)

    def _home(self, name: str) -> Path:
        return (self.disk or self.folder / "data") if name == "one" else self.folder / f"data-{name}"

    def _database(self) -> None:
        if self.plan.postgres:
            self.cluster = Cluster()
            self.cluster.start()
        elif any(a.what == "full" for a in self.plan.acts) and os.getuid() == 0:
            disk = self.folder / "disk"
            disk.mkdir()
            made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(disk)], check=False)
            self.disk = disk if made.returncode == 0 else None

    def settings(self) -> Settings:
        """As the first machine reads them."""
        database = self.cluster.url if self.cluster else ""
        return Settings(_env_file=None, data_dir=self._home("one"), database_url=database, secret_key=KEY)

    def _found(self) -> None:
        """The commune and its classes, as they stand before anybody comes."""
        store = wiring.open_store(self.settings())
        try:
            with store.transaction() as unit:
                unit.serve(CODE, self.clock())
                for number, (name, trade, title) in enumerate(COURSES):
                    starts = (self.clock() + timedelta(days=20 + number)).date()
                    unit.save_course(
                        Course(name, CODE, trade, title, "Trung tâm ví dụ", "Nhà văn hóa", starts, None, "", 30,
                               starts - timedelta(days=5), (), "open")
                    )  # fmt: skip
        finally:
            store.close()

    def command(self, *words: str, typed: str = "") -> str:
        """A command of the shell, beside the running programs; "" when it failed (the database may be away)."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith("HOCNGHE_")} | self.shared
        clean |= {"HOCNGHE_DATA_DIR": str(self._home("one"))}
        clean["PYTHONPATH"] = os.pathsep.join((str(ROOT), str(ROOT / "tests")))
        done = subprocess.run(
            [sys.executable, str(PROGRAM), *words],
            env=clean,
            cwd=self.folder,
            input=typed,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            self.run.events.append(f"{words[0]} failed: {done.stderr.strip()[-300:]}")
        return done.stdout if done.returncode == 0 else ""

    async def _day(self) -> None:
        """People, officers and everything that breaks, until all of them are through."""
        seconds = self.plan.minutes * 60
        database = None if self.cluster else self._home("one") / wiring.DATABASE
        disturber = Disturber(
            self.machines,
            self.telegram,
            self.zalo,
            self.clock,
            self.run,
            self.world.again,
            database,
            self.cluster,
            self.disk,
        )
        begun = time.monotonic()
        office = asyncio.create_task(self.office.work(seconds))
        breaking = asyncio.create_task(disturber.follow(self.plan.acts, self.say))
        chance = random.Random(f"lives {self.plan.seed}")
        self.lives = [Life(self.world, p, random.Random(f"{self.plan.seed} {p.number}")) for p in self.people]
        coming = [asyncio.create_task(self._comes(life, chance.uniform(0, seconds * 0.85))) for life in self.lives]
        async with asyncio.timeout(seconds * 1.5 + 180):
            await breaking
            await asyncio.gather(*coming)
        self.took["day"] = time.monotonic() - begun
        await asyncio.wait({office}, timeout=90)  # an announcement that begins late is known before rows are counted
        office.cancel()
        for fault in await asyncio.gather(office, return_exceptions=True):
            if fault is not None:
                self.run.events.append(f"officers failed: {fault!r}")
        self.telegram.faults.clear()
        self.zalo.faults.clear()

    async def _comes(self, life: Life, after: float) -> None:
        await asyncio.sleep(after)
        person = life.person
        chance = random.Random(f"page {self.plan.seed} {person.number}")
        if person.channel == "web" and chance.random() < SHARE:
            person.page = True
            self.pages.append(asyncio.create_task(Page(self.world, person, chance).stay()))
        await life.run()

    async def _close_pages(self) -> None:
        for page in self.pages:
            page.cancel()
        for fault in await asyncio.gather(*self.pages, return_exceptions=True):
            if not isinstance(fault, asyncio.CancelledError):
                self.run.events.append(f"a page failed: {fault!r}")

    async def _settle(self) -> None:
        """Until every update is confirmed, nothing waits and no announcement runs; bounded."""
        begun = time.monotonic()
        end = begun + SETTLES
        quiet = 0
        while time.monotonic() < end and quiet < 3:
            await asyncio.sleep(1.0)
            told = await self.health_of()
            still = told and not any(c["waiting"] for c in told["channels"].values())
            still = (
                still and not self.telegram.updates.pending and not await asyncio.to_thread(announcing, self.settings())
            )
            quiet = quiet + 1 if still else 0
        self.took["settling"] = time.monotonic() - begun
        self.settled = quiet >= 3
        self.health = await self.health_of()

    async def health_of(self) -> dict:
        """What the first machine says of itself; {} when it does not, or is not well."""
        url = next(m.url for m in self.machines.values() if m.kind == "serve")
        try:
            async with ClientSession() as client, client.get(f"{url}/healthz") as answer:
                return await answer.json() if answer.status == 200 else {}
        except (ClientError, OSError, ValueError):
            return {}

    async def _histories(self) -> None:
        """What the pages of some people show in the end."""
        for life in [lf for lf in self.lives if lf.person.channel == "web"][:150]:
            self.histories[life.person.number] = await life.port.history()

    @staticmethod
    async def _until(condition: Callable[[], object], seconds: float) -> None:
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.1)

    def clean(self, *, keep: bool) -> None:
        """The database's own things go; the folder stays when something was found."""
        if self.cluster is not None:
            self.cluster.close()
        if self.disk is not None:
            if keep:
                subprocess.run(["cp", "-a", str(self.disk), str(self.folder / "data")], check=False)
            subprocess.run(["umount", "-l", str(self.disk)], check=False)
