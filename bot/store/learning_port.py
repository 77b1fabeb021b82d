"""What teaching speaks of: a question nobody could answer, a lesson, an answer's wording, an office, the history."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.local import Office
from bot.model import BotError

Settled = Literal["", "taught", "dismissed"]
NEW = 0  # the version of what nobody has written yet


class Taken(BotError):
    """Somebody taught these words otherwise in the meantime: look at both, then decide."""


class Outdated(BotError):
    """Somebody wrote a newer version in the meantime: look at both, then decide."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it was kept: scrubbed; `settled`: taught, dismissed, or "" while it waits."""

    id: int
    text: str
    decision: str
    commune: str
    at: datetime
    settled: str = ""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What was taught: `phrases` are the wordings, `communes` where it holds now ("" everywhere; none: taken back)."""

    id: int
    target: str
    phrases: tuple[str, ...]
    communes: tuple[str, ...]
    officer: int | None
    made_at: datetime

    @property
    def everywhere(self) -> bool:
        """Whether it holds in all communes."""
        return "" in self.communes


@dataclass(frozen=True, slots=True)
class Wording:
    """A version of a local answer; `source` "" marks the commune's own word."""

    answer: int
    version: int
    text: str
    source: str
    commune: str
    officer: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class OfficeCard:
    """A commune's office as somebody entered it; version NEW: nobody has."""

    commune: str
    version: int
    office: Office
    officer: int | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """A line of the history. `act`: taught, replaced, withdrawn, promoted, answered, rewritten, office."""

    at: datetime
    officer: int | None
    act: str
    lesson: int | None
    answer: int | None
    commune: str
