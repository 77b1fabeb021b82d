"""Another key: everything opens with it and is found by it; a death at any moment leaves one key that fits."""

import os
import shutil
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select
from store.factories import COMMUNE, DAY, KEY, ME, NEIGHBOUR, NOW, database, happen, lead, person, sqlite_store
from store.test_store_proof import everything_about_somebody
from store.test_store_sealing import MARKERS, STRANGE
from typer.testing import CliRunner

from bot import running, wiring
from bot.cli import app
from bot.effects import LeadDetailed, OfficerAsked, PersonErased
from bot.settings import Settings
from bot.store import journal_file, key_files
from bot.store import tables as t
from bot.store.crypto import KEY_FILE, Cipher, KeyFault, key_from
from bot.store.engines import connect
from bot.store.rekeying import DIGESTS, GONE, STAYS, fits, rekey
from bot.store.sealed import opened, sealed_columns
from bot.store.sql_desk_store import SqlDeskStore

ROOT = Path(__file__).parent.parent.parent
OTHER = "another key, long enough as well"
OLD_KEY, NEW_KEY = Cipher(KEY), Cipher(OTHER)
COLUMNS = {f"{c.table.name}.{c.name}": c for table in t.metadata.sorted_tables for c in table.c}


def fill(store):
    everything_about_somebody(store)
    registered = lead("HN-CCCCCC", person(3))
    happen(store, registered, LeadDetailed("HN-CCCCCC", {"target_group": "near_poor"}), contact=ME)


def texts(engine, cipher):
    """Every row of every table, its sealed columns opened, without fingerprints; of the desk's sessions nothing."""
    with engine.connect() as db:
        return {
            table.name: [opened(cipher, table, row) for row in db.execute(select(table)).mappings()]
            for table in t.metadata.sorted_tables
            if table.name not in ("login_tokens", "desk_sessions", "erasures", "search_words")
        }


def values(engine, places):
    with engine.connect() as db:
        return {p: sorted(v for v in db.execute(select(COLUMNS[p])).scalars() if v is not None) for p in places}


@pytest.fixture
def here(tmp_path):
    database(tmp_path / "here.sqlite3").dispose()
    store = sqlite_store(tmp_path / "here.sqlite3")
    fill(store)
    yield store.engine
    store.close()


def test_everything_is_as_if_it_had_been_written_with_the_new_key(here, tmp_path):
    database(tmp_path / "there.sqlite3").dispose()
    there = sqlite_store(tmp_path / "there.sqlite3", key=OTHER)
    fill(there)
    before, bytes_before, told = texts(here, OLD_KEY), values(here, sealed_columns()), {}
    rekey(here, OLD_KEY, NEW_KEY, told.__setitem__)
    assert texts(here, NEW_KEY) == before
    marks = [*DIGESTS, "search_words.word"]
    assert values(here, marks) == values(there.engine, marks)
    assert all(any(found) for found in values(here, marks).values()), "a fingerprint without a row proves nothing"
    bytes_after = values(here, sealed_columns())
    assert not {v for f in bytes_before.values() for v in f if v} & {v for f in bytes_after.values() for v in f}
    assert (fits(here, NEW_KEY), fits(here, OLD_KEY)) == (True, False)
    assert told["people"] == 3
    with SqlDeskStore(here, NEW_KEY).transaction() as unit:
        number = unit.lock(ME, NOW)
    with there.transaction() as unit:
        assert unit.lock(ME, NOW) == number, "the same contact is met again, not made anew"
    there.close()


def test_portions_leave_nothing_out(here, monkeypatch):
    """Of tables with one key and with several."""
    monkeypatch.setattr("bot.store.rekeying.BATCH", 1)
    before = texts(here, OLD_KEY)
    rekey(here, OLD_KEY, NEW_KEY)
    assert texts(here, NEW_KEY) == before


def test_every_fingerprint_of_the_schema_has_a_way():
    assert {place for place in COLUMNS if "digest" in place} == {*DIGESTS, *GONE, *STAYS}


def test_resealed_bytes_are_the_same_each_time_and_of_one_place():
    first, other = OLD_KEY.seal("Nguyễn Thị Mẫu", "person.full_name"), OLD_KEY.seal("Bản Mẫu", "person.hamlet")
    again = NEW_KEY.reseal(first, "person.full_name", OLD_KEY)
    assert again == NEW_KEY.reseal(first, "person.full_name", OLD_KEY) != first
    assert NEW_KEY.open(again, "person.full_name") == "Nguyễn Thị Mẫu"
    assert NEW_KEY.reseal(b"", "person.full_name", OLD_KEY) == b""
    with pytest.raises(KeyFault):
        NEW_KEY.reseal(other, "person.full_name", OLD_KEY)


def test_a_field_that_does_not_open_undoes_all(here):
    with here.begin() as db:
        db.execute(t.tickets.update().values(phone=b"\x01damaged"))
    with pytest.raises(KeyFault, match=r"ticket\.phone"):
        rekey(here, OLD_KEY, NEW_KEY)
    assert fits(here, OLD_KEY)


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
