"""db rotate-key in a data folder: a death at any moment leaves one key that fits; older copies, other machines."""

import os
import resource
import shutil
import signal
import stat
from collections import namedtuple
from dataclasses import replace

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
from bot.store.desk_port import Filter, Scope
from bot.store.engines import connect

OTHER = "another key, long enough as well"
EVERYWHERE = Scope(None)
ALL = ["HN-AAAAAA", "HN-BBBBBB", "HN-CCCCCC", "HN-DDDDDD"]


@pytest.fixture
def folder(tmp_path, empty_database, monkeypatch):
    """A folder with a key and a database that people are in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HOCNGHE_SECRET_KEY", raising=False)
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


def rotate(*words):
    done = run("rotate-key", "--yes", *words)
    assert done.exit_code == 0, (done.output, done.exception)
    return done.output


def receipts():
    """What a start finds, every name opened."""
    store = wiring.open_store(settings())
    with store.transaction() as unit:
        found = [r.receipt for r in unit.leads(COMMUNE) if r.applicant.full_name]
    store.close()
    return found


def found_by(text):
    """What the desk's search finds: numbers of registrations."""
    store = wiring.open_store(settings())
    with store.desk() as unit:
        found = unit.people.ids(EVERYWHERE, Filter(text=text), most=9)
    store.close()
    return found


def put_back(folder, copy):
    """An older copy of the database alone, as somebody does by hand."""
    for file in folder.glob(f"{wiring.DATABASE}*"):
        file.unlink()
    shutil.copy(copy, folder / wiring.DATABASE)


def kept(folder):
    return [f.read_text() for f in key_files.kept_files(folder)]


def test_the_old_key_is_kept_aside_and_the_new_one_shown_to_nobody(folder):
    before, phone = key_from(folder), person(3).phone
    assert found_by(phone) == [3]
    told = rotate()
    (aside,) = key_files.kept_files(folder)
    assert aside.read_text() == before != key_from(folder)
    assert aside.name in told
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


def in_a_child(work):
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


DEATHS = {  # moment: what dies, the how manieth time, whether the data hang on the new key by then
    "before anything": ("bot.store.rekeying.rekey", 1, False),
    "in the middle of the rows": ("bot.store.rekeying._batches", 4, False),
    "before the commit": ("bot.store.erasing.mark_keys", 1, False),
    "after the commit": ("bot.store.rekeying.empty_log", 1, True),
    "before the old key is kept": ("bot.store.key_files._aside", 1, True),
    "before the move": ("pathlib.Path.replace", 1, True),
    "after the move": ("bot.store.key_files.to_disk", 1, True),
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
    rotate()
    assert receipts() == ALL
    assert not key_files.waiting(folder)


def test_a_full_disk_changes_nothing(folder, monkeypatch):
    def full():  # the limit cannot be taken back
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))
        os._exit(7 if "the disk is full" in str(run("rotate-key", "--yes").exception) else 0)

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


@pytest.mark.parametrize("way", ["restore", "by hand"])
def test_an_older_copy_comes_back_without_those_erased_under_any_key(folder, way):
    """Erased after the copy in the time of three keys; a ticket that names somebody among them."""
    copy = folder.parent / "copy.sqlite3"
    assert run("backup", str(copy)).exit_code == 0
    erased(PersonErased(), contact=ME)
    rotate()
    erased(PersonErased(), contact=NEIGHBOUR)
    rotate()
    store = wiring.open_store(settings())
    with store.people() as unit:
        assert unit.rights.erase(unit.rights.person("HN-DDDDDD"), NOW + DAY)
    store.close()
    assert receipts() == ["HN-CCCCCC"]

    if way == "restore":
        done = run("restore", str(copy), "--yes")
    else:
        put_back(folder, copy)
        with pytest.raises(KeyFault, match=r"from before a change of key \(secret\.key\.\d{4}-.*--to-current"):
            receipts()
        done = run("rotate-key", "--to-current")
    assert done.exit_code == 0, done.exception
    assert receipts() == ["HN-CCCCCC"]
    assert found_by("nguyen") == [3]
    engine = connect(f"sqlite:///{folder / wiring.DATABASE}")
    with engine.connect() as db:
        assert not db.execute(select(t.tickets)).all(), "it named somebody who was erased"
    engine.dispose()
    assert "không phải làm gì" in run("rotate-key", "--to-current").output
    assert len(kept(folder)) == 2


def erased(*effects, contact):
    store = wiring.open_store(settings())
    happen(store, *effects, contact=contact)
    store.close()
    receipts()  # a start: the journal file has it


def test_a_copy_is_not_taken_when_a_key_since_is_missing(folder):
    """It alone knows who was erased in its time."""
    copy = folder.parent / "copy.sqlite3"
    assert run("backup", str(copy)).exit_code == 0
    rotate()
    erased(PersonErased(), contact=ME)
    rotate()
    first, second = key_files.kept_files(folder)
    key = second.read_text()
    second.unlink()
    assert "one used since" in str(run("restore", str(copy), "--yes").exception)
    assert receipts() == ALL[1:]
    first.rename(folder / "secret.key.tu-to-cat-giu")
    (folder / "secret.key.a").write_text(f"{key}\n")
    assert run("restore", str(copy), "--yes").exit_code == 0
    assert receipts() == ALL[1:]
    for file in key_files.kept_files(folder):
        file.unlink()
    assert "neither the key in use nor a kept one" in str(run("restore", str(copy), "--yes").exception)
    assert receipts() == ALL[1:]


def test_a_damaged_database_is_replaced_by_a_copy_from_before_the_change(folder):
    copy = folder.parent / "copy.sqlite3"
    assert run("backup", str(copy)).exit_code == 0
    rotate()
    (folder / wiring.DATABASE).write_bytes(os.urandom(100_000))
    done = run("restore", str(copy), "--yes")
    assert done.exit_code == 0, done.exception
    assert receipts() == ALL


def test_an_older_copy_with_its_old_key_put_back_is_refused(folder):
    copy = shutil.copy(folder / wiring.DATABASE, folder.parent / "copy.sqlite3")
    rotate()
    put_back(folder, copy)
    shutil.copy(key_files.kept_files(folder)[0], folder / KEY_FILE)
    with pytest.raises(KeyFault, match="erased since would come back"):
        receipts()
    assert "erased since would come back" in str(run("restore", str(copy), "--yes").exception)


def test_two_machines_on_one_database_change_the_key_in_turn(folder, monkeypatch):
    monkeypatch.setenv("HOCNGHE_DATABASE_URL", f"sqlite:///{folder / wiring.DATABASE}")
    other = folder.parent / "other"
    other.mkdir()
    shutil.copy(folder / KEY_FILE, other / KEY_FILE)
    for mine, theirs in ((folder, other), (other, folder)):
        monkeypatch.setenv("HOCNGHE_DATA_DIR", str(mine))
        rotate()
        monkeypatch.setenv("HOCNGHE_DATA_DIR", str(theirs))
        with pytest.raises(KeyFault, match="changed on another machine"):
            receipts()
        shutil.copy(mine / KEY_FILE, theirs / KEY_FILE)
        assert receipts() == ALL
    assert len(journal_file.marks(other)) == len(journal_file.marks(folder)) == 3


def test_a_key_that_is_nowhere_is_told(folder):
    key = (folder / KEY_FILE).read_text()
    (folder / KEY_FILE).unlink()
    for done in (run("rotate-key", "--yes"), CliRunner().invoke(app, ["place", "list"])):
        assert "there is no key" in str(done.exception)
        assert not (folder / KEY_FILE).exists(), "a new one would look as if it were the right one"
    (folder / KEY_FILE).write_text(OTHER)
    with pytest.raises(KeyFault, match=r"put back the secret\.key"):
        receipts()
    (folder / KEY_FILE).write_text(key)
    assert receipts() == ALL


def test_the_mark_in_the_journal_is_no_erasure_and_tells_nothing(folder):
    keys = [key_from(folder)]
    rotate()
    keys.append(key_from(folder))
    text = (folder / journal_file.NAME).read_text()
    assert [line.split()[:2] for line in text.splitlines()] == [["rekeyed", erasing.key_mark(Cipher(k))] for k in keys]
    assert not any(secret in text for secret in (*MARKERS.values(), *keys))
