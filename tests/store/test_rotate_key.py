"""db rotate-key in a data folder: a death at any moment leaves one key that fits."""

import os
import resource
import signal
import stat
from collections import namedtuple
from datetime import UTC, datetime

import pytest
from store.factories import DAY, person
from store.forks import in_a_child
from store.keyed import ALL, found_by, kept, receipts, rotate, run, settings

from bot import running, wiring
from bot.commands import rekeying as command
from bot.store import erasing, journal_file, key_files, rekeying
from bot.store.crypto import KEY_FILE, KeyFault, key_from


def test_the_old_key_is_kept_aside_and_the_new_one_shown_to_nobody(folder):
    before, phone = key_from(folder), person(3).phone
    assert found_by(phone) == [3]
    told = rotate()
    (aside,) = key_files.kept_files(folder)
    assert aside.read_text() == before != key_from(folder)
    assert aside.name in told
    assert key_files.kept_since(folder) == datetime.fromtimestamp(aside.stat().st_mtime, UTC)
    assert key_from(folder) not in told
    assert {stat.S_IMODE(f.stat().st_mode) for f in folder.glob("secret*")} == {0o600}
    assert receipts() == ALL
    assert found_by(phone) == found_by(phone[-4:]) == [3]
    rotate()
    assert len(kept(folder)) == 2
    assert receipts() == ALL


def test_while_a_program_runs_nothing_is_changed(folder):
    store = wiring.open_store(settings())
    with running.held(folder):
        assert "a program is using the data" in str(run("rotate-key", "--yes").exception)
    with store.channels() as unit:  # one of another machine, that shares the database alone
        assert unit.lease("background", "elsewhere", wiring.clock(settings())(), wiring.clock(settings())() + DAY)
    assert "a program uses this database" in str(run("rotate-key", "--yes").exception)
    store.close()
    assert [f.name for f in folder.glob("secret*")] == [KEY_FILE]


DEATHS = {  # moment: what dies, the how manieth time, whether the data hang on the new key by then
    "in the middle of the rows": ("bot.store.rekeying._batches", 4, False),
    "before the commit": ("bot.store.erasing.mark_keys", 1, False),
    "after the commit": ("bot.store.rekeying.empty_log", 1, True),
    "before the move": ("pathlib.Path.replace", 1, True),
    "before the journal's file": ("bot.store.journal_file.append", 2, True),
}


@pytest.mark.parametrize("moment", DEATHS)
def test_killed_at_any_moment_one_key_fits(folder, monkeypatch, moment):
    before, (name, times, changed) = key_from(folder), DEATHS[moment]
    here, _, attribute = name.rpartition(".")
    where = {"bot.store.rekeying": rekeying, "bot.store.erasing": erasing, "bot.store.key_files": key_files,
             "pathlib.Path": key_files.Path, "bot.store.journal_file": journal_file}[here]  # fmt: skip
    whole, met = getattr(where, attribute), []

    def die(*args, **more):
        met.append(1)
        if len(met) == times:
            os.kill(os.getpid(), signal.SIGKILL)
        return whole(*args, **more)

    monkeypatch.setattr(where, attribute, die)
    assert in_a_child(lambda: run("rotate-key", "--yes")) == -signal.SIGKILL
    monkeypatch.undo()
    monkeypatch.setenv("HOCNGHE_DATA_DIR", str(folder))
    new = key_files.waiting(folder) or key_from(folder)
    assert new != before
    assert receipts() == ALL
    assert (key_from(folder) == new) is changed
    assert kept(folder) == ([before] if changed else [])


def test_a_full_disk_changes_nothing(folder, monkeypatch):
    def full():  # the limit cannot be taken back
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
        os._exit(7 if "Either key is whole" in str(run("rotate-key", "--yes").exception) else 0)

    before = key_from(folder)
    assert in_a_child(full) == 7
    assert receipts() == ALL
    assert key_from(folder) == before
    monkeypatch.setattr(command.shutil, "disk_usage", lambda _p: namedtuple("U", "free")(1_000_000))
    assert "1 MB are free" in str(run("rotate-key", "--yes").exception)
    monkeypatch.undo()
    monkeypatch.setenv("HOCNGHE_DATA_DIR", str(folder))
    rotate()
    assert receipts() == ALL


def test_with_the_key_in_the_environment_the_new_one_is_a_file_to_take_over(folder, monkeypatch):
    old = (folder / KEY_FILE).read_text()
    (folder / KEY_FILE).unlink()
    monkeypatch.setenv("HOCNGHE_SECRET_KEY", old)
    told, new = rotate(), key_files.waiting(folder)
    assert new not in told
    assert stat.S_IMODE((folder / key_files.NEW_FILE).stat().st_mode) == 0o600
    with pytest.raises(KeyFault, match=r"secret\.key\.new: put that line"):
        receipts()
    monkeypatch.setenv("HOCNGHE_SECRET_KEY", new)
    assert receipts() == ALL
    rotate()  # the file was taken over: the next change makes another
    assert key_files.waiting(folder) not in (old, new)
