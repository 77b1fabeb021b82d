"""The nightly copy by a process of its own: its secrets, its faults, its end."""

import asyncio
import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from backup.backup_stage import CIPHER
from store.factories import KEY, NOW

from bot.store import backing_up, copy_folders, copy_process


@pytest.fixture
def place(store, tmp_path):
    url = store.engine.url.render_as_string(hide_password=False)
    return copy_process.Place(url, KEY, str(tmp_path), str(tmp_path / "kept"))


@pytest.fixture
def child(monkeypatch):
    """What was started: the process itself, and its arguments."""
    started, real = [], asyncio.create_subprocess_exec

    async def watched(*arguments, **how):
        started.append((await real(*arguments, **how), arguments))
        return started[-1][0]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", watched)
    return started


async def test_a_copy_is_made_checked_and_recorded_and_no_secret_is_an_argument(place, child):
    file = await copy_process.nightly(place, NOW)
    assert backing_up.check(file, CIPHER).rows["people"] == 2
    assert copy_folders.last(place.record) == NOW
    process, arguments = child[0]
    assert process.returncode == 0
    assert KEY not in " ".join(map(str, arguments))


async def test_what_went_wrong_there_is_told_here_and_recorded(place, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(copy_process.CopyFailed, match="cannot be made"):
        await copy_process.nightly(replace(place, folder=str(tmp_path / "file")), NOW)
    with pytest.raises(copy_process.CopyFailed, match="another key"):
        await copy_process.nightly(replace(place, secret_key="another key that is long enough"), NOW)
    assert copy_folders.last(place.record) is None


async def test_a_machine_without_room_for_a_process_is_told(place, monkeypatch):
    async def none(*_arguments, **_how):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(asyncio, "create_subprocess_exec", none)
    with pytest.raises(copy_process.CopyFailed, match="cannot begin"):
        await copy_process.nightly(place, NOW)
    assert "BlockingIOError" in next(Path(place.record).iterdir()).read_text()


@pytest.fixture
async def begun(place, child, tmp_path):
    """A copy that cannot go on, for its input stays unread: the child is stopped at its first step."""
    copy = asyncio.create_task(copy_process.nightly(place, NOW))
    while not child:
        await asyncio.sleep(0.01)
    process = child[0][0]
    os.kill(process.pid, signal.SIGSTOP)
    return copy, process


async def test_one_that_is_killed_is_a_failed_copy(begun, place):
    copy, process = begun
    process.kill()
    with pytest.raises(copy_process.CopyFailed, match="look for room and memory"):
        await copy
    assert copy_folders.last(place.record) is None
    assert "failed_at" in next(Path(place.record).iterdir()).read_text()


async def test_it_ends_with_whoever_asked(begun, place):
    copy, process = begun
    copy.cancel()
    with pytest.raises(asyncio.CancelledError):
        await copy
    assert process.returncode == -signal.SIGKILL
    assert not Path(place.folder).exists()


async def started(place, changed):
    """The child with something of it replaced, asked."""
    script = f"import sys, os, time\nfrom bot.store import copy_process as c\n{changed}\nc.main(sys.stdin, sys.stdout)"
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", script, stdin=pipe, stdout=pipe)
    process.stdin.write(copy_process.asked(place, NOW))
    return process


async def test_a_unit_that_forbids_to_give_way_has_its_copy(place):
    """SystemCallFilter=~@resources with SystemCallErrorNumber=EPERM (deploy/one/hocnghe.service)."""
    process = await started(place, "def no(_n): raise PermissionError()\nos.nice = no\n")
    answer = await process.stdout.readline()
    assert backing_up.check(Path(json.loads(answer)["file"]), CIPHER).rows["people"] == 2
    process.stdin.close()
    await process.wait()


async def test_it_ends_when_its_input_does(place):
    process = await started(place, "c._made = lambda *_: time.sleep(60)")
    await asyncio.sleep(1)
    assert process.returncode is None
    process.stdin.close()  # as when the program was killed
    assert await asyncio.wait_for(process.wait(), 5) == 1
