"""The day that a run plays on, and the program's clock beside it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.store.records import VIETNAM

MORNING = datetime(2026, 12, 2, 9, 0, tzinfo=VIETNAM)  # a Wednesday, office hours, by day for announcements


class Clock:
    """True time of the run (people, platforms); the program's own is `ahead` of it by what was jumped."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._base = (MORNING - datetime.now(UTC)).total_seconds()
        self.jumped = 0.0
        self.jump(0)

    def __call__(self) -> datetime:
        """What time it is in the world."""
        return datetime.now(VIETNAM) + timedelta(seconds=self._base)

    def jump(self, seconds: float) -> None:
        """The program's clock stands so many seconds beside the true one."""
        self.jumped = seconds
        fresh = self.path.with_suffix(".new")
        fresh.write_text(f"{self._base + seconds:.3f}")
        fresh.replace(self.path)
