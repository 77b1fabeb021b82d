"""`hocnghe bench announce`: 20,000 recipients through a stub, free and capped, beside a bare aiohttp loop."""

import json
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from bot.bench.bulk_worker import LINE
from bot.bench.servers import Server, started
from bot.model import BotError
from bot.store import announcement_tables as a
from bot.store import tables as t
from bot.store.announcement_port import Announcement, Planned
from bot.store.crypto import Cipher
from bot.store.desk_port import Scope
from bot.store.engines import connect
from bot.store.migrate import upgrade
from bot.store.sql_desk_store import SqlDeskStore

RECIPIENTS, CAP = 20_000, 500.0
PATIENCE = 900.0  # seconds a run may take
CHUNK = 500
MODES: Mapping[str, float | None] = {"free": None, "capped": CAP}
TEXT = "Xã ví dụ mở lớp may công nghiệp, học buổi tối tại nhà văn hóa. Nhận tên đến hết tháng."


class BenchFault(BotError):
    """A bench that cannot run here."""


def measure(
    recipients: int,
    now: datetime,
    *,
    postgresql: str = "",
    modes: tuple[str, ...] = ("free", "capped"),
    workers: tuple[int, ...] = (1, 2),
    tell: Callable[[str], None] = lambda _what: None,
) -> dict[str, Any]:
    """The runs, each with its floor, in the shape of `hocnghe bench announce --json`."""
    runs: list[dict[str, Any]] = []
    with started("bot.bench.bulk_stub", "{port}", ready="/count") as stub:
        for mode in modes:
            tell(f"{mode}: bare aiohttp")
            floor = _floor(stub, recipients, MODES[mode])
            for database, url in (("sqlite", ""), *([("postgresql", postgresql)] if postgresql else [])):
                for count in workers:
                    tell(f"{mode}: {database}, {count}")
                    figures = _ours(stub, url, recipients, MODES[mode], count, now)
                    runs.append({"database": database, "workers": count, "mode": mode, **figures, **floor})
    return {"recipients": recipients, "cap_per_s": CAP, "runs": runs}


def _floor(stub: Server, recipients: int, per_s: float | None) -> dict[str, float]:
    _reset(stub)
    took, cpu = _together(["bare"], {"stub": stub.url, "per_s": per_s, "chats": recipients})
    told = json.loads(stub.get("/count"))
    return {
        "floor_per_s": round(recipients / took, 1),
        "floor_steady_per_s": round(told["steady_per_s"], 1),
        "floor_cpu_us": round(cpu / recipients * 1e6, 1),
    }


def _ours(stub: Server, url: str, recipients: int, per_s: float | None, workers: int, now: datetime) -> dict[str, Any]:
    _reset(stub)
    with tempfile.TemporaryDirectory(prefix="hocnghe-bench-") as folder:
        key = secrets.token_hex(16)
        address = url or f"sqlite:///{Path(folder) / 'bench.sqlite3'}"
        noon = now.replace(hour=12, minute=0)
        store = opened(address, key)
        number = filled(store, Cipher(key), recipients, noon)
        order = {"url": address, "key": key, "stub": stub.url, "per_s": per_s, "offset": (noon - now).total_seconds()}
        took, cpu = _together(["ours"] * workers, order)
        told = json.loads(stub.get("/count"))
        states = states_of(store, number, noon)
        if url:
            emptied(store)
        store.close()
    return {
        "per_s": round(recipients / took, 1),
        "steady_per_s": round(told["steady_per_s"], 1),
        "cpu_us": round(cpu / recipients * 1e6, 1),
        "lost": recipients - sum(states.get(s, 0) for s in ("sent", "failed", "unknown")),
        "doubled": told["doubled"],
        "unknown": states.get("unknown", 0),
        "failed": states.get("failed", 0),
    }


def _reset(stub: Server) -> None:
    import urllib.request

    with urllib.request.urlopen(urllib.request.Request(f"{stub.url}/reset", method="POST")):  # noqa: S310 - loopback
        pass


def _together(kinds: list[str], order: dict[str, Any]) -> tuple[float, float]:
    """Processes at the same time: seconds from the first one's start to the last one's end, and of CPU in all."""
    command = [sys.executable, "-m", "bot.bench.bulk_worker"]
    began = [
        subprocess.Popen([*command, kind, json.dumps(order)], stdout=subprocess.PIPE, text=True)  # noqa: S603
        for kind in kinds
    ]
    told = []
    for process in began:
        out, _ = process.communicate(timeout=PATIENCE)
        if process.returncode:
            raise BenchFault(f"bench announce: a worker ended with {process.returncode}: its words stand above.")
        told.append(json.loads(out.splitlines()[-1]))
    took = max(one["ended"] for one in told) - min(one["began"] for one in told)
    return float(took), float(sum(one["cpu"] for one in told))


def opened(url: str, key: str) -> SqlDeskStore:
    """A database of the bench alone. Raises BenchFault for one with people in it."""
    engine = connect(url)
    upgrade(engine)
    with engine.connect() as db:
        if db.execute(select(t.contacts.c.id).limit(1)).first() is not None:
            raise BenchFault("bench announce: the database has people in it: give an empty one.")
    return SqlDeskStore(engine, Cipher(key))


def filled(store: SqlDeskStore, cipher: Cipher, recipients: int, now: datetime) -> int:
    """So many contacts and a running announcement to all of them; its number."""
    place = f"{LINE.channel}.{LINE.account}"
    rows = [
        {
            "channel": LINE.channel, "account": LINE.account, "created_at": now, "seen_at": now,
            "external_digest": cipher.digest(str(chat), place), "external": cipher.seal(str(chat), "contact.external"),
        }
        for chat in range(1, recipients + 1)
    ]  # fmt: skip
    with store.engine.begin() as db:
        for at in range(0, recipients, CHUNK):
            db.execute(insert(t.contacts), rows[at : at + CHUNK])
        numbers = list(db.execute(select(t.contacts.c.id).order_by(t.contacts.c.id)).scalars())
    planned = [Planned(None, n, LINE.channel, LINE.account, "vi", 1) for n in numbers]
    with store.announcing() as unit:
        number = unit.announcements.draft(composed(now))
        unit.announcements.plan(number, planned, "scheduled", now - timedelta(seconds=1))
        unit.announcements.move(number, ("scheduled",), "running", wave=1)
    return number


def composed(now: datetime) -> Announcement:
    """A free text to everybody."""
    return Announcement(
        0, "classes", "draft", "", ("99001",), "", "", (), (), "", TEXT, "", waves=False, paid=False, last_seats=False,
        start_at=None, wave=0, next_wave_at=None, made_by=None, made_at=now,
    )  # fmt: skip


def states_of(store: SqlDeskStore, number: int, now: datetime) -> dict[str, int]:
    """Rows by state."""
    with store.announcing() as unit:
        one = unit.announcements.one(number, Scope(None))
        assert one is not None  # noqa: S101 - made above
        counts = unit.audience.progress(one, now).counts
    states: dict[str, int] = {}
    for (state, _why), n in counts.items():
        states[state] = states.get(state, 0) + n
    return states


def emptied(store: SqlDeskStore) -> None:
    """The bench's rows go: the database is one that was given."""
    with store.engine.begin() as db:
        for table in (a.announcement_recipients, a.announcements, a.pacing, t.contacts):
            db.execute(table.delete())


def lines(told: Mapping[str, Any]) -> list[str]:
    """For reading: one line a run."""
    return ["\t".join(f"{k} {v}" for k, v in run.items()) for run in told["runs"]]
