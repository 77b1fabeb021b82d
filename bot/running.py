"""Whether a program uses the data: all that open it hold a lock; what replaces the data takes it alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.model import BotError

try:
    import fcntl
except ImportError:  # Windows: the operator is asked to stop the program; nothing can look
    fcntl = None  # type: ignore[assignment]

LOCK = "running.lock"


class InUse(BotError):
    """A program is using the data."""


@contextmanager
def held(folder: Path, *, alone: bool = False) -> Iterator[None]:
    """While this lasts the folder is in use, by several or by one `alone`. Raises InUse at once; a kill frees it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / LOCK).open("a") as file:
        if fcntl is not None:
            try:
                fcntl.flock(file, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
            except OSError as fault:
                raise InUse(
                    f"{folder}: a program is using the data: stop hocnghe serve and hocnghe worker first "
                    "(systemctl stop hocnghe, or Ctrl-C where it runs), then give the command again."
                    if alone
                    else f"{folder}: the data are being replaced: wait until that command has ended, then start again."
                ) from fault
        yield
