"""`hocnghe` with a clock that the chaos run moves: CHAOS_CLOCK names a file with the seconds it is ahead by.

The program has one clock, `wiring.clock`; everything that waits runs on the loop's own, which nobody sets.
"""

import contextlib
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from bot import wiring
from bot.settings import Settings

AHEAD = "CHAOS_CLOCK"


def moved(settings: Settings, **_on: object) -> Callable[[], datetime]:
    """Local time, so many seconds ahead; the last known offset while the file is being written."""
    path, last = Path(os.environ[AHEAD]), [0.0]

    def now() -> datetime:
        with contextlib.suppress(ValueError):
            last[0] = float(path.read_text())
        return datetime.now(settings.zone) + timedelta(seconds=last[0])

    return now


if __name__ == "__main__":
    wiring.clock = moved
    from bot.cli import main

    main()
