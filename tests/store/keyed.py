"""A data folder as an installation has it, for the tests of a change of key."""

import shutil
from dataclasses import replace

import pytest
from store.factories import COMMUNE, ME, NEIGHBOUR, happen, lead, person
from store.test_store_sealing import STRANGE
from typer.testing import CliRunner

from bot import wiring
from bot.cli import app
from bot.effects import OfficerAsked
from bot.settings import Settings
from bot.store import key_files
from bot.store.desk_port import Filter, Scope

OTHER = "another key, long enough as well"
EVERYWHERE = Scope(None)
ALL = ["HN-AAAAAA", "HN-BBBBBB", "HN-CCCCCC", "HN-DDDDDD"]


@pytest.fixture(name="folder")
def folder_with_people(tmp_path, empty_database, monkeypatch):
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
