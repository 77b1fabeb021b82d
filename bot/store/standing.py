"""Whose talk a contact's is: what the turn's first statement reads in the contact's row."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """`owner`: the officer who has the talk; `officer`: whose own chat this is (both by number).

    `announced`: the button under an announcement that came since they last wrote.
    `paused_until` without an owner: somebody answers by hand in the platform's own application.
    """

    paused_until: datetime | None = None
    owner: int | None = None
    officer: int | None = None
    announced: str = ""

    def paused(self, now: datetime) -> bool:
        """The assistant is silent."""
        return self.paused_until is not None and self.paused_until > now

    def lapsed(self, now: datetime) -> bool:
        """An officer has it by name and was silent for too long."""
        return self.owner is not None and not self.paused(now)


NOBODYS = Standing()
