"""Classes read from a workbook, with the same care as people. Pure: nothing is stored here."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.dialogue import details
from bot.i18n import LANGUAGES, language
from bot.leads.headings import COURSES, Headings, find
from bot.leads.importing import Reading, Rejected, RowFault
from bot.leads.reading import Row, Sheet, WorkbookRefused
from bot.model import Course
from intents import slots
from intents.normalise import fold

STATES = ("planned", "open", "full", "running", "done", "cancelled")
MOST_SEATS = 500
LONGEST = 200
FARTHEST = timedelta(days=3 * 366)
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")


@dataclass(frozen=True, slots=True)
class PlannedCourse:
    """A class of the workbook. `known`: it is there already (same title, first day and place) and is written over."""

    row: int
    course: Course
    known: bool


@dataclass(frozen=True, slots=True)
class CoursePreview:
    """What a workbook of classes holds."""

    accepted: tuple[PlannedCourse, ...]
    rejected: tuple[Rejected, ...]


def preview(sheet: Sheet, reading: Reading, existing: Sequence[Course] = ()) -> CoursePreview:
    """Read every row; raises WorkbookRefused when no row looks like headings with a trade or title and a first day."""
    headings = find(sheet.rows, "course", COURSES, ("starts_on",))
    if headings is None or not {"title", "trade"} & headings.columns.keys():
        raise WorkbookRefused("no_headings", reading.say.say("import.refused.no_course_headings"))
    known = {_print(c): c for c in existing if c.commune == reading.commune}
    accepted: list[PlannedCourse] = []
    rejected: list[Rejected] = []
    taken: set[str] = set()
    for number, row in enumerate(sheet.rows[headings.below :], headings.below + 1):
        title = headings.text(row, "title") or headings.text(row, "trade")
        if not title or sum(cell is not None for cell in row) < 2:
            continue
        try:
            course = _course(row, headings, reading)
            own = _print(course)
            if own in taken:
                raise RowFault("course_twice")
            taken.add(own)
            accepted.append(_planned(number, course, known.get(own)))
        except RowFault as fault:
            reason = reading.say.say(f"import.reason.{fault.key}", **fault.values)
            rejected.append(Rejected(number, fault.key, reason, title[:60]))
    return CoursePreview(tuple(accepted), tuple(rejected))


def _planned(row: int, course: Course, known: Course | None) -> PlannedCourse:
    if known is None:
        return PlannedCourse(row, course, known=False)
    values = {name: getattr(course, name) for name in Course.__slots__} | {"id": known.id}
    values |= {"map_url": known.map_url, "demonstration": known.demonstration}  # no workbook says these
    return PlannedCourse(row, Course(**values), known=True)


def _course(row: Row, headings: Headings, reading: Reading) -> Course:
    said = headings.text(row, "trade") or headings.text(row, "title")
    trade = reading.trade_of(said) or reading.trade_of(headings.text(row, "title"))
    if not trade:
        raise RowFault("unknown_trade", trade=said[:60])
    starts = _day(headings, row, "starts_on", reading.today)
    ends = _day(headings, row, "ends_on", reading.today)
    deadline = _day(headings, row, "deadline", reading.today)
    if starts is None:
        raise RowFault("no_first_day")
    if ends and ends < starts:
        raise RowFault("ends_before")
    if deadline and deadline > (ends or starts):
        raise RowFault("deadline_after")
    title = (headings.text(row, "title") or said)[:LONGEST]
    place = headings.text(row, "place")[:LONGEST]
    fingerprint = hashlib.sha256(f"{reading.commune}|{fold(title)}|{starts}|{fold(place)}".encode()).hexdigest()
    return Course(
        id=f"{reading.commune}-{fingerprint[:12]}",
        commune=reading.commune,
        trade=trade,
        title=title,
        provider=headings.text(row, "provider")[:LONGEST],
        place=place,
        starts_on=starts,
        ends_on=ends,
        schedule=headings.text(row, "schedule")[:LONGEST],
        seats=_seats(headings.text(row, "seats")),
        deadline=deadline,
        target_groups=_groups(headings.text(row, "group")),
        state=_state(headings.text(row, "state"), starts, ends, reading.today),
    )


def _print(course: Course) -> str:
    return f"{fold(course.title)}|{course.starts_on}|{fold(course.place)}"


def _day(headings: Headings, row: Row, key: str, today: date) -> date | None:
    cell = headings.cell(row, key)
    if cell is None:
        return None
    said = headings.text(row, key)
    iso = _ISO.search(said)
    try:
        found = date(*(int(part) for part in iso.groups())) if iso else slots.birth_date(said)
    except ValueError:
        found = None
    if found is None or abs(found - today) > FARTHEST:
        raise RowFault("day_wrong", said=said[:20])
    return found


def _seats(said: str) -> int:
    digits = re.search(r"\d+", said)
    seats = int(digits[0][:6]) if digits else 0
    if not 0 < seats <= MOST_SEATS:
        raise RowFault("seats_wrong", said=said[:20] or "–", most=str(MOST_SEATS))
    return seats


def _groups(said: str) -> tuple[str, ...]:
    """Target groups by their labels; an unknown one is a fault: a class must not look open to the wrong people."""
    labels = _labels()
    found = []
    for part in filter(None, (p.strip() for p in re.split(r"[;,\n]", said))):
        group = labels.get(fold(part))
        if group is None:
            raise RowFault("unknown_word", said=part[:30])
        found.append(group)
    return tuple(found)


def _labels() -> Mapping[str, str]:
    return {fold(language(code).say(f"group.{g}")): g for code in LANGUAGES for g in details.TARGET_GROUPS}


def _state(said: str, starts: date, ends: date | None, today: date) -> str:
    """As the workbook says; where it is silent, open until the class is over."""
    if said:
        for state in STATES:
            variants = (v for code in LANGUAGES for v in language(code).say(f"heard.state.{state}").split(";"))
            if fold(said) in {fold(v) for v in variants}:
                return state
        raise RowFault("unknown_word", said=said[:30])
    if (ends or starts) < today:
        return "done"
    return "running" if starts < today else "open"
