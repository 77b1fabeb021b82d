"""What the inbox shows of people who wait for an officer, and of their talks."""

from dataclasses import dataclass
from datetime import datetime

from bot.store.deadlines import TICKETS


@dataclass(frozen=True, slots=True)
class Waiting:
    """A contact that asked for an officer: all its live tickets as one. `id`: the oldest ticket's number.

    `waiting_since` None: the officer wrote last. `owner`: who has the talk now. `agreed`: they were told who will
    read it.
    """

    id: int
    tickets: tuple[int, ...]
    contact: int
    channel: str
    at: datetime
    waiting_since: datetime | None
    commune: str
    reasons: tuple[str, ...]
    text: str
    phone: str
    owner: int | None
    escalated: bool
    agreed: bool

    @property
    def by_law(self) -> bool:
        """Whether something is asked that the law gives days for: it is done on the page of requests."""
        return not TICKETS.keys().isdisjoint(self.reasons)

    @property
    def by_law_alone(self) -> bool:
        """Nothing else is asked, and the person has been answered."""
        return self.owner is None and self.waiting_since is None and TICKETS.keys() >= set(self.reasons)


@dataclass(frozen=True, slots=True)
class Said:
    """A message of a talk. `by`: "person", "assistant" or "officer"; `fate`: "", "waiting", or as `Fate` with `why`."""

    id: int
    at: datetime
    by: str
    officer: int | None
    text: str
    fate: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """An officer's own chat."""

    officer: int
    contact: int


@dataclass(frozen=True, slots=True)
class SavedReply:
    """What officers of a commune often answer."""

    id: int
    commune: str
    title: str
    text: str
