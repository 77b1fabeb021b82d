"""Copies where something went wrong: killed halfway, a log left over, a name or a disk of its own kind, no key."""

import os
import signal
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from store.factories import COURSE, KEY, NEIGHBOUR, NOW, consent, happen, lead, person
from store.forks import in_a_child
from typer.testing import CliRunner

from bot import running
from bot.cli import app
from bot.commands import common
from bot.store import backing_up, copying, migrate, restoring
from bot.store import desk_tables as d
from bot.store.backing_up import BackupFault
from bot.store.crypto import Cipher
from bot.store.engines import connect
from bot.store.sql_desk_store import SqlDeskStore

CIPHER = Cipher(KEY)
NAME = "hocnghe.sqlite3"


@pytest.fixture
def store(tmp_path):
    engine = connect(f"sqlite:///{tmp_path / NAME}")
    migrate.upgrade(engine)
    made = SqlDeskStore(engine, CIPHER)
    happen(made, lead(), consent())
    yield made
    made.close()


def people(path):
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return db.execute("SELECT count(*) FROM people").fetchone()[0]


def die(*_args):
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("name", ["USB #1/a.sqlite3", "a%41b.sqlite3", "a?b.sqlite3", "bản sao.sqlite3"])
def test_a_copy_may_have_any_name(store, tmp_path, name):
    copy = tmp_path / "kept" / name
    assert backing_up.back_up(store.engine, CIPHER, copy).rows["people"] == 1
    store.close()
    restoring.restore_file(copy, tmp_path / NAME, CIPHER, NOW)
    assert people(tmp_path / NAME) == 1


@pytest.mark.parametrize("name", [NAME, f"{NAME}-wal", f"kept/../{NAME}"])
def test_no_copy_is_written_onto_the_database(store, tmp_path, name):
    (tmp_path / "kept").mkdir()
    with pytest.raises(BackupFault, match="the database itself"):
        backing_up.back_up(store.engine, CIPHER, tmp_path / name)
    happen(store, lead("HN-BBBBBB", person(2)), consent(), contact=NEIGHBOUR)
    store.close()
    assert people(tmp_path / NAME) == 2


def test_a_kill_while_a_copy_is_made_leaves_the_last_one_and_in_the_end_nothing_else(store, tmp_path, monkeypatch):
    kept = tmp_path / "kept"
    first = backing_up.nightly(store.engine, CIPHER, kept, tmp_path, NOW)
    before = first.read_bytes()
    monkeypatch.setattr(backing_up, "to_disk", die)
    assert in_a_child(lambda: backing_up.back_up(store.engine, CIPHER, first)) == -signal.SIGKILL
    monkeypatch.undo()
    assert first.read_bytes() == before
    (half,) = kept.glob(".*")
    os.utime(half, (0, 0))
    backing_up.nightly(store.engine, CIPHER, kept, tmp_path, NOW + timedelta(days=1))
    assert not list(kept.glob(".*")), "somebody erased would stay in it for ever"


def test_there_is_a_database_at_every_moment_of_putting_back(store, tmp_path, monkeypatch):
    copy, data = tmp_path / "copy.sqlite3", tmp_path / NAME
    backing_up.back_up(store.engine, CIPHER, copy)
    happen(store, lead("HN-BBBBBB", person(2)), consent(), contact=NEIGHBOUR)
    store.close()
    replace = Path.replace
    monkeypatch.setattr(Path, "replace", lambda path, to: die() if Path(to) == data else replace(path, to))
    assert in_a_child(lambda: restoring.restore_file(copy, data, CIPHER, NOW)) == -signal.SIGKILL
    monkeypatch.undo()
    assert people(data) == 2, "a start would make an empty one"
    done = restoring.restore_file(copy, data, CIPHER, NOW + timedelta(minutes=1))
    assert (people(data), people(done.aside)) == (1, 2)


@pytest.mark.parametrize("lost", [True, False])
def test_the_log_of_the_database_before_is_not_played_into_the_copy(store, tmp_path, lost):
    copy, folder = tmp_path / "copy.sqlite3", tmp_path / "power-cut"
    backing_up.back_up(store.engine, CIPHER, copy)
    happen(store, lead("HN-BBBBBB", person(2)), consent(), contact=NEIGHBOUR)
    folder.mkdir()
    for file in tmp_path.glob(f"{NAME}*"):  # as a power cut leaves them: most of it in the log
        (folder / file.name).write_bytes(file.read_bytes())
    assert (folder / f"{NAME}-wal").stat().st_size
    if lost:
        (folder / NAME).unlink()  # somebody deleted the file, not its log
    done = restoring.restore_file(copy, folder / NAME, CIPHER, NOW)
    assert people(folder / NAME) == 1
    if not lost:
        assert people(done.aside) == 2


def test_a_copy_is_only_read(store, tmp_path):
    copy = tmp_path / "kept" / "a.sqlite3"
    backing_up.back_up(store.engine, CIPHER, copy)
    before = copy.read_bytes()
    store.close()
    restoring.restore_file(copy, tmp_path / NAME, CIPHER, NOW)
    assert copy.read_bytes() == before
    assert [f.name for f in copy.parent.iterdir()] == ["a.sqlite3"]


def test_another_key_is_noticed_though_nobody_wrote_yet(tmp_path):
    engine = connect(f"sqlite:///{tmp_path / NAME}")
    migrate.upgrade(engine)
    with engine.begin() as db:
        row = (CIPHER.seal("Nguyễn Văn Mẫu", "officer.name"),)
        db.exec_driver_sql(
            "INSERT INTO officers (name, email, email_digest, role, created_at)"
            " VALUES (?, x'', '', 'admin', '2026-01-01')",
            row,
        )
    backing_up.back_up(engine, CIPHER, tmp_path / "a.sqlite3")
    engine.dispose()
    with pytest.raises(BackupFault, match="another key"):
        backing_up.check(tmp_path / "a.sqlite3", Cipher("another key that is long enough"))


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_without_the_key_nothing_is_made(store, tmp_path, monkeypatch, command):
    copy, empty = tmp_path / "copy.sqlite3", tmp_path / "new"
    backing_up.back_up(store.engine, CIPHER, copy)
    monkeypatch.setenv("HOCNGHE_DATA_DIR", str(empty))
    monkeypatch.delenv("HOCNGHE_SECRET_KEY", raising=False)
    found = CliRunner().invoke(app, ["db", command, str(copy), *(["--yes"] if command == "restore" else [])])
    assert "there is no key" in str(found.exception)
    assert not (empty / NAME).exists()
    assert not (empty / "secret.key").exists()
    monkeypatch.setenv("HOCNGHE_SECRET_KEY", KEY)
    found = CliRunner().invoke(app, ["db", "backup", str(tmp_path / "other.sqlite3")])
    assert "there is no database" in str(found.exception)
    assert not (empty / NAME).exists()


def test_a_key_is_for_its_owner_alone_also_where_a_file_was(store, tmp_path, monkeypatch):
    key = tmp_path / "a.sqlite3.key"
    key.write_text("")
    key.chmod(0o644)
    monkeypatch.setenv("HOCNGHE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("HOCNGHE_SECRET_KEY", KEY)
    assert CliRunner().invoke(app, ["db", "backup", str(tmp_path / "a.sqlite3"), "--with-key"]).exit_code == 0
    assert key.stat().st_mode & 0o777 == 0o600
    assert key.read_text() == KEY


def test_what_was_put_aside_goes_after_thirty_days_by_its_name(store, tmp_path):
    data, copies = tmp_path / "data", tmp_path / "copies"
    data.mkdir()
    copies.mkdir()
    for name in ("20261101-090000", "20261130-090000"):
        (data / f"truoc-phuc-hoi-{name}-{NAME}").write_bytes(b"")
        (copies / f"truoc-phuc-hoi-{name}.sqlite3").write_bytes(b"")
    backing_up.nightly(store.engine, CIPHER, copies, data / "backups", NOW)
    left = [f.name[15:23] for f in (*data.glob("truoc-*"), *copies.glob("truoc-*"))]
    assert left == ["20261130", "20261130"]


def test_a_target_that_holds_a_class_alone_is_not_empty(store, tmp_path):
    engine = connect(f"sqlite:///{tmp_path / 'other.sqlite3'}")
    migrate.upgrade(engine)
    other = SqlDeskStore(engine, CIPHER)
    with other.transaction() as unit:
        unit.save_course(COURSE)
    with pytest.raises(copying.CopyFault, match="courses"):
        copying.copy_all(store.engine, engine)
    with other.transaction() as unit:
        assert [c.id for c in unit.courses()] == [COURSE.id]
    other.close()


def test_nobody_comes_in_again_by_what_was_ended_since_the_copy(store, tmp_path):
    with store.engine.begin() as db:
        sealed = CIPHER.seal("Cán Bộ Mẫu", "officer.name")
        officer = {"id": 1, "name": sealed, "email": b"", "email_digest": "", "role": "officer", "created_at": NOW}
        db.execute(d.officers.insert().values(**officer))
        db.execute(d.login_tokens.insert().values(digest="x", kind="link", officer_id=1, made_at=NOW, expires_at=NOW))
    copy = tmp_path / "copy.sqlite3"
    backing_up.back_up(store.engine, CIPHER, copy)
    store.close()
    restoring.restore_file(copy, tmp_path / NAME, CIPHER, NOW)
    with sqlite3.connect(tmp_path / NAME) as db:
        assert db.execute("SELECT count(*) FROM officers").fetchone() == (1,)
        assert db.execute("SELECT count(*) FROM login_tokens").fetchone() == (0,)


def test_any_command_that_has_the_data_open_keeps_a_restore_away(tmp_path, monkeypatch):
    monkeypatch.setenv("HOCNGHE_DATA_DIR", str(tmp_path))
    with common.store(), pytest.raises(running.InUse):
        running.held(tmp_path, alone=True).__enter__()
    with running.held(tmp_path, alone=True), pytest.raises(running.InUse):
        common.store().__enter__()
