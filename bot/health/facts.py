"""How the program is, as plain values: what `/healthz` tells, what `/metrics` counts, what warnings are made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.store.sql_health import Stored


@dataclass(frozen=True, slots=True)
class Database:
    """`trouble`: "" | full | gone | busy | slow, `since` when; `back_at`, `away_s`: end and length of the last.

    `ms`: how long a cheap statement took.
    """

    kind: str
    ok: bool
    ms: float = 0.0
    trouble: str = ""
    since: datetime | None = None
    back_at: datetime | None = None
    away_s: float = 0.0
    size: int = 0
    schema: str = ""
    pending: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A channel. `error`: the last kind of fault; `poll_s`: seconds since the last poll that was answered."""

    name: str
    ok: bool
    mode: str = ""
    trouble: str = ""
    error: str = ""
    last_success: datetime | None = None
    failing_since: datetime | None = None
    poll_s: float | None = None
    given_up: int = 0
    waiting: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Disk:
    """Bytes of the file system under the data folder."""

    free: int
    total: int


@dataclass(frozen=True, slots=True)
class Clock:
    """Seconds: `jumped_by` at `jumped_at`; `outside_by`, `server_by`: how far theirs is ahead of ours, None if unknown.

    `sends`, `erases`: what this clock is believed for (`bot.health.clock.Trust`).
    """

    jumped_at: datetime | None = None
    jumped_by: float = 0.0
    outside_by: float | None = None
    server_by: float | None = None
    sends: bool = True
    erases: bool = True


@dataclass(frozen=True, slots=True)
class Backup:
    """The last one that was verified, the last one that failed and why; None: nobody knows of any."""

    at: datetime | None = None
    failed_at: datetime | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """One look. `stored` is the last one that succeeded; `leads`: this process does the background work.

    `old_key_at`: since when an old key of the data lies beside them, None when none does.
    """

    now: datetime
    started_at: datetime
    version: str
    database: Database
    channels: tuple[Line, ...] = ()
    stored: Stored = field(default_factory=Stored)
    disk: Disk | None = None
    clock: Clock = field(default_factory=Clock)
    backup: Backup = field(default_factory=Backup)
    old_key_at: datetime | None = None
    leads: bool = True
