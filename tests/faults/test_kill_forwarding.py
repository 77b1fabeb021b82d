"""kill -9 while a list is forwarded: nothing is sent again, and what nobody can know is counted as unknown."""

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from pathlib import Path

import pytest
from leads.mailbox import Clock, enter, fill, smtp
from store.factories import database, sqlite_store

from bot.leads.forwarding import LEASE_FOR

PROGRAM = Path(__file__).with_name("forwarding_program.py")
ROOT = PROGRAM.parents[2]
LEASE_MINUTES = int(LEASE_FOR.total_seconds() // 60) + 1
pytestmark = pytest.mark.process


@pytest.fixture
def folder(tmp_path):
    database(tmp_path / "hocnghe.sqlite3").dispose()
    store = sqlite_store(tmp_path / "hocnghe.sqlite3")
    fill(store)
    for n in range(4):
        enter(store, Clock(), address=f"nhan{n}@truong.example", attach=n % 2 == 0)
    store.close()
    return tmp_path


async def started(folder, box, where, *minutes):
    path = f"{ROOT}{os.pathsep}{ROOT / 'tests'}"
    return await asyncio.create_subprocess_exec(
        sys.executable, str(PROGRAM), str(folder), str(box.port), where, *map(str, minutes),
        stdout=asyncio.subprocess.PIPE, cwd=folder, env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip


async def until(process, word):
    said = []
    while not said or not said[-1].startswith(word):
        line = await asyncio.wait_for(process.stdout.readline(), 30)
        assert line, f"the program ended: {said}"
        said.append(line.decode().strip())
    return said


async def kill(process):
    process.send_signal(signal.SIGKILL)
    await process.communicate()


async def figures(folder, box, *minutes):
    """Settled figures after each look of a program that nobody kills."""
    process = await started(folder, box, "none", *minutes)
    said, _ = await process.communicate()
    lines = (line for line in said.decode().splitlines() if line.startswith("figures"))
    return [json.loads(line.removeprefix("figures ")) for line in lines]


def received(box):
    return Counter(letter["Message-ID"] for letter in box.letters)


@pytest.mark.parametrize(("where", "arrived"), [("claimed", 0), ("sent", 1)])
async def test_killed_on_the_wire_it_is_counted_as_unknown_and_not_sent_again(folder, where, arrived):
    async with smtp() as box:
        process = await started(folder, box, where, 0)
        await until(process, f"halted {where}")
        await kill(process)
        assert len(box.letters) == arrived
        over = {"unknown": 1, "sent": 3}
        held = {"sending": 1, "waiting": 3}  # the lease of the killed process still holds
        assert await figures(folder, box, 0, LEASE_MINUTES, 3 * LEASE_MINUTES) == [held, over, over]
    assert max(received(box).values()) == 1
    assert len(box.letters) == 3 + arrived


async def test_killed_at_any_time_nothing_is_doubled_and_nothing_lost(folder):
    """After each mail a kill at whatever the program is doing by then: marking, reading, on the wire again."""
    async with smtp() as box:
        minutes = 0
        for _ in range(2):
            process = await started(folder, box, "none", minutes)
            await until(process, "mail")
            await kill(process)
            minutes += LEASE_MINUTES
        (last,) = await figures(folder, box, minutes)
    assert sum(last.values()) == 4
    assert last.keys() <= {"sent", "unknown"}
    assert max(received(box).values()) == 1
    assert len(box.letters) >= last.get("sent", 0)
