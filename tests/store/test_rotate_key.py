"""db rotate-key in a data folder: a death at any moment leaves one key that fits; older copies, other machines."""

import os
import shutil
import signal
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from store.factories import COMMUNE, DAY, ME, NEIGHBOUR, NOW, happen, lead, person
from store.test_store_sealing import MARKERS, STRANGE
from typer.testing import CliRunner

from bot import running, wiring
from bot.cli import app
from bot.commands import rekeying as command
from bot.effects import OfficerAsked, PersonErased
from bot.settings import Settings
from bot.store import erasing, journal_file, key_files, rekeying
from bot.store import tables as t
from bot.store.crypto import KEY_FILE, Cipher, KeyFault, key_from
from bot.store.engines import connect

OTHER = "another key, long enough as well"
# ---- the command, in a data folder as an installation has it


@pytest.fixture
def folder(tmp_path, empty_database, monkeypatch):
    """A folder with a key and a database that people are in."""
    monkeypatch.chdir(tmp_path)
    data = tmp_path / "data"
    monkeypatch.setenv("HOCNGHE_DATA_DIR", str(data))
    data.mkdir()
    shutil.copy(empty_database, data / wiring.DATABASE)
    store = wiring.open_store(settings())
    happen(store, lead("HN-AAAAAA", STRANGE), contact=ME)
    happen(store, lead("HN-BBBBBB", person(2)), contact=NEIGHBOUR)
    asked = OfficerAsked("asked", f"gọi cho {person(4).full_name}", COMMUNE)
    happen(store, lead("HN-CCCCCC", person(3)), lead("HN-DDDDDD", person(4)), asked, contact=replace(ME, id="shared"))
    store.close()
    return data


def settings():
    return Settings(_env_file=None)


def run(*words):
    return CliRunner().invoke(app, ["db", *words])


def receipts():
    """What a start finds, every name opened."""
    store = wiring.open_store(settings())
    with store.transaction() as unit:
        found = [r.receipt for r in unit.leads(COMMUNE) if r.applicant.full_name]
    store.close()
    return found


def put_back(folder, copy):
    """An older copy of the database alone, as somebody does by hand."""
    for file in folder.glob(f"{wiring.DATABASE}*"):
        file.unlink()
    shutil.copy(copy, folder / wiring.DATABASE)


ALL = ["HN-AAAAAA", "HN-BBBBBB", "HN-CCCCCC", "HN-DDDDDD"]


def test_the_old_key_is_kept_aside_and_the_new_one_shown_to_nobody(folder):
    before = key_from(folder)
    done = run("rotate-key")
    assert done.exit_code == 0, done.exception
    (kept,) = key_files.kept_files(folder)
    assert kept.read_text() == before != key_from(folder)
    assert kept.name in done.output
    assert key_from(folder) not in done.output
    assert {stat.S_IMODE(f.stat().st_mode) for f in folder.glob("secret*")} == {0o600}
    assert receipts() == ALL
    assert run("rotate-key").exit_code == 0
    assert len(key_files.kept_files(folder)) == 2
    assert receipts() == ALL


def test_while_a_program_runs_nothing_is_changed(folder):
    with running.held(folder):
        done = run("rotate-key")
    assert "a program is using the data" in str(done.exception)
    assert [f.name for f in folder.glob("secret*")] == [KEY_FILE]


DEATHS = {
    "in the transaction": "rekeying.erasing.replay",
    "after it": "key_files.noted",
    "after the journal": "key_files._aside",
    "before the move": "key_files.Path.replace",
}
DIES = """
import os, signal, sys
from bot.cli import app
from bot.store import key_files, rekeying
{} = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
app(["db", "rotate-key"])
"""


@pytest.mark.parametrize("moment", DEATHS)
def test_killed_at_any_moment_one_key_fits(folder, moment):
    before, code = key_from(folder), DIES.format(DEATHS[moment])
    told = {**os.environ, "PYTHONPATH": str(ROOT)}
    died = subprocess.run([sys.executable, "-c", code], env=told, check=False, capture_output=True)
    assert died.returncode == -9, died.stderr
    new = key_files.waiting(folder)
    assert new
    assert receipts() == ALL
    changed = moment != "in the transaction"
    assert (key_from(folder) == new) is changed
    assert [f.read_text() for f in key_files.kept_files(folder)] == ([before] if changed else [])
    assert run("rotate-key").exit_code == 0
    assert receipts() == ALL


def test_with_the_key_in_the_environment_the_new_one_is_a_file_to_take_over(folder, monkeypatch):
    old = (folder / KEY_FILE).read_text()
    (folder / KEY_FILE).unlink()
    monkeypatch.setenv("HOCNGHE_SECRET_KEY", old)
    done = run("rotate-key")
    assert done.exit_code == 0, done.exception
    new = key_files.waiting(folder)
    assert new not in done.output
    assert stat.S_IMODE((folder / key_files.NEW_FILE).stat().st_mode) == 0o600
    with pytest.raises(KeyFault, match=r"secret\.key\.new: put that line"):
        receipts()
    monkeypatch.setenv("HOCNGHE_SECRET_KEY", new)
    assert receipts() == ALL
    assert run("rotate-key").exit_code == 0, "the file was taken over: the next change makes another"
    assert key_files.waiting(folder) not in (old, new)


def test_an_older_copy_comes_back_under_the_new_key_without_those_erased_since(folder):
    """Erased before the change and after it, after the copy was made; a ticket that names somebody among them."""
    copy = shutil.copy(folder / wiring.DATABASE, folder.parent / "copy.sqlite3")
    store = wiring.open_store(settings())
    happen(store, PersonErased(), contact=ME)
    store.close()
    receipts()  # a start: the journal file has it
    assert run("rotate-key").exit_code == 0
    store = wiring.open_store(settings())
    happen(store, PersonErased(), contact=NEIGHBOUR)
    with store.people() as unit:
        assert unit.rights.erase(unit.rights.person("HN-DDDDDD"), NOW + DAY)
    store.close()
    assert receipts() == ["HN-CCCCCC"]

    put_back(folder, copy)
    with pytest.raises(KeyFault, match=r"from before a change of key \(secret\.key\.\d{4}-.*--to-current"):
        receipts()
    done = run("rotate-key", "--to-current")
    assert done.exit_code == 0, done.exception
    assert receipts() == ["HN-CCCCCC"]
    engine = connect(f"sqlite:///{folder / wiring.DATABASE}")
    assert not values(engine, ["tickets.id"])["tickets.id"], "it named somebody who was erased"
    engine.dispose()
    assert "không phải làm gì" in run("rotate-key", "--to-current").output


def test_an_older_copy_with_its_old_key_put_back_is_refused(folder):
    copy = shutil.copy(folder / wiring.DATABASE, folder.parent / "copy.sqlite3")
    assert run("rotate-key").exit_code == 0
    put_back(folder, copy)
    shutil.copy(key_files.kept_files(folder)[0], folder / KEY_FILE)
    with pytest.raises(KeyFault, match="erased since would come back"):
        receipts()


def test_a_key_that_is_nowhere_is_told(folder):
    (folder / KEY_FILE).write_text(OTHER)
    with pytest.raises(KeyFault, match=r"put back the secret\.key"):
        receipts()


def test_the_mark_in_the_journal_is_no_erasure(folder):
    assert run("rotate-key").exit_code == 0
    text = (folder / journal_file.NAME).read_text()
    assert text.startswith("rekeyed ")
    assert journal_file.read(folder / journal_file.NAME) == ()
    assert not any(marker in text for marker in MARKERS.values())
