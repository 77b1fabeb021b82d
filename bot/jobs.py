"""What runs later or again beside the channels: retention, and what `bot.posting` looks at every minute."""

import asyncio
import math
import shutil
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path

import structlog

from bot.app import App
from bot.leads import WORK
from bot.store import journal_file
from bot.store.sql_people import PeopleStore

EVERY = timedelta(hours=24)
LOOK = 60.0  # seconds between looks whether it is time, or whose turn it is
STALE = 3600.0  # seconds: no workbook takes that long
log = structlog.get_logger()
Whether = Callable[[], bool]  # asked anew at every look, for the answer changes


def retire(app: App, data_dir: Path, *, rows: bool = True) -> dict[str, int]:
    """Erase what has outlived its kind: rows by the retention table, exported files and logs by their age.

    `rows`: False in a process that another one spares the database's part; its files are its own.
    """
    now = app.clock()
    with app.store.transaction() as unit:
        done = dict(unit.retire(now)) if rows else {}
        days = unit.retention()
    for kind, folder in (("export", data_dir / "exports"), ("log", data_dir / "logs")):
        limit = (now - timedelta(days=days[kind])).timestamp()
        old = [f for f in folder.glob("*") if f.is_file() and f.stat().st_mtime < limit] if folder.is_dir() else []
        for file in old:
            file.unlink(missing_ok=True)
        done[kind] = len(old)
    log.info("retired", **done)
    return done


def always() -> bool:
    """Of a process that is alone."""
    return True


async def daily(
    app: App, executor: Executor, data_dir: Path, leads: Whether = always, believed: Whether = always
) -> None:
    """Forever: retire once a day, rows where `leads` says so (soon after it begins to). A failure is tried again.

    `leads`: whether this process does what one of all has to do (`bot.leading`). `believed`: whether the clock may be
    gone by; nothing is erased by one that jumped (`bot.health.clock`).
    """
    loop = asyncio.get_running_loop()
    rows_at = files_at = -math.inf
    while True:
        day_ago, rows = loop.time() - EVERY.total_seconds(), leads()
        if believed() and ((rows and rows_at <= day_ago) or files_at <= day_ago):
            rows_at, files_at = (loop.time() if rows else rows_at), loop.time()
            try:
                await loop.run_in_executor(executor, partial(retire, app, data_dir, rows=rows))
            except Exception:  # the job must live; the operator sees the log
                log.exception("retention failed: it is tried again in a day")
        await asyncio.sleep(LOOK)


async def regularly(pause: float, work: Callable[[], Awaitable[None]], what: str) -> None:
    """Forever: do it, wait `pause` seconds. What is due stands in the database: a failure is made up for next time."""
    while True:
        try:
            await work()
        except Exception:  # the job must live; the operator sees the log
            log.exception("a job failed: it is tried again", job=what)
        await asyncio.sleep(pause)


def after_erasures(store: PeopleStore, data_dir: Path, copies: Path | None = None) -> None:
    """What follows when somebody was erased: the journal outside the database (and beside its `copies`), files exported
    before.
    """
    journal_file.sync(store, data_dir)
    if copies is not None and copies.is_dir():
        with suppress(OSError):  # a stick that is full or pulled out: tried again at the next look
            journal_file.join(data_dir / journal_file.NAME, copies / journal_file.NAME)
    sweep_exports(store, data_dir)


def sweep_exports(store: PeopleStore, data_dir: Path) -> int:
    """Delete files exported before somebody was erased: they may hold that person, and can be made anew.

    What a killed program left half written goes after an hour. Returns how many files were deleted.
    """
    folder = data_dir / "exports"
    for left in folder.glob(f"{WORK}*") if folder.is_dir() else ():
        if left.is_dir() and left.stat().st_mtime < time.time() - STALE:
            shutil.rmtree(left, ignore_errors=True)
    files = [f for f in folder.glob("*") if f.is_file()] if folder.is_dir() else []
    if not files:
        return 0
    with store.people() as unit:
        erased_at = unit.rights.last_erasure()
    old = [f for f in files if erased_at and f.stat().st_mtime <= erased_at.timestamp()]
    for file in old:
        file.unlink(missing_ok=True)
    return len(old)
