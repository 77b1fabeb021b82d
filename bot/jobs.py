"""What runs later or again beside the channels: today retention, once a day and at the start."""

import asyncio
from concurrent.futures import Executor
from datetime import timedelta
from pathlib import Path

import structlog

from bot.app import App

EVERY = timedelta(hours=24)
log = structlog.get_logger()


def retire(app: App, data_dir: Path) -> dict[str, int]:
    """Erase what has outlived its kind: rows by the retention table, exported files and logs by their age."""
    now = app.clock()
    with app.store.transaction() as unit:
        done = dict(unit.retire(now))
        days = unit.retention()
    for kind, folder in (("export", data_dir / "exports"), ("log", data_dir / "logs")):
        limit = (now - timedelta(days=days[kind])).timestamp()
        old = [f for f in folder.glob("*") if f.is_file() and f.stat().st_mtime < limit] if folder.is_dir() else []
        for file in old:
            file.unlink(missing_ok=True)
        done[kind] = len(old)
    log.info("retired", **done)
    return done


async def daily(app: App, executor: Executor, data_dir: Path) -> None:
    """Forever: retire, sleep a day. A failure is told and tried again the next time."""
    loop = asyncio.get_running_loop()
    while True:
        try:
            await loop.run_in_executor(executor, retire, app, data_dir)
        except Exception:  # the job must live; the operator sees the log
            log.exception("retention failed: it is tried again in a day")
        await asyncio.sleep(EVERY.total_seconds())
