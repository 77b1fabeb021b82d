"""An older copy in the database's place: nothing goes out twice, nobody erased comes back, what was there is kept."""

import contextlib
import os
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import URL, Engine

from bot.store import any_schema, copying, migrate
from bot.store.backing_up import ASIDE, BackupFault, back_up_any, check, duplicate, newest_moment, written
from bot.store.crypto import Cipher
from bot.store.disk import to_disk
from bot.store.engines import connect
from bot.store.settling import Settled, settle


@dataclass(frozen=True, slots=True)
class Restored:
    """`until`: the last message in the copy; `aside`: where the database from before is kept, None when there was none;
    `settled`: what was made of what was on its way.
    """

    until: datetime | None
    aside: Path | None
    settled: Settled


@dataclass(frozen=True, slots=True)
class Older:
    """A copy from before a change of key: `cipher` opens it; `bring` seals it with the present key, without those
    erased since.
    """

    cipher: Cipher
    bring: Callable[[Engine], None]


def restore_file(copy: Path, database: Path, cipher: Cipher, now: datetime, older: Older | None = None) -> Restored:
    """Put a copy in the place of an SQLite database. No program may use it (`bot.running`)."""
    part = database.with_name(f".{database.name}.restored")
    before = connect(_address(database)) if database.exists() else None
    try:
        until, settled = _prepared(copy, part, cipher, before, now, older)
    finally:
        if before is not None:
            before.dispose()
    aside = _aside(database, now)
    part.replace(database)
    to_disk(database.parent)
    _remove(part)
    return Restored(until, aside, settled)


def restore_into(
    copy: Path, engine: Engine, cipher: Cipher, aside: Path, now: datetime, older: Older | None = None
) -> Restored:
    """Put a copy in the place of what another database server holds, whatever version made that; all of it is copied
    to `aside` first. In one transaction: the old or the new, nothing between.
    """
    check(copy, older.cipher if older else cipher)
    found = migrate.version(engine)
    if found:
        back_up_any(engine, cipher, aside)
    part = aside.with_name(f".{aside.name}.restored")
    part.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    until, settled = _prepared(copy, part, cipher, engine if found else None, now, older)
    source = connect(_address(part))
    try:
        with copying.reading(source) as read, engine.begin() as write:
            if found != migrate.HEAD:
                any_schema.drop_all(write)
                migrate.make(write)
            copying.fill(read, write, copying.tables())
    finally:
        source.dispose()
        _remove(part)
    return Restored(until, aside if found else None, settled)


def _prepared(
    copy: Path, part: Path, cipher: Cipher, before: Engine | None, now: datetime, older: Older | None
) -> tuple[datetime | None, Settled]:
    """The copy in `part`, at this version's schema and ready to be gone on with; its last message's moment."""
    seals = older.cipher if older else cipher
    check(copy, seals)
    _remove(part)
    written(lambda file: duplicate(copy, file), seals, part)
    engine = connect(_address(part))
    try:
        migrate.upgrade(engine)
        if older:
            older.bring(engine)
        until = newest_moment(engine)
        settled = settle(engine, cipher, before, now)
    finally:
        engine.dispose()
    with contextlib.closing(sqlite3.connect(part)) as made:  # one file alone, before it is moved
        made.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    to_disk(part)
    return until, settled


def _remove(part: Path) -> None:
    for left in _files(part):
        left.unlink(missing_ok=True)


def _address(file: Path) -> str:
    """A name may hold #, ? or %."""
    return URL.create("sqlite", database=str(file)).render_as_string()


def _aside(database: Path, now: datetime) -> Path | None:
    """Keep what is there under another name; None when nothing is.

    A second name for the same file: there is a database at every moment, a start after a kill finds the old or the new
    one. A log that SQLite would not write back is moved first: beside the new database it would be played into it.
    """
    if not any(file.exists() for file in _files(database)):
        return None
    aside = database.with_name(f"{ASIDE}{now:%Y%m%d-%H%M%S}-{database.name}")
    with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(_existing(database), uri=True)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # the log is gone when the last connection is
    main, *logs = zip(_files(database), _files(aside), strict=True)
    for file, kept in logs:
        if file.exists():
            file.replace(kept)
    if main[0].exists():
        try:
            os.link(*main)
        except OSError:  # a disk without second names (FAT)
            main[0].replace(main[1])
    return aside


def _existing(database: Path) -> str:
    return f"{database.absolute().as_uri()}?mode=rw"


def _files(database: Path) -> tuple[Path, ...]:
    return tuple(database.with_name(f"{database.name}{end}") for end in ("", "-wal", "-shm"))


__all__ = ["ASIDE", "BackupFault", "Restored", "restore_file", "restore_into"]
