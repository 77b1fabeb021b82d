"""Data from before a change of key, brought to the present one: who was erased in the time of any key stays erased."""

from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.store import erasing, journal_file, key_files, rekeying
from bot.store.backing_up import opens
from bot.store.crypto import Cipher
from bot.store.restoring import Older


def older(copy: Path, engine: Engine, folder: Path, key: Cipher, now: datetime, tell: rekeying.Tell) -> Older | None:
    """None for a copy that `key`, the present one, opens; else how it is brought to it. Raises KeyFault."""
    lines = _lines(engine, folder)
    known = {line.digest: line.at for line in lines if line.kind == erasing.KEY}
    keys = key_files.chain(folder, key, known, lambda one: opens(copy, one))
    return (
        None if len(keys) == 1 else Older(keys[0], partial(rekeying.bring, keys=keys, lines=lines, now=now, tell=tell))
    )


def bring_database(engine: Engine, folder: Path, secret: str, now: datetime, tell: rekeying.Tell) -> bool:
    """What other tools than `db restore` put in the database's place; False when it is under the present key.

    Raises KeyFault.
    """
    lines = _lines(engine, folder)
    known = {line.digest: line.at for line in lines if line.kind == erasing.KEY}
    key_files.must_be_newest(secret, known)
    keys = key_files.chain(folder, Cipher(secret), known, lambda key: rekeying.fits(engine, key) is not False)
    if len(keys) == 1:
        return False
    rekeying.bring(engine, keys, lines, now, tell)
    return True


def _lines(engine: Engine, folder: Path) -> tuple[erasing.Erasure, ...]:
    """Of the journal, in the file and in the database: an erasure on another machine may stand there alone."""
    try:
        there = rekeying.journal(engine)
    except SQLAlchemyError:  # what stands there is damaged: that is what the copy is for
        there = frozenset()
    both = (*there, *journal_file.read(folder / journal_file.NAME))
    return tuple(sorted(both, key=lambda line: line.at))  # the latest of each counts
