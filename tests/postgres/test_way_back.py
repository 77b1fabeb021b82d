"""An upgrade of a database server's database, and the way back to the program from before."""

import sqlite3

import pytest
from backup.backup_stage import CIPHER, LATER
from sqlalchemy import inspect, select, text
from store.factories import NOW, consent, happen, lead, own_database

from bot.store import any_schema, backing_up, migrate, restoring
from bot.store import tables as t
from bot.store.engines import connect
from bot.store.sql_desk_store import SqlDeskStore


@pytest.fixture
def server(request):
    made = connect(own_database(request.node.name))
    yield made
    made.dispose()


def rows(file, query):
    with sqlite3.connect(file) as db:
        return db.execute(query).fetchall()


def test_before_a_server_is_upgraded_there_is_a_copy_of_how_it_was(server, tmp_path):
    with server.begin() as db:
        any_schema.drop_all(db)
    migrate.reach(server, "0010")
    with server.begin() as db:
        db.execute(text("INSERT INTO served_places (code, added_at) VALUES ('06862', '2026-01-01T07:00:00+07:00')"))
        db.execute(
            text("INSERT INTO posters (course_id, kind, version, body) SELECT 'c', 'png', '1', '\\x00ff' WHERE 1=0")
        )
        db.execute(text("SELECT nextval(pg_get_serial_sequence('leads', 'id'))"))
    file = backing_up.before_upgrade(server, CIPHER, tmp_path, tmp_path, NOW)
    assert file is not None
    assert backing_up.check(file, CIPHER).schema == "0010"
    assert rows(file, "SELECT code, added_at FROM served_places") == [("06862", "2026-01-01 00:00:00.000000")]
    assert rows(file, "SELECT seq FROM sqlite_sequence WHERE name = 'leads'") == [(1,)]
    assert "AUTOINCREMENT" in rows(file, "SELECT sql FROM sqlite_master WHERE name = 'leads'")[0][0]
    migrate.upgrade(server)
    assert backing_up.before_upgrade(server, CIPHER, tmp_path, tmp_path, NOW) is None
    restoring.restore_into(file, server, CIPHER, tmp_path / "aside.sqlite3", LATER)
    assert migrate.version(server) == migrate.HEAD
    with server.connect() as db:
        assert db.execute(select(t.served_places.c.code)).scalars().all() == ["06862"]


def test_this_program_goes_back_from_a_newer_one_and_keeps_what_that_wrote(server, tmp_path):
    store = SqlDeskStore(server, CIPHER)
    happen(store, lead(), consent())
    copy = tmp_path / "before.sqlite3"
    backing_up.back_up(server, CIPHER, copy)
    with server.begin() as db:  # what a newer version would do, and one registration in it
        db.execute(text("CREATE TABLE newer (id serial PRIMARY KEY, lead_id integer REFERENCES leads, at timestamptz)"))
        db.execute(text("ALTER TABLE leads ADD COLUMN newer varchar(20) NOT NULL DEFAULT 'x'"))
        db.execute(text("INSERT INTO newer (lead_id, at) SELECT id, now() FROM leads"))
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    aside = tmp_path / "aside.sqlite3"
    done = restoring.restore_into(copy, server, CIPHER, aside, LATER)
    assert done.aside == aside
    assert migrate.version(server) == migrate.HEAD
    assert not inspect(server).has_table("newer")
    with store.transaction() as unit:
        assert [record.receipt for record in unit.leads("06862")] == ["HN-AAAAAA"]
    assert rows(aside, "SELECT version_num FROM alembic_version") == [("9999",)]
    assert rows(aside, "SELECT lead_id, newer FROM newer JOIN leads ON leads.id = lead_id") == [(1, "x")]


def test_a_fault_in_the_middle_of_putting_back_changes_nothing(server, tmp_path, monkeypatch):
    store = SqlDeskStore(server, CIPHER)
    happen(store, lead(), consent())
    copy = tmp_path / "before.sqlite3"
    backing_up.back_up(server, CIPHER, copy)
    with server.begin() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    def broken(db):
        make(db)
        raise RuntimeError

    make = migrate.make
    monkeypatch.setattr(migrate, "make", broken)
    with pytest.raises(RuntimeError):
        restoring.restore_into(copy, server, CIPHER, tmp_path / "aside.sqlite3", LATER)
    with store.transaction() as unit:
        assert [record.receipt for record in unit.leads("06862")] == ["HN-AAAAAA"]
