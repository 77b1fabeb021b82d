"""True time, and the program's clock beside it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.hours import awake
from bot.store.records import VIETNAM


class Clock:
    """True time (people, platforms, their Date headers); the program's own clock is `jumped` seconds ahead of it.

    PostgreSQL's is the true one, and all machines go by it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.zone = zone_by_day(datetime.now(UTC))
        self.jumped = 0.0
        self.jump(0)

    def __call__(self) -> datetime:
        """What time it is in the world."""
        return datetime.now(self.zone)

    def jump(self, seconds: float) -> None:
        """The program's clock stands so many seconds beside the true one."""
        self.jumped = seconds
        fresh = self.path.with_suffix(".new")
        fresh.write_text(f"{seconds:.3f}")
        fresh.replace(self.path)


def zone_by_day(now: datetime) -> ZoneInfo:
    """Vietnam's when announcements go there now and for the length of a run, else one where it is noon."""
    there = now.astimezone(VIETNAM)
    if awake(there) and awake(there + timedelta(minutes=20)):
        return VIETNAM
    return ZoneInfo(f"Etc/GMT{now.hour - 12:+d}")  # the sign is Etc's own: +2 is west of Greenwich
