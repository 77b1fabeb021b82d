"""The key beside the data through a change: `secret.key.new` until the data hangs on it, `secret.key.DATE` after.

Order of a change: the new key is on the disk; the data hangs on it, and the erasure journal names it (one transaction);
the old key is kept aside; the new one takes its place in one move. Whoever starts after a death in between finds which
key fits.
"""

import base64
import secrets
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.store import erasing, journal_file
from bot.store.crypto import KEY_FILE, Cipher, KeyFault, key_from, write_once
from bot.store.disk import to_disk
from bot.store.rekeying import fits, marks

NEW_FILE = f"{KEY_FILE}.new"
KEEP_OLD = timedelta(days=30)  # as long as nightly copies are kept
LONG_AGO = datetime.min.replace(tzinfo=UTC)
log = structlog.get_logger()


def secret_for(engine: Engine, folder: Path, given: str, now: datetime) -> str:
    """The secret this installation's data hangs on. `given`: HOCNGHE_SECRET_KEY, "" for the file's.

    Ends a change of key that was cut off. Raises KeyFault when there is none, when none that is there opens the data,
    when an older one does, or when the journal names a newer key: under an older one nobody erased since would be
    recognised.
    """
    if not given and not (folder / KEY_FILE).is_file() and _holds_something(engine):
        raise KeyFault(
            f"{folder / KEY_FILE}: there is no key, and the database holds what one opens: put back the one that the "
            "data was written with, or see whether HOCNGHE_DATA_DIR names the right folder."
        )
    secret = given or key_from(folder)
    if fits(engine, Cipher(secret)) is not False:
        must_be_newest(secret, known_marks(engine, folder))
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
    for path, key in _kept(folder):
        if fits(engine, key):
            raise KeyFault(
                f"database: its data is from before a change of key ({path.name} opens it): "
                "run hocnghe db rotate-key --to-current, then start again."
            )
    raise KeyFault(
        f"database: cannot be opened with this key: put back the {KEY_FILE} (or HOCNGHE_SECRET_KEY) that the data was "
        "written with; when the key was changed on another machine, the new one from there."
    )


def present_secret(engine: Engine, folder: Path, given: str, now: datetime) -> str:
    """As `secret_for`, for what replaces the data: what stands there now may be damaged, or from before a change."""
    try:
        return secret_for(engine, folder, given, now)
    except (KeyFault, SQLAlchemyError):
        secret = given or key_from(folder)
        must_be_newest(secret, journal_file.marks(folder))
        return secret


def _holds_something(engine: Engine) -> bool:
    return fits(engine, Cipher(secrets.token_hex(16))) is False


def known_marks(engine: Engine, folder: Path) -> Mapping[str, datetime]:
    """Fingerprints of keys that the journal names, here or in the database, and since when each was the key."""
    return {**marks(engine), **journal_file.marks(folder)}


def must_be_newest(secret: str, known: Mapping[str, datetime]) -> None:
    """Raises KeyFault when a newer key is known. One that is not known at all was made on another machine."""
    mine = erasing.key_mark(Cipher(secret))
    if mine in known and known[mine] < max(known.values()):
        raise KeyFault(
            f"{KEY_FILE}: {journal_file.NAME} says that the key was changed after this one: put the newest "
            f"key back in its place, this one beside it as {KEY_FILE}.YEAR-MONTH-DAY, and run hocnghe db rotate-key "
            "--to-current: else people who were erased since would come back."
        )


def chain(
    folder: Path, present: Cipher, known: Mapping[str, datetime], opens: Callable[[Cipher], bool]
) -> tuple[Cipher, ...]:
    """The key that opens some older data and every one since, the present one last; it alone when it opens them.

    Each is needed: who was erased while a key was in use is named under that key. Raises KeyFault when none opens them
    or one of those since is not there, and says which.
    """
    there = [present, *(key for _, key in _kept(folder))]
    first = next((key for key in there if opens(key)), None)
    if first is None:
        raise KeyFault(
            f"was written with another key: neither the key in use nor a kept one in {folder} opens it: put the key of "
            f"that time (or the value HOCNGHE_SECRET_KEY had) there as {KEY_FILE}.YEAR-MONTH-DAY, then try again."
        )
    by_mark = {erasing.key_mark(key): key for key in there}
    start, end = erasing.key_mark(first), erasing.key_mark(present)
    if start == end:
        return (present,)
    begun = known.get(start, LONG_AGO)
    since = [mark for mark in sorted(known, key=known.__getitem__) if known[mark] > begun and mark != end]
    if missing := [known[mark] for mark in since if mark not in by_mark]:
        raise KeyFault(
            f"was written with an older key, and one used since, from {missing[0]:%Y-%m-%d} on, is not in {folder}: "
            f"put it there as {KEY_FILE}.YEAR-MONTH-DAY: without it people erased in its time would come back."
        )
    return (first, *(by_mark[mark] for mark in since), present)


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
        kept = None if old.read_text().strip() == new.read_text().strip() else _aside(folder, now.date())
        new.replace(old)
    except FileNotFoundError:
        return None
    to_disk(folder)
    return kept


def kept_files(folder: Path) -> list[Path]:
    """Old keys, by name: the oldest first."""
    return sorted(path for path in folder.glob(f"{KEY_FILE}.*") if path.name != NEW_FILE)


def kept_since(folder: Path) -> datetime | None:
    """Since when the longest kept of the old keys lies there, by its file; None when there is none."""
    return min((datetime.fromtimestamp(path.stat().st_mtime, UTC) for path in kept_files(folder)), default=None)


def _kept(folder: Path) -> Iterator[tuple[Path, Cipher]]:
    for path in kept_files(folder):
        yield path, Cipher(path.read_text().strip())


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
