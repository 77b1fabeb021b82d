"""The nightly copy in a process of its own: what it loads and takes for it is given back with that process.

It is asked by one line of JSON on standard input, for the database's address and the key are secrets and arguments are
not; it answers by one line, and ends when its input does: with whoever asked. It gives way to the turns where it
may (nice).
"""

import asyncio
import contextlib
import json
import os
import sys
import threading
from asyncio.subprocess import PIPE
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TextIO

from bot.model import BotError
from bot.store import backing_up
from bot.store.copy_folders import BackupFault, beside, record
from bot.store.crypto import Cipher
from bot.store.engines import connect
from bot.store.key_files import present_secret

_NICE = 10


@dataclass(frozen=True, slots=True)
class Place:
    """What is copied, opened with which key (empty: the data folder's), and where the copy and its record belong."""

    database_url: str
    secret_key: str
    data_dir: str
    folder: str

    @property
    def record(self) -> Path:
        """The folder that tells how the last copies went."""
        return beside(Path(self.data_dir))


class CopyFailed(BackupFault):
    """No copy was made by the other process, or it died."""


async def nightly(place: Place, now: datetime) -> Path:
    """Tonight's copy as `backing_up.nightly` makes it. Raises CopyFailed after recording it; cancelled, ends it."""
    try:
        told = await _told(place, now)
    except OSError as fault:  # no memory, no process
        told = {"fault": type(fault).__name__, "why": f"the process that makes it cannot begin: {fault}"}
    if "file" not in told:
        record(place.record, failed_at=now.isoformat(), why=told["fault"])
        raise CopyFailed(f"{place.folder}: no copy was made: {told['why'] or told['fault']}")
    return Path(told["file"])


async def _told(place: Place, now: datetime) -> dict[str, str]:
    """The other process's answer: "file", or "fault" and "why". Its input stays open until then."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-P", "-m", __name__, stdin=PIPE, stdout=PIPE)
    assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - both are pipes
    try:
        process.stdin.write(asked(place, now))
        answer = await process.stdout.readline()
        await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        process.stdin.close()
    if answer.endswith(b"\n"):
        told: dict[str, str] = json.loads(answer)
        return told
    ended = f"the process that makes it ended ({process.returncode}): look for room and memory on this machine"
    return {"fault": "Ended", "why": ended}


def asked(place: Place, now: datetime) -> bytes:
    """The line that says what is to be done."""
    return (json.dumps([asdict(place), now.isoformat()]) + "\n").encode()


def main(orders: TextIO, answer: TextIO) -> None:
    """One copy, as the line says. Ends the process: an ordered end would wait for the thread that reads."""
    place, at = json.loads(orders.readline())
    threading.Thread(target=_end_with, args=(orders,), daemon=True).start()
    with contextlib.suppress(AttributeError, OSError):  # Windows has none; the units of deploy/ refuse it
        os.nice(_NICE)
    try:
        told = {"file": str(_made(Place(**place), datetime.fromisoformat(at)))}
    except Exception as fault:  # noqa: BLE001 - its words may hold a row; ours do not
        told = {"fault": type(fault).__name__, "why": str(fault) if isinstance(fault, BotError) else ""}
    print(json.dumps(told), file=answer, flush=True)
    os._exit(0)


def _made(place: Place, now: datetime) -> Path:
    engine = connect(place.database_url)
    try:
        cipher = Cipher(present_secret(engine, Path(place.data_dir), place.secret_key, now))
        return backing_up.nightly(engine, cipher, Path(place.folder), place.record, now)
    finally:
        engine.dispose()


def _end_with(orders: TextIO) -> None:
    orders.read()
    os._exit(1)


if __name__ == "__main__":
    main(sys.stdin, sys.stdout)
