"""Where copies go, and what is remembered of the last one. A disk that is not connected is told, never made up."""

import contextlib
import json
from datetime import datetime
from pathlib import Path

from bot.model import BotError

RECORD = "last.json"  # how the last copies went: {"at", "failed_at": ISO moments, "why": a word, "apart": a folder}


def beside(data_dir: Path) -> Path:
    """The folder in the data folder: of the record, and of the copies while no other is set."""
    return data_dir / "backups"


class BackupFault(BotError):
    """No copy, or none that can be believed."""


class BackupDiskAway(BackupFault):
    """The disk or share that copies are kept on is not connected."""


def there(folder: Path, home: Path) -> None:
    """See that copies can go into `folder`: one inside the data folder `home` is made, another one must be there, and
    on another disk than the data when it was so before (an empty mount point is a folder, too).

    Raises BackupFault.
    """
    if folder.absolute().is_relative_to(home.absolute()):
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as fault:
            raise BackupFault(f"{folder}: cannot be made: {fault.strerror}: make room, or see who owns it.") from fault
    elif not folder.is_dir():
        raise BackupDiskAway(
            f"HOCNGHE_BACKUP_DIR: {folder} is not there: connect the disk or share; the first time, make the folder."
        )
    elif known(beside(home)).get("apart") == str(folder.absolute()) and not apart(folder, home):
        raise BackupDiskAway(
            f"HOCNGHE_BACKUP_DIR: {folder} was on a disk of its own, now it is on that of the data: connect the disk "
            f"or share; if it is to stay so, remove {beside(home) / RECORD}."
        )


def present(folder: Path, home: Path) -> Path:
    """`folder`, or the one beside the data when that disk is away."""
    try:
        there(folder, home)
    except BackupDiskAway:
        folder = beside(home)
        there(folder, home)
    return folder


def apart(folder: Path, home: Path) -> bool:
    """Whether copies survive the disk of the data."""
    return folder.stat().st_dev != home.stat().st_dev


def record(folder: Path, **told: str | None) -> None:
    """Keep when it went well or not; what is not told stays."""
    path = folder / RECORD
    both = {**known(folder), **told}
    with contextlib.suppress(OSError):  # a full disk: the warning comes by the copy's age
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = path.with_suffix(".part")
        part.write_text(json.dumps({k: v for k, v in both.items() if v is not None}), encoding="utf-8")
        part.replace(path)


def last(folder: Path) -> datetime | None:
    """When the last good nightly copy was made."""
    with contextlib.suppress(ValueError, KeyError, TypeError):
        return datetime.fromisoformat(known(folder)["at"])
    return None


def known(folder: Path) -> dict[str, str]:
    """What the record says; {} when there is none, or none that can be read."""
    with contextlib.suppress(OSError, ValueError):
        found = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        if isinstance(found, dict):
            return found
    return {}
