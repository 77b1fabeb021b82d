"""Data from before a change of key, and machines that change it in turn: nobody erased comes back."""

import os
import shutil

import pytest
from sqlalchemy import select
from store.factories import DAY, ME, NEIGHBOUR, NOW, happen
from store.keyed import ALL, OTHER, found_by, kept, put_back, receipts, rotate, run, settings
from store.test_store_sealing import MARKERS
from typer.testing import CliRunner

from bot import wiring
from bot.cli import app
from bot.effects import PersonErased
from bot.store import erasing, journal_file, key_files
from bot.store import tables as t
from bot.store.crypto import KEY_FILE, Cipher, KeyFault, key_from
from bot.store.engines import connect


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
    rotate()  # here; then the other one, its disk lost, gets a copy and a key that its journal never heard of
    assert run("backup", str(folder.parent / "copy.sqlite3")).exit_code == 0
    monkeypatch.setenv("HOCNGHE_DATA_DIR", str(other))
    monkeypatch.setenv("HOCNGHE_DATABASE_URL", f"sqlite:///{other / 'anew.sqlite3'}")
    shutil.copy(folder / KEY_FILE, other / KEY_FILE)
    done = run("restore", str(folder.parent / "copy.sqlite3"), "--yes")
    assert done.exit_code == 0, done.exception
    assert receipts() == ALL


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
