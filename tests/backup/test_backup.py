"""Copies to keep: whole, opened, with this key alone; put back without sending twice or bringing the erased back."""

import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from backup.backup_stage import CIPHER, LATER, opened
from sqlalchemy import select
from store.factories import KEY, ME, NEIGHBOUR, NOW, consent, happen, lead, person

from bot import nightly, running
from bot.effects import PersonErased
from bot.health import backups
from bot.health.facts import Database, Facts
from bot.health.warnings import warnings
from bot.store import backing_up, copy_folders, copying, journal_file, migrate, restoring
from bot.store import tables as t
from bot.store.backing_up import BackupFault
from bot.store.crypto import Cipher
from bot.store.engines import connect


def fates(path):
    with sqlite3.connect(path) as db:
        return [row[0] for row in db.execute("SELECT fate FROM messages WHERE outgoing")]


def test_a_copy_is_whole_and_for_its_owner_alone(store, tmp_path):
    copy = tmp_path / "kept" / "a.sqlite3"
    found = backing_up.back_up(store.engine, CIPHER, copy)
    assert found.rows["people"] == 2
    assert found.schema == migrate.HEAD
    assert copy.stat().st_mode & 0o777 == 0o600
    assert [f.name for f in copy.parent.iterdir()] == ["a.sqlite3"]


def test_a_copy_with_another_key_damaged_or_newer_is_refused(store, tmp_path):
    copy = tmp_path / "a.sqlite3"
    backing_up.back_up(store.engine, CIPHER, copy)
    with pytest.raises(BackupFault, match="another key"):
        backing_up.check(copy, Cipher("another key that is long enough"))
    with sqlite3.connect(copy) as db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(BackupFault, match="newer"):
        backing_up.check(copy, CIPHER)
    body = bytearray(copy.read_bytes())
    body[40_000:60_000] = os.urandom(20_000)
    copy.write_bytes(body)
    with pytest.raises(BackupFault):
        backing_up.check(copy, CIPHER)
    with pytest.raises(BackupFault, match="no such file"):
        backing_up.check(tmp_path / "none", CIPHER)


def test_what_waited_in_an_old_copy_is_not_sent_again_and_the_present_is_kept(store, tmp_path):
    copy = tmp_path / "a.sqlite3"
    backing_up.back_up(store.engine, CIPHER, copy)
    happen(store, lead("HN-CCCCCC", person(3)), consent(), contact=NEIGHBOUR)
    store.close()
    lost = restoring.restore_file(copy, tmp_path / "new.sqlite3", CIPHER, NOW)
    assert (lost.settled.unknown, lost.aside) == (1, None)
    assert fates(tmp_path / "new.sqlite3") == ["unknown"]
    done = restoring.restore_file(copy, tmp_path / "data.sqlite3", CIPHER, NOW)
    assert done.aside is not None
    assert fates(tmp_path / "data.sqlite3") == [""]  # the database from before says that it waits still
    with sqlite3.connect(done.aside) as db:
        assert db.execute("SELECT count(*) FROM people").fetchone() == (3,)
    with sqlite3.connect(tmp_path / "data.sqlite3") as db:
        assert db.execute("SELECT count(*) FROM people").fetchone() == (2,)


def test_who_was_erased_after_the_copy_stays_erased(store, tmp_path):
    copy = tmp_path / "a.sqlite3"
    backing_up.back_up(store.engine, CIPHER, copy)
    happen(store, PersonErased(), now=NOW + timedelta(hours=1))
    journal_file.sync(store, tmp_path)
    store.close()
    restoring.restore_file(copy, tmp_path / "data.sqlite3", CIPHER, NOW)
    again = opened(tmp_path / "data.sqlite3")
    assert journal_file.sync(again, tmp_path) == 1
    with again.transaction() as unit:
        assert unit.messages(ME) == ()
        assert {record.receipt for record in unit.leads("06862")} == {"HN-BBBBBB"}
    again.close()


def taken(folder, *, alone):
    try:
        with running.held(folder, alone=alone):
            return True
    except running.InUse:
        return False


def test_nobody_replaces_data_that_a_program_uses(tmp_path):
    with running.held(tmp_path):
        assert taken(tmp_path, alone=False)
        assert not taken(tmp_path, alone=True)
    with running.held(tmp_path, alone=True):
        assert not taken(tmp_path, alone=False)
    assert taken(tmp_path, alone=True)


def test_a_full_disk_leaves_the_last_copy_and_no_half_one(store, tmp_path):
    copy = tmp_path / "kept" / "a.sqlite3"
    backing_up.back_up(store.engine, CIPHER, copy)
    before = copy.read_bytes()
    child = os.fork()
    if child == 0:  # the limit cannot be taken back
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        try:
            backing_up.back_up(store.engine, CIPHER, copy)
        except BackupFault:
            os._exit(7)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert copy.read_bytes() == before
    assert [f.name for f in copy.parent.iterdir()] == ["a.sqlite3"]


PROGRAM = """
import sys, time
from datetime import datetime
from pathlib import Path
from bot.store import backing_up, restoring
from bot.store.crypto import Cipher
copy, data, key = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
print("on", flush=True)
while True:
    restoring.restore_file(copy, data, Cipher(key), datetime.now().astimezone())
"""


def test_a_kill_in_the_middle_of_putting_back_leaves_one_or_the_other(store, tmp_path):
    copy, data = tmp_path / "a.sqlite3", tmp_path / "data.sqlite3"
    backing_up.back_up(store.engine, CIPHER, copy)
    store.close()
    for pause in (0.03, 0.11, 0.24):
        with subprocess.Popen([sys.executable, "-c", PROGRAM, copy, data, KEY], stdout=subprocess.PIPE) as program:
            program.stdout.readline()
            time.sleep(pause)
            program.kill()
        there = [f for f in (data, *sorted(tmp_path.glob("truoc-phuc-hoi-*.sqlite3"))) if f.exists()]
        assert all(backing_up.check(f, CIPHER).rows["people"] == 2 for f in there[:2])
        if not data.exists():  # between the two moves: what was there stands aside, the copy is still the copy
            restoring.restore_file(copy, data, CIPHER, NOW)


def test_a_copy_of_every_night_and_none_older_than_thirty_days(store, tmp_path):
    folder, told = tmp_path / "kept", tmp_path / "told"
    folder.mkdir()
    old = folder / "dem-2026-01-01-0200.sqlite3"
    old.write_bytes(b"")
    os.utime(old, (0, 0))
    file = backing_up.nightly(store.engine, CIPHER, folder, told, NOW)
    assert [f.name for f in folder.iterdir()] == [file.name]
    assert backing_up.last(told) == NOW
    with pytest.raises(BackupFault):
        backing_up.nightly(store.engine, CIPHER, tmp_path / "data.sqlite3", told, NOW)  # a file is no folder
    assert backing_up.last(told) == NOW, "a failure does not make the good one unknown"


@pytest.mark.parametrize(
    ("hours", "at", "is_due"),
    [(None, 9, True), (5, 2, False), (13, 2, True), (25, 9, False), (27, 9, True), (-0.5, 9, False), (-720, 9, True)],
)
def test_when_a_copy_is_due(hours, at, is_due):
    now = NOW.replace(hour=at)
    assert nightly.due(None if hours is None else now - timedelta(hours=hours), now) is is_due


async def test_a_copy_that_failed_is_tried_again_in_an_hour_whatever_the_clock_does(tmp_path):
    now, tried = [NOW], []

    async def full(at):
        tried.append(at)
        raise OSError("no room")

    one = nightly.Nightly(tmp_path, full, lambda: now[0], leads=lambda: True, believed=lambda: True)
    for later, tries in ((0, 1), (59, 1), (60, 2), (-500_000, 3), (-499_990, 3)):
        now[0] = NOW + timedelta(minutes=later)
        await one.look()
        assert len(tried) == tries, later


def test_before_an_upgrade_there_is_a_way_back(tmp_path):
    from alembic import command

    path = tmp_path / "data.sqlite3"
    engine = connect(f"sqlite:///{path}")
    command.upgrade(migrate.configuration(engine), "0010")
    with engine.begin() as db:
        db.exec_driver_sql("INSERT INTO served_places (code, added_at) VALUES ('06862', '2026-01-01 00:00:00.000000')")
    file = backing_up.before_upgrade(engine, CIPHER, tmp_path / "kept", tmp_path, NOW)
    assert file is not None
    assert file.name.startswith("truoc-nang-cap-0010")
    migrate.upgrade(engine)
    assert backing_up.before_upgrade(engine, CIPHER, tmp_path / "kept", tmp_path, NOW) is None
    engine.dispose()
    with sqlite3.connect(file) as db:
        assert db.execute("SELECT version_num FROM alembic_version").fetchone() == ("0010",)
        assert db.execute("SELECT code FROM served_places").fetchall() == [("06862",)]
    restoring.restore_file(file, path, CIPHER, NOW)
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT code FROM served_places").fetchall() == [("06862",)]
        assert db.execute("SELECT version_num FROM alembic_version").fetchone() == (migrate.HEAD,)


def test_there_and_back_every_row_is_the_same(store, tmp_path):
    first, second = connect(f"sqlite:///{tmp_path}/one.sqlite3"), connect(f"sqlite:///{tmp_path}/two.sqlite3")
    there, back = copying.copy_all(store.engine, first), copying.copy_all(first, second)
    assert there == back
    assert there["people"].rows == 2
    with pytest.raises(copying.CopyFault, match="empty"):
        copying.copy_all(store.engine, first)
    with first.connect() as db:
        assert db.execute(select(t.retention)).fetchall()
    first.dispose()
    second.dispose()


def test_a_disk_that_is_not_connected_is_told_and_nothing_is_made_up(store, tmp_path, monkeypatch):
    stick, home = tmp_path / "media" / "usb", tmp_path / "home"
    home.mkdir()
    with pytest.raises(copy_folders.BackupDiskAway, match="connect the disk"):
        backing_up.nightly(store.engine, CIPHER, stick, home / "backups", NOW)
    assert not stick.parent.exists()
    assert backups.last(home).why == "BackupDiskAway"
    assert copy_folders.present(stick, home) == home / "backups"
    stick.mkdir(parents=True)
    monkeypatch.setattr(copy_folders, "apart", lambda folder, home: True)
    backing_up.nightly(store.engine, CIPHER, stick, home / "backups", NOW)
    monkeypatch.setattr(copy_folders, "apart", lambda folder, home: False)  # pulled out: the mount point is left
    with pytest.raises(copy_folders.BackupDiskAway, match="disk of its own"):
        backing_up.nightly(store.engine, CIPHER, stick, home / "backups", LATER)
    facts = Facts(LATER, LATER, "1", Database("sqlite", ok=True), backup=backups.last(home))
    assert [w.key for w in warnings(facts) if w.key.startswith("backup")] == ["backup_away"]
