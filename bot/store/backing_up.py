"""Copies to keep: made while the program runs, opened to be believed, told about to whoever looks at its health.

A copy is one SQLite file whatever the database is, mode 600, never half there; the key is not in it.
"""

import contextlib
import os
import sqlite3
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, select

from bot.store import any_schema, copy_folders, copying, migrate, sealed
from bot.store import tables as t
from bot.store.copy_folders import BackupFault, last, record
from bot.store.crypto import Cipher, KeyFault
from bot.store.disk import to_disk
from bot.store.engines import connect

HALF_MADE = timedelta(hours=1)  # no copy takes so long: its program was killed
KEPT = timedelta(days=30)  # an erased person stays in old copies no longer than this
# How names of files begin: every night, before an upgrade, what a copy was put in the place of.
NIGHTLY, BEFORE, ASIDE = "dem-", "truoc-nang-cap-", "truoc-phuc-hoi-"
_ENDS = ("-wal", "-shm", "-journal")  # files of SQLite beside a database


@dataclass(frozen=True, slots=True)
class Checked:
    """A copy that was opened: its schema, rows a table, how many sealed fields the key opened of those tried."""

    schema: str
    rows: Mapping[str, int]


def back_up(engine: Engine, cipher: Cipher, file: Path) -> Checked:
    """Write a copy to `file` and open it. Raises BackupFault, leaving what stood there before.

    Never onto the database itself: whoever uses it would go on writing to a file that has no name any more.
    """
    if engine.dialect.name == "sqlite":
        own = Path(str(engine.url.database))
        if any(file.resolve() == Path(f"{own.resolve()}{end}") for end in ("", *_ENDS)):
            raise BackupFault(f"{file}: that is the database itself: give another name for the copy.")
        if not own.is_file():
            raise BackupFault(f"{own}: there is no database: see whether HOCNGHE_DATA_DIR names the right folder.")
    return written(lambda part: _write(engine, part), cipher, file)


def back_up_any(engine: Engine, cipher: Cipher, file: Path) -> None:
    """A copy of a database server's database that may be a newer version's: such a one cannot be checked here."""
    if migrate.version(engine) <= migrate.HEAD:
        back_up(engine, cipher, file)
        return
    part = file.with_name(f".{file.name}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part.touch(mode=0o600)
        _write(engine, part)
        to_disk(part)
        part.replace(file)
        to_disk(file.parent)
    except (OSError, sqlite3.Error) as fault:
        raise BackupFault(f"{file}: no copy was made: {fault}: free some room, or give another folder.") from fault
    finally:
        for left in (part, *(Path(f"{part}{end}") for end in _ENDS)):
            left.unlink(missing_ok=True)


def written(write: Callable[[Path], None], cipher: Cipher, file: Path) -> Checked:
    """What `write` puts into a file beside it, opened and then named `file`. Raises BackupFault."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)  # mode 600
        os.close(descriptor)
        return _made(write, cipher, file, Path(name))
    except (OSError, sqlite3.Error) as fault:
        raise BackupFault(f"{file}: no copy was made: {fault}: free some room, or give another folder.") from fault


def _made(write: Callable[[Path], None], cipher: Cipher, file: Path, part: Path) -> Checked:
    try:
        write(part)
        found = check(part, cipher)
        to_disk(part)
        part.replace(file)
        to_disk(file.parent)
    finally:
        for left in (part, *(Path(f"{part}{end}") for end in _ENDS)):
            left.unlink(missing_ok=True)
    return found


def _write(engine: Engine, part: Path) -> None:
    if engine.dialect.name != "sqlite":
        part.unlink()
        target = connect(f"sqlite:///{part}")
        try:
            any_schema.copy_as_it_is(engine, target)
        finally:
            target.dispose()
        part.chmod(0o600)
    else:
        source = engine.raw_connection()
        try:
            driver = source.driver_connection
            assert isinstance(driver, sqlite3.Connection)  # noqa: S101 - the engine is SQLite's
            _by_sqlite(driver, part)
        finally:
            source.close()
    _one_file(part)


def duplicate(copy: Path, part: Path) -> None:
    """A copy's own copy, the first one only read: it may lie on a disk that cannot be written."""
    with contextlib.closing(_reading(copy)) as source:
        _by_sqlite(source, part)
    _one_file(part)


def _by_sqlite(source: sqlite3.Connection, part: Path) -> None:
    with contextlib.closing(sqlite3.connect(part)) as target:
        # In one step: turns go on beside it (WAL), and a copy in parts begins anew at each of their commits.
        source.backup(target)


def _one_file(part: Path) -> None:
    with contextlib.closing(sqlite3.connect(part)) as made:  # one file alone, whatever the source's log was
        made.execute("PRAGMA journal_mode=DELETE")


def _reading(file: Path) -> sqlite3.Connection:
    """A name may hold #, ? or %: all of them mean something in an address."""
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)


def check(file: Path, cipher: Cipher) -> Checked:
    """Open a copy: whole, of a schema known here, no row that names one that is not there, sealed with this key.

    Raises BackupFault that says what to do.
    """
    if not file.is_file():
        raise BackupFault(f"{file}: there is no such file: give the copy's path.")
    try:
        with contextlib.closing(_reading(file)) as db:
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
    if not opens(file, cipher):
        raise BackupFault(
            f"{file}: was written with another key: put the secret.key (or HOCNGHE_SECRET_KEY) of that time back first."
        )
    return Checked(schema, rows)


def opens(file: Path, cipher: Cipher) -> bool:
    """Whether the key opens what a copy holds; True when that is nothing, or no database at all (`check` tells)."""
    try:
        with contextlib.closing(_reading(file)) as db:
            found = _one_sealed(db)
        if found is not None:
            cipher.open(*found)
    except KeyFault:
        return False
    except sqlite3.Error:
        return True
    return True


def _one_sealed(db: sqlite3.Connection) -> tuple[bytes, str] | None:
    """A sealed field and its label; a commune may have written to nobody yet, and then it stands in another table."""
    for place, label in sealed.LABELS.items():
        table, column = place.split(".")
        if column not in {str(row[1]) for row in db.execute(f'PRAGMA table_info("{table}")')}:
            continue  # an older schema
        wanted = f'SELECT "{column}" FROM "{table}" WHERE length("{column}") > 0 LIMIT 1'  # noqa: S608 - our own names
        row = db.execute(wanted).fetchone()
        if row is not None:
            return bytes(row[0]), label
    return None


def nightly(engine: Engine, cipher: Cipher, folder: Path, told: Path, now: datetime) -> Path:
    """Tonight's copy in `folder`, those too old removed, the record written in `told`. Raises after recording it."""
    file = folder / f"{NIGHTLY}{now:%Y-%m-%d-%H%M}.sqlite3"
    try:
        copy_folders.there(folder, told.parent)
        back_up(engine, cipher, file)
    except Exception as fault:
        record(told, failed_at=now.isoformat(), why=type(fault).__name__)
        raise
    for old in (*folder.glob(f"{NIGHTLY}*.sqlite3"), *folder.glob(f"{BEFORE}*.sqlite3")):
        if old != file and old.stat().st_mtime < (now - KEPT).timestamp():
            old.unlink(missing_ok=True)
    for aside in (*folder.glob(f"{ASIDE}*"), *told.parent.glob(f"{ASIDE}*")):
        if _named_day(aside.name, now) < now - KEPT:
            aside.unlink(missing_ok=True)
    for half in (*folder.glob(f".{NIGHTLY}*"), *folder.glob(f".{BEFORE}*")):  # people in it could never be erased
        if half.stat().st_mtime < (now - HALF_MADE).timestamp():
            half.unlink(missing_ok=True)
    apart = str(folder.absolute()) if copy_folders.apart(folder, told.parent) else None
    record(told, at=now.isoformat(), failed_at=None, why="", apart=apart)
    return file


def _named_day(name: str, now: datetime) -> datetime:
    """When a database was put aside, by its name: the file itself is as old as its last message. Else `now`."""
    with contextlib.suppress(ValueError):
        return datetime.strptime(name.removeprefix(ASIDE)[:15], "%Y%m%d-%H%M%S").replace(tzinfo=now.tzinfo)
    return now


def before_upgrade(engine: Engine, cipher: Cipher, folder: Path, home: Path, now: datetime) -> Path | None:
    """The way back: a copy of a database that is about to be changed; None when nothing is to be changed.

    Beside the data (`home`) when `folder` is away: a stick that was pulled out keeps no new version from starting.
    """
    found = migrate.version(engine)
    if found in ("", migrate.HEAD) or found > migrate.HEAD:
        return None
    file = copy_folders.present(folder, home) / f"{BEFORE}{found}-{now:%Y%m%d-%H%M%S}.sqlite3"
    back_up(engine, cipher, file)
    return file


def newest_moment(engine: Engine) -> datetime | None:
    """When the last message in it came or went."""
    with copying.reading(engine) as db:
        found: datetime | None = db.execute(select(t.messages.c.at).order_by(t.messages.c.at.desc()).limit(1)).scalar()
    return found


__all__ = ["BackupFault", "Checked", "back_up", "before_upgrade", "check", "last", "nightly", "record"]
