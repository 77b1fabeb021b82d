"""True time, and the program's clock beside it."""

from datetime import datetime, timedelta
from pathlib import Path

from bot.announcements.hours import awake
from bot.store.records import VIETNAM


class Clock:
    """True time (people, platforms, their Date headers); the program's own clock is `jumped` seconds ahead of it.

    PostgreSQL's is the true one, and all machines go by it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.jumped = 0.0
        self.jump(0)

    def __call__(self) -> datetime:
        """What time it is in the world."""
        return datetime.now(VIETNAM)

    def jump(self, seconds: float) -> None:
        """The program's clock stands so many seconds beside the true one."""
        self.jumped = seconds
        fresh = self.path.with_suffix(".new")
        fresh.write_text(f"{seconds:.3f}")
        fresh.replace(self.path)

    def day(self) -> bool:
        """Whether announcements go now and for the length of a run: by night they rest."""
        now = self()
        return awake(now) and awake(now + timedelta(minutes=20))
