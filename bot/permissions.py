"""Who on this machine may read the key, the settings and the data: closed where we make them, told where others did."""

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from bot.i18n import language
from bot.store.crypto import KEY_FILE

OTHERS = stat.S_IRWXG | stat.S_IRWXO
ENVIRONMENT = Path(".env")


def make_private(folder: Path) -> None:
    """A data folder that is not there yet, for its owner alone; one that is there stays as its owner wants it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def close_files(*paths: Path) -> None:
    """Files of ours that hold data, for their owner alone; somebody else's are left (they are told)."""
    for path in paths:
        with contextlib.suppress(OSError):
            if os.name == "posix" and path.stat().st_mode & OTHERS:
                path.chmod(0o600)


def faults(data: Path, environment: Path = ENVIRONMENT) -> Iterator[str]:
    """What others on this machine may read and should not, with the command that ends it; nothing on Windows."""
    if os.name != "posix":
        return
    say = language("vi").say
    for path, mode in ((environment, "600"), (data / KEY_FILE, "600"), (data, "700")):
        try:
            found = path.stat().st_mode
        except OSError:
            continue
        if found & OTHERS:
            yield say("doors.readable", path=str(path.absolute()), mode=mode)
