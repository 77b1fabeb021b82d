"""Work that takes longer than a page may: done beside the turns, its progress shown, its outcome kept for a while.

An errand lives in this process alone: after a restart the officer starts it again, which does no harm (an export is
made anew, an import knows the rows it has written).
"""

import asyncio
import secrets
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from bot import heap

KEPT = timedelta(minutes=15)
FILE = "desk-"  # how files of errands begin
PATIENCE = 3.0  # seconds: what is done by then needs no page that shows its progress; a small file takes an old PC two
log = structlog.get_logger()


class Stopped(Exception):
    """The program ends: nobody waits for the outcome any more."""


@dataclass
class Errand:
    """`done` of `total` people or rows so far; then a file (`path`, called `name`), or `told`: a text and its values.

    `why`: a key of `desk.errand.why` when it failed. `kind`: export or import, `back`: where the officer came from.
    """

    id: str
    officer: int
    kind: str
    back: str
    at: datetime
    total: int = 0
    done: int = 0
    path: Path | None = None
    name: str = ""
    told: tuple[str, dict[str, Any]] | None = None
    why: str = ""
    finished: bool = False
    stopped: bool = False
    future: "Future[None] | None" = field(default=None, repr=False)

    def progress(self, done: int) -> None:
        """So many by now; raises Stopped when the program ends."""
        if self.stopped:
            raise Stopped
        self.done = done


class Errands:
    """One at a time, one kept an officer. `folder`: where files stand, DATA_DIR/exports: erasures sweep it, too."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="errands")
        self._kept: dict[int, Errand] = {}

    def start(self, officer: int, kind: str, back: str, now: datetime, work: Callable[[Errand], None]) -> Errand | None:
        """Begin; None while another one of this officer's goes on."""
        self.forget(now)
        before = self._kept.get(officer)
        if before is not None and not before.finished:
            return None
        self._drop(officer)
        errand = self._kept[officer] = Errand(secrets.token_urlsafe(9), officer, kind, back, now)
        errand.future = self._threads.submit(self._run, errand, work)
        return errand

    def _run(self, errand: Errand, work: Callable[[Errand], None]) -> None:
        try:
            work(errand)
        except Stopped:
            errand.why = "trouble"
        except OSError as fault:
            errand.why = "disk"
            log.warning("an errand failed", kind=errand.kind, fault=type(fault).__name__)
        except Exception as fault:  # noqa: BLE001 - the officer sees that it failed, the log what
            errand.why = "trouble"
            log.error("an errand failed", kind=errand.kind, fault=type(fault).__name__)
        finally:
            errand.finished = True
            heap.tidy()

    async def soon(self, errand: Errand) -> bool:
        """Whether it is done, waiting a moment for it."""
        if errand.future is not None:
            await asyncio.wait([asyncio.wrap_future(errand.future)], timeout=PATIENCE)
        return errand.finished

    async def run(self, work: Callable[[], Any]) -> Any:
        """Something heavy whose outcome a page needs: reading a workbook."""

        def all_of_it() -> Any:
            try:
                return work()
            finally:
                heap.tidy()

        return await asyncio.get_running_loop().run_in_executor(self._threads, all_of_it)

    def of(self, officer: int, number: str) -> Errand | None:
        """The officer's own."""
        found = self._kept.get(officer)
        return found if found is not None and found.id == number else None

    def forget(self, now: datetime) -> None:
        """Outcomes older than `KEPT`, and their files; those of a program that was killed, too."""
        for officer, errand in list(self._kept.items()):
            if errand.finished and now - errand.at > KEPT:
                self._drop(officer)
        for left in self.folder.glob(f"{FILE}*"):
            if left.stat().st_mtime < time.time() - KEPT.total_seconds():
                left.unlink(missing_ok=True)

    def _drop(self, officer: int) -> None:
        errand = self._kept.pop(officer, None)
        if errand is not None and errand.path is not None:
            errand.path.unlink(missing_ok=True)

    def stop(self) -> None:
        """The program is about to end: no long list holds it up."""
        for errand in self._kept.values():
            errand.stopped = True

    def close(self) -> None:
        """Let go of the thread and the files."""
        self.stop()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for officer in list(self._kept):
            self._drop(officer)
