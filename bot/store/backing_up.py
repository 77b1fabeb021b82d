"""Copies to keep: made while the program runs, opened to be believed, told about to whoever looks at its health.

A copy is one SQLite file whatever the database is, mode 600, never half there; the key is not in it.
"""

import contextlib
import json
import os
import sqlite3
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, select

from bot.model import BotError
from bot.store import copying, migrate
from bot.store import tables as t
from bot.store.crypto import Cipher, KeyFault
from bot.store.engines import connect

KEPT = timedelta(days=30)  # an erased person stays in old copies no longer than this
NIGHTLY, BEFORE = "dem-", "truoc-nang-cap-"  # how names of files begin: every night, before an upgrade
RECORD = "last.json"  # read by `bot.health.backups`


class BackupFault(BotError):
    """No copy, or none that can be believed."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A copy that was opened: its schema, rows a table, how many sealed fields the key opened of those tried."""

    schema: str
    rows: Mapping[str, int]


def back_up(engine: Engine, cipher: Cipher, file: Path) -> Checked:
    """Write a copy to `file` and open it. Raises BackupFault, leaving what stood there before."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)  # mode 600
        os.close(descriptor)
        return _made(engine, cipher, file, Path(name))
    except (OSError, sqlite3.Error) as fault:
        raise BackupFault(f"{file}: no copy was made: {fault}: free some room, or give another folder.") from fault


def _made(engine: Engine, cipher: Cipher, file: Path, part: Path) -> Checked:
    try:
        _write(engine, part)
        found = check(part, cipher)
        _to_disk(part)
        part.replace(file)
        _to_disk(file.parent)
    finally:
        for left in (part, Path(f"{part}-wal"), Path(f"{part}-shm"), Path(f"{part}-journal")):
            left.unlink(missing_ok=True)
    return found


def _write(engine: Engine, part: Path) -> None:
    if engine.dialect.name != "sqlite":
        part.unlink()
        target = connect(f"sqlite:///{part}")
        try:
            copying.copy_all(engine, target)
        finally:
            target.dispose()
        part.chmod(0o600)
    else:
        source = engine.raw_connection()
        try:
            with contextlib.closing(sqlite3.connect(part)) as target_file:
                driver = source.driver_connection
                assert isinstance(driver, sqlite3.Connection)  # noqa: S101 - the engine is SQLite's
                # In one step: turns go on beside it (WAL), and a copy in parts begins anew at each of their commits.
                driver.backup(target_file)
        finally:
            source.close()
    with contextlib.closing(sqlite3.connect(part)) as made:  # one file alone, whatever the source's log was
        made.execute("PRAGMA journal_mode=DELETE")


def check(file: Path, cipher: Cipher) -> Checked:
    """Open a copy: whole, of a schema known here, no row that names one that is not there, sealed with this key.

    Raises BackupFault that says what to do.
    """
    if not file.is_file():
        raise BackupFault(f"{file}: there is no such file: give the copy's path.")
    try:
        with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as db:
            if db.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise BackupFault(f"{file}: damaged: take an older copy.")
            if db.execute("PRAGMA foreign_key_check").fetchone() is not None:
                raise BackupFault(f"{file}: some rows name others that are not there: take an older copy.")
            schema = str(db.execute("SELECT version_num FROM alembic_version").fetchone()[0])
            names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type='table'")]
            rows = {n: int(db.execute(f'SELECT count(*) FROM "{n}"').fetchone()[0]) for n in names}  # noqa: S608
    except (sqlite3.Error, TypeError) as fault:
        raise BackupFault(
            f"{file}: is no copy made by hocnghe db backup, or damaged ({fault}): take another."
        ) from fault
    if schema > migrate.HEAD:
        raise BackupFault(f"{file}: schema {schema} is newer than {migrate.HEAD}: install the newer program first.")
    _opens(file, cipher)
    return Checked(schema, rows)


def _opens(file: Path, cipher: Cipher) -> None:
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as db:
        sealed = db.execute("SELECT external FROM contacts ORDER BY id DESC LIMIT 1").fetchone()
    try:
        cipher.open(bytes(sealed[0]) if sealed else b"", "contact.external")
    except KeyFault as fault:
        raise BackupFault(
            f"{file}: was written with another key: put the secret.key (or HOCNGHE_SECRET_KEY) of that time back first."
        ) from fault


def nightly(engine: Engine, cipher: Cipher, folder: Path, told: Path, now: datetime) -> Path:
    """Tonight's copy in `folder`, those too old removed, the record written in `told`. Raises after recording it."""
    file = folder / f"{NIGHTLY}{now:%Y-%m-%d-%H%M}.sqlite3"
    try:
        back_up(engine, cipher, file)
    except Exception as fault:
        record(told, failed_at=now.isoformat(), why=type(fault).__name__)
        raise
    for old in (*folder.glob(f"{NIGHTLY}*.sqlite3"), *folder.glob(f"{BEFORE}*.sqlite3")):
        if old != file and old.stat().st_mtime < (now - KEPT).timestamp():
            old.unlink(missing_ok=True)
    record(told, at=now.isoformat(), failed_at=None, why="")
    return file


def before_upgrade(engine: Engine, cipher: Cipher, folder: Path, now: datetime) -> Path | None:
    """The way back: a copy of a database that is about to be changed; None when nothing is to be changed."""
    found = migrate.version(engine)
    if found in ("", migrate.HEAD):
        return None
    if engine.dialect.name != "sqlite":
        return None  # its schema is not this program's: pg_dump of its server does it (docs/sao-luu.md)
    file = folder / f"{BEFORE}{found}-{now:%Y%m%d-%H%M%S}.sqlite3"
    back_up(engine, cipher, file)
    return file


def record(folder: Path, **told: str | None) -> None:
    """Keep when it went well or not; what is not told stays."""
    path = folder / RECORD
    known: dict[str, str | None] = {}
    with contextlib.suppress(OSError, ValueError):
        known = json.loads(path.read_text(encoding="utf-8"))
    with contextlib.suppress(OSError):  # a full disk: the warning comes by the copy's age
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = path.with_suffix(".part")
        part.write_text(json.dumps({k: v for k, v in {**known, **told}.items() if v is not None}), encoding="utf-8")
        part.replace(path)


def last(folder: Path) -> datetime | None:
    """When the last good nightly copy was made."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        return datetime.fromisoformat(json.loads((folder / RECORD).read_text(encoding="utf-8"))["at"])
    return None


def _to_disk(path: Path) -> None:
    if os.name == "posix":
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def newest_moment(engine: Engine) -> datetime | None:
    """When the last message in it came or went."""
    with copying.reading(engine) as db:
        found: datetime | None = db.execute(select(t.messages.c.at).order_by(t.messages.c.at.desc()).limit(1)).scalar()
    return found
