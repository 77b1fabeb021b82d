"""The key beside the data through a change: `secret.key.new` until the data hangs on it, `secret.key.DATE` after.

Order of a change: the new key is on the disk; the data hangs on it (one transaction); the journal says so; the old key
is kept aside; the new one takes its place in one move. Whoever starts after a death in between finds which key fits.
"""

import base64
import secrets
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import structlog
from sqlalchemy import Engine

from bot.store import journal_file
from bot.store.crypto import KEY_FILE, Cipher, KeyFault, key_from, write_once
from bot.store.disk import to_disk
from bot.store.rekeying import fits

NEW_FILE = f"{KEY_FILE}.new"
REKEYED = "rekeyed"  # a line of the journal that is no erasure: which key is the newest, as its fingerprint
log = structlog.get_logger()


def secret_for(engine: Engine, folder: Path, given: str, now: datetime) -> str:
    """The secret this installation's data hangs on. `given`: HOCNGHE_SECRET_KEY, "" for the file's.

    Ends a change of key that was cut off. Raises KeyFault when no key that is there opens the data, when an older one
    does, or when the journal names a newer key: under an older one nobody erased since would be recognised.
    """
    secret = given or key_from(folder)
    if fits(engine, Cipher(secret)) is not False:
        if secret == waiting(folder):
            noted(folder, secret, now)
        _newest(folder, secret)
        return secret
    if not given and key_from(folder) != secret:  # another process ended the change meanwhile
        return secret_for(engine, folder, given, now)
    new = waiting(folder)
    if new and fits(engine, Cipher(new)):
        if given:
            raise KeyFault(
                f"HOCNGHE_SECRET_KEY: the key was changed: the data opens with the one in {folder / NEW_FILE}: "
                "put that line in the place of the old value, start again, then delete the file."
            )
        kept = put_in_place(folder, now)
        log.warning("a change of the key was ended", old_key_kept_as=kept.name if kept else "")
        return new
    for path in kept_files(folder):
        if fits(engine, Cipher(path.read_text().strip())):
            raise KeyFault(
                f"database: its data is from before a change of key ({path.name} opens it): "
                "run hocnghe db rotate-key --to-current, then start again."
            )
    raise KeyFault(
        f"database: cannot be opened with this key: put back the {KEY_FILE} (or HOCNGHE_SECRET_KEY) that the data was "
        "written with."
    )


def new_key(folder: Path) -> str:
    """The key to change to, on the disk (mode 600); one that a change cut off left behind is taken again."""
    write_once(folder / NEW_FILE, base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
    return waiting(folder)


def waiting(folder: Path) -> str:
    """The key that is not in its place yet, "" for none."""
    try:
        return (folder / NEW_FILE).read_text().strip()
    except FileNotFoundError:
        return ""


def put_in_place(folder: Path, now: datetime) -> Path | None:
    """The data hangs on the new key: keep the old one aside, move the new one into its place. Where the old one is.

    None when another process was quicker.
    """
    old, new = folder / KEY_FILE, folder / NEW_FILE
    try:
        secret = new.read_text().strip()
        noted(folder, secret, now)
        kept = None if old.read_text().strip() == secret else _aside(folder, now.date())
        new.replace(old)
    except FileNotFoundError:
        return None
    to_disk(folder)
    return kept


def kept_files(folder: Path) -> list[Path]:
    """Old keys, the oldest first."""
    return sorted(path for path in folder.glob(f"{KEY_FILE}.*") if path.name != NEW_FILE)


def noted(folder: Path, secret: str, now: datetime) -> None:
    """The journal says which key is the newest, once."""
    mark = _mark(secret)
    if _last(folder) != mark:
        journal_file.write(folder / journal_file.NAME, f"{REKEYED} {mark} {now.isoformat()}\n")


def _newest(folder: Path, secret: str) -> None:
    last = _last(folder)
    if last and last != _mark(secret):
        raise KeyFault(
            f"{KEY_FILE}: {folder / journal_file.NAME} says that the key was changed after this one: put the newest "
            "key back in its place, this one beside it as secret.key.YEAR-MONTH-DAY, and run hocnghe db rotate-key "
            "--to-current: else people who were erased since would come back."
        )


def _mark(secret: str) -> str:
    return Cipher(secret).digest(KEY_FILE, REKEYED)


def _last(folder: Path) -> str:
    path = folder / journal_file.NAME
    if not path.exists():
        return ""
    lines = (line.split() for line in path.read_text(encoding="ascii", errors="replace").splitlines())
    marks = [parts[1] for parts in lines if len(parts) == 3 and parts[0] == REKEYED]
    return marks[-1] if marks else ""


def _aside(folder: Path, on: date) -> Path:
    key = (folder / KEY_FILE).read_text()
    for path in kept_files(folder):
        if path.read_text() == key:  # kept by a change that was cut off
            return path
    path = next(name for name in _names(folder, on) if not name.exists())
    write_once(path, key)
    return path


def _names(folder: Path, on: date) -> Iterator[Path]:
    yield folder / f"{KEY_FILE}.{on}"
    for number in range(2, 1000):
        yield folder / f"{KEY_FILE}.{on}-{number:03}"
