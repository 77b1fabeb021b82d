"""Which reminders and surveys are due for one lead: pure; from the lead, its class, what was done and the day alone."""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from bot.dialogue.followup import SURVEY
from bot.dialogue.person_fields import ADULT_AGE
from bot.store.follow_port import SURVEYS, Followed, Kind, Way, Windows
from bot.store.sql_follow import ABOUT_CLASS

DAYS_BEFORE: Mapping[Kind, tuple[int, int]] = {"class_3d": (2, 3), "class_1d": (1, 1)}  # (latest, earliest)
LAST_MONTH = 9  # after the course: who was not asked by then is not asked any more
ASK_FOR = timedelta(days=25)  # after the course, whether we may ask at all: before the first survey
SPARE = timedelta(days=4)  # months differ in length: the store looks a little further than the planner
OVER = frozenset({"done", "cancelled"})


@dataclass(frozen=True, slots=True)
class Due:
    """One thing to do. `way`: "message" (a call where no chat may be written to), "call", or "none" (settled)."""

    kind: Kind
    about: str
    way: Way

    @property
    def key(self) -> tuple[str, str]:
        """What its mark is kept under."""
        return self.kind, self.about


def windows(today: date) -> Windows:
    """Per kind, the first and last day of the class's start (of the course's end) that may make it due today."""
    found: dict[Kind, tuple[date, date]] = {
        kind: (today + timedelta(days=late), today + timedelta(days=early))
        for kind, (late, early) in DAYS_BEFORE.items()
    }
    found["survey_ask"] = (today - ASK_FOR, today - timedelta(days=1))
    for kind, month in SURVEYS.items():
        found[kind] = (months_after(today, -_until(month)) - SPARE, months_after(today, -month) + SPARE)
    return found


def due(lead: Followed, today: date) -> tuple[Due, ...]:
    """What is to be done today for this lead and is not marked yet."""
    return tuple(d for d in (*_reminders(lead, today), *_surveys(lead, today)) if d.key not in _marked(lead, d))


def _marked(lead: Followed, wanted: Due) -> frozenset[tuple[str, str]]:
    """A survey is asked once, whatever it is about; a reminder once for each day that a class starts on."""
    if wanted.kind in DAYS_BEFORE:
        return lead.done
    return frozenset((kind, wanted.about) for kind, _about in lead.done)


def _reminders(lead: Followed, today: date) -> tuple[Due, ...]:
    course = lead.course
    if lead.state != "enrolled" or not lead.seated or course is None or course.state in OVER or not course.starts_on:
        return ()
    about, days = f"{course.id}{ABOUT_CLASS}{course.starts_on.isoformat()}", (course.starts_on - today).days
    return tuple(Due(k, about, "message") for k, (late, early) in DAYS_BEFORE.items() if late <= days <= early)


def _surveys(lead: Followed, today: date) -> tuple[Due, ...]:
    if lead.ended_on is None or lead.ended_on >= today:
        return ()
    agreed = lead.consents.get(SURVEY)
    if today - lead.ended_on <= ASK_FOR:  # a minor's parent is asked, too: on the phone
        return (Due("survey_ask", "", "message" if agreed is None and not _minor(lead, today) else "none"),)
    for kind, month in SURVEYS.items():
        if months_after(lead.ended_on, month) <= today < months_after(lead.ended_on, _until(month)):
            if agreed is False or month in lead.answered:
                return (Due(kind, "", "none"),)
            return (Due(kind, "", "message" if agreed else "call"),)
    return ()


def _minor(lead: Followed, today: date) -> bool:
    """Under 18 today, or perhaps so where only the year is known."""
    if lead.birth_date is not None:
        return months_after(lead.birth_date, 12 * ADULT_AGE) > today
    return today.year - lead.birth_year <= ADULT_AGE


def _until(month: int) -> int:
    """The month in which the next survey begins."""
    return next((m for m in SURVEYS.values() if m > month), LAST_MONTH)


def months_after(day: date, months: int) -> date:
    """The same day so many months later (or earlier); the month's last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
