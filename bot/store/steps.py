"""How far a registration came, and on which days; what of it is counted. Pure, so that rows and numbers count alike."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

STEPS = ("registered", "confirmed", "enrolled", "completed", "employed")
# A state stands for all steps before it: whoever is enrolled at once was confirmed, too.
RANK = {"new": 0, "contacted": 0, "confirmed": 1, "enrolled": 2, "completed": 3, "employed": 4}
IMPORTED = "imported"
OFFICE, WANTED, PLACED, ANSWERED = "office", "wanted", "placed_after", "ticket."
WAITS = ("4h", "1d", "3d", "later", "unknown", "waiting")  # how long a ticket waited for its first answer
_HOURS = ((4, "4h"), (24, "1d"), (72, "3d"))


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a registration's history."""

    day: date
    what: str
    who: str


@dataclass(frozen=True, slots=True)
class Counted:
    """A registration as the figures see it: no name, no number. `hamlet` is a fingerprint, "" when it is not kept.

    `days`: step -> the day it was first reached, steps that were taken back left out.
    """

    commune: str
    trade: str
    hamlet: str
    group: str
    office: bool
    wanted: bool
    days: Mapping[str, date]


Cell = tuple[date, str, str, str, str, str]  # day, commune, what, trade, target group, hamlet


def reached(created: date, state: str, history: Sequence[Line]) -> Mapping[str, date]:
    """Step -> day. Going back to an earlier state takes the later steps back; leaving the list takes nothing back.

    A state that no line tells of came with a workbook: it counts on the day of that import, and on the day of the
    registration itself when the whole registration was imported.
    """
    days = {"registered": created}
    for line in history:
        if line.what in RANK:
            days = _moved(days, RANK[line.what], line.day)
    if state in RANK:
        imports = [line.day for line in history if line.what == IMPORTED]
        whole = bool(history) and history[0].what == IMPORTED and len(imports) == 1
        days = _moved(days, RANK[state], imports[-1] if imports and not whole else created)
    return days


def _moved(days: Mapping[str, date], rank: int, day: date) -> dict[str, date]:
    return {step: days.get(step, day) for step in STEPS[: rank + 1]}


def cells(lead: Counted) -> Iterator[Cell]:
    """Everything that is counted of a registration, each on its day."""

    def on(day: date, what: str) -> Cell:
        return day, lead.commune, what, lead.trade, lead.group, lead.hamlet

    for step, day in lead.days.items():
        yield on(day, step)
    registered, completed = lead.days["registered"], lead.days.get("completed")
    if lead.office:
        yield on(registered, OFFICE)
    if lead.wanted:
        yield on(registered, WANTED)
    if completed and "employed" in lead.days:
        yield on(completed, PLACED)


def waited(asked: datetime, answered: datetime | None, *, is_open: bool) -> str:
    """One of WAITS; "unknown": closed, and nobody wrote down when."""
    if answered is None:
        return "waiting" if is_open else "unknown"
    hours = (answered - asked).total_seconds() / 3600
    return next((name for most, name in _HOURS if hours <= most), "later")


def by_month(found: Iterable[Cell]) -> Counter[Cell]:
    """As numbers that stay when the rows go: by month, without the hamlet."""
    return Counter((d.replace(day=1), c, w, t, g, "") for d, c, w, t, g, _hamlet in found)
