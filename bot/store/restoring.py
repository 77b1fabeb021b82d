"""An older copy in the database's place: nothing goes out twice, nobody erased comes back, what was there is kept."""

import contextlib
import os
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine

from bot.store import copying, migrate
from bot.store import desk_tables as d
from bot.store import tables as t
from bot.store.announcement_tables import announcement_recipients, announcements
from bot.store.backing_up import ASIDE, BackupFault, back_up, check, duplicate, newest_moment, written
from bot.store.crypto import Cipher
from bot.store.disk import to_disk
from bot.store.engines import connect
from bot.store.people_tables import deliveries

WHY = "restored"


@dataclass(frozen=True, slots=True)
class Restored:
    """`until`: the last message in the copy; `aside`: where the database from before is kept, None when there was none;
    `unknown`: messages whose fate nobody knows; `paused`: announcements that wait for an officer.
    """

    until: datetime | None
    aside: Path | None
    unknown: int
    paused: int


@dataclass(frozen=True, slots=True)
class Older:
    """A copy from before a change of key: `cipher` opens it; `bring` seals it with the present key, without those
    erased since.
    """

    cipher: Cipher
    bring: Callable[[Engine], None]


def restore_file(copy: Path, database: Path, cipher: Cipher, now: datetime, older: Older | None = None) -> Restored:
    """Put a copy in the place of an SQLite database. No program may use it (`bot.running`)."""
    seals = older.cipher if older else cipher
    check(copy, seals)
    part = database.with_name(f".{database.name}.restored")
    for left in _files(part):
        left.unlink(missing_ok=True)
    written(lambda file: duplicate(copy, file), seals, part)
    engine = connect(f"sqlite:///{part}")
    try:
        migrate.upgrade(engine)
        if older:
            older.bring(engine)
        until = newest_moment(engine)
        unknown, paused = _settled(engine, now)
    finally:
        engine.dispose()
    with contextlib.closing(sqlite3.connect(part)) as made:  # one file alone, before it is moved
        made.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    to_disk(part)
    aside = _aside(database, now)
    part.replace(database)
    to_disk(database.parent)
    for left in _files(part):
        left.unlink(missing_ok=True)
    return Restored(until, aside, unknown, paused)


def restore_into(
    copy: Path, engine: Engine, cipher: Cipher, aside: Path, now: datetime, older: Older | None = None
) -> Restored:
    """Put a copy in the place of what another database server holds; all of that is copied to `aside` first."""
    check(copy, older.cipher if older else cipher)
    kept = None
    if migrate.version(engine) == migrate.HEAD:
        back_up(engine, cipher, aside)
        kept = aside
    part = aside.with_name(f".{aside.name}.restored")
    restored = restore_file(copy, part, cipher, now, older)
    source = connect(f"sqlite:///{part}")
    try:
        migrate.upgrade(engine)
        copying.copy_all(source, engine, replace=True)
    finally:
        source.dispose()
        for left in _files(part):
            left.unlink(missing_ok=True)
    return Restored(restored.until, kept, restored.unknown, restored.paused)


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


def _settled(engine: Engine, now: datetime) -> tuple[int, int]:
    """What was on its way when the copy was made may have arrived since: it is not sent again."""
    with engine.begin() as db:
        m = t.messages
        waiting = m.c.outgoing & m.c.sent_at.is_(None)
        unknown = db.execute(m.update().where(waiting).values(sent_at=now, fate="unknown", why=WHY)).rowcount
        going = announcements.c.state.in_(("running", "scheduled"))
        paused = db.execute(announcements.update().where(going).values(state="paused", why=WHY)).rowcount
        _free(db, now)
    return unknown, paused


def _free(db: Connection, now: datetime) -> None:
    """Nobody holds anything: their processes are gone with the old database. Ways in that were ended since stay ended:
    officers sign in anew.
    """
    r = announcement_recipients
    unknown: Mapping[str, str] = {"state": "unknown", "why": WHY}
    db.execute(r.update().where(r.c.state == "sending").values(**unknown))
    due = deliveries.c.state.in_(("waiting", "sending"))
    db.execute(deliveries.update().where(due).values(settled_at=now, **unknown))
    for table in (t.leases, d.desk_sessions, d.login_tokens):
        db.execute(table.delete())


__all__ = ["ASIDE", "BackupFault", "Restored", "restore_file", "restore_into"]
