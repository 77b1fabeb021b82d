"""SQLite itself: how it is set, and that its tables are those of the program."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from store.factories import DAY, NOW, counts, happen, lead, sqlite_store

from bot.effects import MessagesStopped
from bot.store import migrate
from bot.store.crypto import KeyFault, key_from
from bot.store.engines import connect
from bot.store.port import RETENTION_DAYS
from bot.store.tables import contacts, metadata

ROOT = Path(migrate.__file__).parents[2]
PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "busy_timeout": 10_000}


def scalar(store, statement):
    with store.engine.connect() as db:
        return db.execute(text(statement)).scalar()


def schema(engine):
    with engine.connect() as db:
        return sorted(db.execute(text("SELECT type, name, sql FROM sqlite_master")).fetchall(), key=str)


@pytest.mark.parametrize(("pragma", "value"), PRAGMAS.items())
def test_every_connection_is_set_for_safety(sqlite, pragma, value):
    happen(sqlite, lead())
    with sqlite.engine.connect() as one, sqlite.engine.connect() as other:
        one.rollback()
        for db in (one, other):
            assert db.execute(text(f"PRAGMA {pragma}")).scalar() == value
            db.rollback()


def test_the_migrations_make_the_tables_of_the_program(sqlite):
    with sqlite.engine.connect() as db:
        assert compare_metadata(MigrationContext.configure(db), metadata) == []


def test_the_migrations_number_rows_as_the_tables_say(sqlite, tmp_path):
    declared = connect(f"sqlite:///{tmp_path / 'declared.sqlite3'}")
    metadata.create_all(declared)
    numbered = "SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%' ORDER BY name"
    with sqlite.engine.connect() as migrated, declared.connect() as made:
        assert migrated.execute(text(numbered)).fetchall() == made.execute(text(numbered)).fetchall()
    declared.dispose()


def test_the_newest_migration_is_the_one_the_program_asks_for(sqlite):
    newest = ScriptDirectory.from_config(migrate.configuration(sqlite.engine)).get_heads()
    assert newest == [migrate.HEAD] == [migrate.version(sqlite.engine)]


def test_an_upgrade_is_done_once(tmp_path):
    engine = connect(f"sqlite:///{tmp_path / 'new.sqlite3'}")
    assert migrate.version(engine) == ""
    assert [migrate.upgrade(engine), migrate.upgrade(engine)] == [True, False]
    engine.dispose()


def test_down_to_nothing_and_up_again_gives_the_same_schema(sqlite):
    happen(sqlite, lead())
    before = schema(sqlite.engine)
    command.downgrade(migrate.configuration(sqlite.engine), "base")
    assert inspect(sqlite.engine).get_table_names() == ["alembic_version"]
    assert migrate.upgrade(sqlite.engine)
    assert schema(sqlite.engine) == before
    assert counts(sqlite) == {}
    with sqlite.transaction() as unit:
        assert unit.retention() == RETENTION_DAYS


def test_a_database_of_a_newer_program_is_refused_with_what_to_do(sqlite):
    with sqlite.engine.begin() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(
        migrate.SchemaFault, match=rf"'9999'.*newest known here is '{migrate.HEAD}'.*newer version of the program"
    ):
        migrate.upgrade(sqlite.engine)


def test_what_refers_to_nothing_cannot_be_written(sqlite):
    with pytest.raises(Exception, match="FOREIGN KEY"), sqlite.transaction() as unit:
        unit.remember(12_345, "u1", "chào", NOW)


def test_another_key_is_refused_at_the_start(sqlite, database_file):
    sqlite_store(database_file, key="another key, long enough as well").close()  # nothing is there yet
    happen(sqlite, lead())
    with pytest.raises(KeyFault, match=r"contact\.external: .*put back the secret\.key \(or HOCNGHE_SECRET_KEY\)"):
        sqlite_store(database_file, key="another key, long enough as well")
    again = sqlite_store(database_file)
    assert counts(again)["leads"] == 1
    again.close()


def test_a_contact_that_wants_no_messages_is_marked_until_it_wants_them_again(sqlite):
    def stopped_at():
        with sqlite.engine.connect() as db:
            return db.execute(contacts.select()).one().stopped_at

    happen(sqlite, MessagesStopped(stopped=True))
    happen(sqlite, now=NOW + DAY)
    assert stopped_at() == NOW, "another message changes nothing about it"
    happen(sqlite, MessagesStopped(stopped=False))
    assert stopped_at() is None


# One process with everything loaded becomes four, which all wait for the pipe to close and then start at once.
START = """
import os, sys, traceback
from pathlib import Path
import alembic.command
from bot.store import crypto, engines, migrate, sql

def start(folder):
    secret = crypto.key_from(folder)
    engine = engines.connect(f"sqlite:///{folder}/hocnghe.sqlite3")
    migrate.upgrade(engine)
    sql.SqlStore(engine, crypto.Cipher(secret)).close()
    os.write(1, f"{secret}\\n".encode())

ready, go = os.pipe()
children = []
for _ in range(4):
    children.append(os.fork())
    if children[-1] == 0:
        os.close(go)
        os.read(ready, 1)
        try:
            start(Path(sys.argv[1]))
        except BaseException:
            os.write(1, traceback.format_exc().encode())
        os._exit(0)
os.close(go)
for child in children:
    os.waitpid(child, 0)
"""


@pytest.mark.process
def test_programs_started_at_the_same_time_agree_on_one_key_and_one_schema(tmp_path):
    command_line = (sys.executable, "-c", START, tmp_path)
    said = subprocess.run(command_line, capture_output=True, text=True, cwd=ROOT, timeout=30, check=True).stdout
    assert said.splitlines() == [key_from(tmp_path)] * 4
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600
    assert [f.name for f in tmp_path.iterdir() if "secret" in f.name] == ["secret.key"]
    store = sqlite_store(tmp_path / "hocnghe.sqlite3", key=key_from(tmp_path))
    happen(store, lead())
    assert counts(store)["leads"] == 1
    store.close()
