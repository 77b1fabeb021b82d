"""Data from before a change of key, brought to the present one: who was erased in the time of any key stays erased."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.store import journal_file, key_files, rekeying
from bot.store.backing_up import opens
from bot.store.crypto import Cipher
from bot.store.restoring import Older


def older(copy: Path, engine: Engine, folder: Path, key: Cipher, now: datetime, tell: rekeying.Tell) -> Older | None:
    """None for a copy that `key`, the present one, opens; else how it is brought to it. Raises KeyFault."""
    try:
        known = key_files.known_marks(engine, folder)
    except SQLAlchemyError:  # what stands there is damaged: that is what the copy is for
        known = journal_file.marks(folder)
    keys = key_files.chain(folder, key, known, lambda one: opens(copy, one))
    return None if len(keys) == 1 else Older(keys[0], _bringing(folder, keys, now, tell))


def bring_database(engine: Engine, folder: Path, secret: str, now: datetime, tell: rekeying.Tell) -> bool:
    """What other tools than `db restore` put in the database's place; False when it is under the present key.

    Raises KeyFault.
    """
    known = key_files.known_marks(engine, folder)
    key_files.must_be_newest(secret, known)
    keys = key_files.chain(folder, Cipher(secret), known, lambda key: rekeying.fits(engine, key) is not False)
    if len(keys) == 1:
        return False
    _bringing(folder, keys, now, tell)(engine)
    return True


def _bringing(folder: Path, keys: tuple[Cipher, ...], now: datetime, tell: rekeying.Tell) -> Callable[[Engine], None]:
    lines = journal_file.read(folder / journal_file.NAME)
    return partial(rekeying.bring, keys=keys, lines=lines, now=now, tell=tell)
