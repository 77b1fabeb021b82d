"""Looks at everything now and then, in a thread of its own: what is asked for is always at hand, whatever hangs."""

import asyncio
import contextlib
import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any, Protocol

import structlog

from bot.background import BackgroundTask
from bot.health import backups, clock
from bot.health.facts import Clock, Database, Disk, Facts, Line
from bot.health.warnings import Warned, warnings
from bot.leading import NAME as LEADER
from bot.meters import METERS
from bot.store import key_files
from bot.store.faults import unavailable
from bot.store.migrate import HEAD
from bot.store.sql_health import Stored

EVERY = 15.0  # seconds between two looks
FRESH = 2.0  # seconds for which a look is good enough for whoever asks
PATIENCE = 1.5  # seconds that somebody who asks waits for the database; /healthz answers within two
DEEP = 300.0  # seconds between looks at what takes long where there is much
NO_ROOM = 256 * 1024  # bytes: with less nothing can be written for long
BELIEVED = 600.0  # seconds between two notes that the clock is believed
log = structlog.get_logger()
Every = Callable[[], Mapping[str, Any]]


class Looks(Protocol):
    """The leader of the background work, as far as health asks. `well_at`: of `perf_counter`, its last success."""

    trouble: str
    well_at: float

    def leads(self) -> bool:
        """Whether it is this process."""


class Tells(Protocol):
    """A channel."""

    name: str

    def health(self) -> Mapping[str, Any]:
        """As `bot.channels.port`."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where facts come from. `look(leader, now, before)` asks the database (`bot.store.sql_health`), of this `kind`.

    `now`: the house's clock; `local`: this machine's own; `shared`: the database server's, where it has one.
    """

    look: Callable[[str, datetime, Stored | None], Stored]
    kind: str
    data_dir: Path
    version: str
    now: Callable[[], datetime]
    local: Callable[[], datetime]
    shared: clock.SharedClock | None = None

    @property
    def wall(self) -> Callable[[], datetime]:
        """The clock that everything goes by, and that may be wrong."""
        return self.shared or self.local


class Watch:
    """The newest facts of this process."""

    def __init__(self, sources: Sources, channels: Sequence[Tells] = (), leader: Looks | None = None) -> None:
        self._from, self._channels, self._leader = sources, tuple(channels), leader
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="health")
        self._looking: asyncio.Future[tuple[Stored, float, float]] | None = None
        self._task = BackgroundTask()
        self._begun = sources.now()
        wall, steady = sources.wall(), clock.steady()
        self._trust = clock.Trust.begun(clock.kept(sources.data_dir), wall, steady)
        self._noted = self._deep_at = self._looked = float("-inf")
        self._faults: dict[str, int] = {}
        self._fault_at = float("-inf")
        self._server_by: float | None = None
        self._kind = ""
        self.facts = Facts(self._begun, self._begun, sources.version, Database(sources.kind, ok=True))
        self.warned: tuple[Warned, ...] = ()
        self.after: Callable[[Facts, tuple[Warned, ...]], None] = lambda _facts, _warned: None

    def sends(self) -> bool:
        """Whether this process may send what nobody waits for, by its clock."""
        return self._trust.sends

    def erases(self) -> bool:
        """Whether what is too old may be erased, by this process's clock."""
        return self._trust.erases

    async def start(self) -> None:
        """The first look, then one now and then."""
        await self.look()
        self._task.begin(self._forever())

    async def stop(self) -> None:
        """A statement that hangs does not hold the end up."""
        await self._task.cancel()
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _forever(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            try:
                await self.look()
            except Exception as fault:  # noqa: BLE001 - the next look may find it mended
                log.error("health could not be looked at", fault=type(fault).__name__)

    async def fresh(self) -> Facts:
        """Facts of this moment, or of a moment ago; within two seconds, whatever hangs."""
        if asyncio.get_running_loop().time() - self._looked > FRESH:
            await self.look()
        else:  # what this process holds in memory is always of now
            self.facts = replace(self.facts, now=self._from.now(), channels=self._lines())
        return self.facts

    async def look(self) -> None:
        """All of it once; what cannot be had stays as it was, and says so."""
        loop = asyncio.get_running_loop()
        self._time()
        before = self.facts.database
        stored, database = await self._stored()
        self._looked = loop.time()
        source, room = self._from, disk(self._from.data_dir)
        self.facts = replace(
            self.facts,
            now=source.now(),
            database=_since(before, self._turns(database, room), source.now()),
            stored=stored,
            channels=self._lines(),
            disk=room,
            clock=self._clock(),
            backup=backups.last(source.data_dir),
            old_key_at=key_files.kept_since(source.data_dir),
            leads=self._leader.leads() if self._leader else False,
        )
        self._tell(warnings(self.facts))

    def _lines(self) -> tuple[Line, ...]:
        return tuple(_line(one.name, one.health()) for one in self._channels)

    def _time(self) -> None:
        wall, now, outside = self._from.wall(), perf_counter(), METERS.outside
        by = clock.outside_by(outside, wall, now)
        self._trust.look(wall, clock.steady(), by, now - outside.at if outside.date else 0.0)
        if self._trust.erases and now - self._noted > BELIEVED:
            self._noted = now
            with contextlib.suppress(OSError):  # a full disk is told elsewhere
                clock.keep(self._from.data_dir, wall)

    def _clock(self) -> Clock:
        trust = self._trust
        by = clock.outside_by(METERS.outside, self._from.wall(), perf_counter())
        return Clock(trust.jumped_at, trust.jumped_by, by, self._server_by, trust.sends, trust.erases)

    async def _stored(self) -> tuple[Stored, Database]:
        """One look at a time: while one hangs, the next finds the database slow."""
        loop, known = asyncio.get_running_loop(), self.facts
        if self._looking is None or self._looking.done():
            deep = loop.time() - self._deep_at > DEEP and (self._leader is None or self._leader.leads())
            before = None if deep else known.stored
            self._looking = loop.run_in_executor(self._thread, partial(self._look, before))
            self._deep_at = loop.time() if deep else self._deep_at
        kind = known.database.kind
        try:
            stored, ms, at = await asyncio.wait_for(asyncio.shield(self._looking), PATIENCE)
        except TimeoutError:
            return known.stored, Database(kind, ok=False, trouble="slow", size=known.database.size)
        except Exception as fault:  # noqa: BLE001 - whatever it is, the database did not answer
            return known.stored, Database(kind, ok=False, trouble=unavailable(fault) or type(fault).__name__)
        self._go_by(stored, at)
        pending = stored.schema != HEAD
        return stored, Database(kind, ok=True, ms=ms, size=stored.size, schema=stored.schema, pending=pending)

    def _look(self, before: Stored | None) -> tuple[Stored, float, float]:
        began = perf_counter()
        found = self._from.look(LEADER, self._from.now(), before)
        return found, (perf_counter() - began) * 1000, clock.steady()

    def _go_by(self, stored: Stored, at: float) -> None:
        """The server's clock is everybody's. It was read at some moment of a look that takes milliseconds."""
        if stored.server is None:
            return
        if self._from.shared is not None:
            self._from.shared.anchor(stored.server, at)
        behind = clock.steady() - at
        self._server_by = (stored.server - self._from.local()).total_seconds() + behind

    def _turns(self, database: Database, room: Disk | None) -> Database:
        """Reading may go while nothing can be written: turns that failed and the leader's lease tell.

        Well again once the lease was written after the last turn that failed.
        """
        counted = dict(METERS.database)
        for kind in ("full", "gone"):
            if counted.get(kind, 0) > self._faults.get(kind, 0):
                self._fault_at, self._kind = perf_counter(), kind
        self._faults = counted
        leader = self._leader
        if leader is not None and (leader.trouble in ("", "busy") and leader.well_at > self._fault_at):
            self._kind = ""
        trouble = leader.trouble if leader is not None and leader.trouble in ("full", "gone") else self._kind
        if trouble == "" and database.ok and room is not None and room.free < NO_ROOM and database.kind == "sqlite":
            trouble = "full"
        return replace(database, ok=False, trouble=trouble) if database.ok and trouble else database

    def _tell(self, found: tuple[Warned, ...]) -> None:
        known, now = ({(w.key, w.values.get("channel")) for w in those} for those in (self.warned, found))
        for key, channel in now - known:
            log.warning("something needs a look", warning=key, **({"channel": channel} if channel else {}))
        for key, channel in known - now:
            log.info("it is well again", warning=key, **({"channel": channel} if channel else {}))
        self.warned = found
        self.after(self.facts, found)


def _since(before: Database, found: Database, now: datetime) -> Database:
    """When a trouble began, when the last one ended and how long it was."""
    if not found.ok:
        return replace(found, since=before.since or now, back_at=before.back_at, away_s=before.away_s)
    if before.ok or before.since is None:
        return replace(found, back_at=before.back_at, away_s=before.away_s)
    away = (now - before.since).total_seconds()
    log.info("the database is back", after_seconds=round(away))
    return replace(found, back_at=now, away_s=away)


def disk(folder: Path) -> Disk | None:
    """Of the file system under a folder; None when it cannot be asked."""
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return None
    return Disk(usage.free, usage.total)


def _line(name: str, told: Mapping[str, Any]) -> Line:
    polled = told.get("last_poll_seconds")
    return Line(
        name,
        ok=bool(told.get("ok")),
        mode=str(told.get("mode", "webhook")),
        trouble=str(told.get("trouble", "")),
        error=str(told.get("last_error", "")),
        last_success=_moment(told.get("last_success")),
        failing_since=_moment(told.get("failing_since")),
        poll_s=float(polled) if polled is not None else None,
        given_up=int(told.get("given_up", 0)),
        waiting=int(told.get("waiting", 0)),
        counts=dict(told.get("counts", {})),
    )


def _moment(value: Any) -> datetime | None:
    return datetime.fromisoformat(value) if value else None
