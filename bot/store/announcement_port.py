"""What announcements are to the store: as composed, who they may go to, rows on their way, what became of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from bot.model import Contact
from bot.store.channel_port import Fate, Quota

# draft: being composed; approval: a second officer is asked; scheduled: its time has not come; stopped: by itself.
State = Literal["draft", "approval", "scheduled", "running", "paused", "done", "stopped", "cancelled"]
LIVE: tuple[State, ...] = ("scheduled", "running", "paused")
OVER: tuple[State, ...] = ("done", "stopped", "cancelled")
SAME = timedelta(days=1)  # the same words to the same people again within it are asked about first
# waiting (a worker may hold it), sending (its request leaves: after a crash, fate unknown), sent, unknown, failed;
# excluded: was not to get it when it was planned; dropped: was to get it and did not, for the reason in `why`.
RowState = Literal["waiting", "sending", "sent", "unknown", "failed", "excluded", "dropped"]
# Kinds of messages that a person may want none of.
Kind = Literal["classes", "reminders", "surveys"]
KINDS: tuple[Kind, ...] = ("classes", "reminders", "surveys")


@dataclass(frozen=True, slots=True)
class Announcement:
    """As composed. `trades` empty: everybody on the list; `groups` likewise; `trade`: what a tap registers for."""

    id: int
    kind: Kind
    state: State
    why: str
    communes: tuple[str, ...]
    course: str
    trade: str
    trades: tuple[str, ...]
    groups: tuple[str, ...]
    language: str
    text: str
    picture: str
    waves: bool
    paid: bool
    last_seats: bool
    start_at: datetime | None
    wave: int
    next_wave_at: datetime | None
    made_by: int | None
    made_at: datetime
    approved_by: int | None = None
    planned_at: datetime | None = None
    ended_at: datetime | None = None
    follows: int | None = None


@dataclass(frozen=True, slots=True)
class Reachable:
    """A contact through which a person may be reached. `sent_lately`: announcements within the last 30 days."""

    id: int
    channel: str
    account: str
    seen_at: datetime
    language: str = "vi"
    stopped: bool = False
    stopped_kinds: frozenset[str] = frozenset()
    unreachable_at: datetime | None = None
    unreachable_why: str = ""
    paused_until: datetime | None = None
    quota: Quota | None = None
    sent_lately: int = 0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person on the lists of the audience. `asked`: for this trade; `since`: how long they have waited."""

    person: int
    commune: str
    since: datetime
    asked: bool
    agreed: bool
    waits_for_word: bool
    registered: bool
    contacts: tuple[Reachable, ...] = ()


@dataclass(frozen=True, slots=True)
class Planned:
    """One row of the ledger as it is frozen: `why` is "" for those who get it; `wave` counts from 1."""

    person: int | None
    contact: int | None
    channel: str
    account: str
    language: str
    wave: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class OnItsWay:
    """A claimed row: nobody else takes it for a while. `at`: its moment in the account's pace."""

    id: int
    announcement: int
    contact: Contact
    reach: Reachable
    language: str
    tries: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a claimed row. `again_at`: it surely did not leave and waits until then (None: as it was due).

    `begun` False: untouched. `offer`: what "1" means to this contact from now on.
    """

    row: int
    contact_id: int
    fate: Fate | None
    why: str = ""
    again_at: datetime | None = None
    begun: bool = True
    quota: Quota | None = None
    offer: str = ""


@dataclass(frozen=True, slots=True)
class Pace:
    """How a channel account may be written to in bulk. `per_s` None: as fast as it goes. `batch`: rows at a time."""

    account: str
    per_s: float | None
    batch: int = 8
    lease_s: float = 120.0


@dataclass(frozen=True, slots=True)
class Taken:
    """What a claim gave: rows; seconds until it makes sense to ask again; what is being sent, by number."""

    rows: tuple[OnItsWay, ...] = ()
    wait: float | None = None
    announcements: Mapping[int, Announcement] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is: rows by (state, why); taps and registrations that came of it; seats free in its class."""

    counts: Mapping[tuple[RowState, str], int]
    waves: int
    tapped: int
    registered: int
    free: int | None = None
    held: str = ""

    def of(self, *states: RowState) -> int:
        """Rows in these states."""
        return sum(n for (state, _why), n in self.counts.items() if state in states)

    def reasons(self, state: RowState) -> tuple[tuple[str, int], ...]:
        """(why, rows) of a state, the most first."""
        found = [(why, n) for (s, why), n in self.counts.items() if s == state]
        return tuple(sorted(found, key=lambda pair: (-pair[1], pair[0])))

    @property
    def all(self) -> int:
        """Those who were to get it."""
        return self.of("waiting", "sending", "sent", "unknown", "failed", "dropped")


@dataclass(frozen=True, slots=True)
class ToCall:
    """Somebody whom no channel reached, in the clear: for the call list alone."""

    commune: str
    hamlet: str
    name: str
    birth_year: int
    phone: str
    told_by: str
    trade: str
    why: str
