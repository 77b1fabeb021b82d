"""By when a request about one's data must be answered and done.

Luật 91/2025/QH15 Điều 4; NĐ 356/2025/NĐ-CP Điều 5; both from 01/01/2026.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from bot.store.people_port import RequestKind

ANSWER_WORKING_DAYS = 2
# Why a ticket was opened -> what is asked by law; `bot.dialogue.mine_data` writes these reasons.
TICKETS: Mapping[str, RequestKind] = {"data_access": "access", "data_correct": "correct", "data_erase": "erase"}


@dataclass(frozen=True, slots=True)
class Term:
    """Days to do it; `third_party`: when somebody else has to do it, too. It may be extended once by as much."""

    days: int
    third_party: int


TERMS: Mapping[RequestKind, Term] = {
    "withdraw": Term(15, 20),
    "restrict": Term(15, 20),
    "object": Term(15, 20),
    "access": Term(10, 15),
    "correct": Term(10, 15),
    "erase": Term(20, 30),
}


def answer_by(asked_on: date) -> date:
    """Two working days later; holidays are not known here, so that the day is rather too early than too late."""
    day, left = asked_on, ANSWER_WORKING_DAYS
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return day


def due_on(kind: RequestKind, asked_on: date, *, third_party: bool = False, extended: bool = False) -> date:
    """The last day to do it."""
    term = TERMS[kind]
    days = term.third_party if third_party else term.days
    return asked_on + timedelta(days=days * (2 if extended else 1))
