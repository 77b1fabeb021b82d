"""What a running announcement does by itself: begin, next wave, end; and the reminder of the last seats. Pure decisions
are in `waves` and `hours`; here they meet the store, in one short transaction each time."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot import hours
from bot.announcements import audience, texts, waves
from bot.announcements.audience import Terms
from bot.announcements.preflight import APPROVAL_FROM
from bot.i18n import language
from bot.model import Course
from bot.store.announcement_port import Announcement, Planned, State
from bot.store.sql_announcing import Announcing

BEFORE_DEADLINE = timedelta(days=2)  # when those who have not registered hear of the last seats
TermsOf = Callable[[Announcing, Announcement], Terms]


@dataclass(frozen=True, slots=True)
class Told:
    """What a look at the announcements did, for the log."""

    begun: int = 0
    waves: int = 0
    ended: int = 0
    unknown: int = 0
    reminded: int = 0


def look(unit: Announcing, terms_of: TermsOf, name: Callable[[str], str], now: datetime) -> Told:
    """Everything that is due, once. `now` is local; several processes may look at once: each step has one winner."""
    unknown = unit.ledger.sweep(now)
    unit.announcements.tidy()
    begun = sum(begin(unit, one, now) for one in unit.announcements.due(now)) if hours.awake(now) else 0
    moved = [further(unit, one, now) for one in unit.announcements.running()]
    reminded = sum(remind(unit, one, terms_of, name, now) for one in unit.announcements.with_last_seats())
    return Told(begun, moved.count("wave"), moved.count("over"), unknown, reminded)


def begin(unit: Announcing, one: Announcement, now: datetime) -> bool:
    """Its time has come, and it is day."""
    if not unit.announcements.goes_on(one, now):
        return False
    if not unit.announcements.move(one.id, ("scheduled",), "running"):
        return False
    unit.announcements.advance(one.id, 1, now + waves.PAUSE)
    return True


def further(unit: Announcing, one: Announcement, now: datetime) -> str:
    """ "wave", "over" or "": whether the next wave went off, or nobody is left."""
    if not unit.announcements.goes_on(one, now):
        return "over"
    if not unit.announcements.unfinished(one.id):
        return "over" if unit.announcements.move(one.id, ("running",), "done", ended_at=now) else ""
    through = not unit.announcements.unfinished(one.id, one.wave)
    late = one.next_wave_at is None or one.next_wave_at <= now
    put_back = one.next_wave_at is not None and one.next_wave_at - now > waves.PAUSE  # the clock was put back
    if through and (late or put_back) and hours.awake(now):
        unit.announcements.advance(one.id, one.wave + 1, now + waves.PAUSE)
        return "wave"
    return ""


def plan(unit: Announcing, one: Announcement, terms: Terms, now: datetime, *, approved: bool = False) -> list[Planned]:
    """Freeze who gets a draft, and let it go (or ask a second officer); no rows when somebody was quicker."""
    rows = audience.planned(one, unit.audience.candidates(one, now), terms, now)
    many = sum(not row.why for row in rows) >= APPROVAL_FROM
    state: State = "approval" if many and not approved else "scheduled"
    return rows if unit.announcements.plan(one.id, rows, state, now) else []


def remind(unit: Announcing, one: Announcement, terms_of: TermsOf, name: Callable[[str], str], now: datetime) -> bool:
    """ "Còn chỗ cuối": once, to the same people without those who registered, while there are seats."""
    course: Course | None = unit.course(one.course)
    if course is None or course.deadline is None or not hours.awake(now):
        return False
    if unit.announcements.one(one.id, lock=True) is None or unit.announcements.followed(one.id):
        return False  # the lock lets one process look at a time
    free = unit.free(one.course)
    soon = course.deadline - BEFORE_DEADLINE <= now.date() <= course.deadline
    if not soon or not free or unit.announcements.closed(one.course, now):
        return False
    if unit.announcements.unfinished(one.id):
        return False
    text = texts.last_seats(course, name(course.commune), free, language(one.language or "vi"))
    again = replace(
        one, state="draft", why="", text=text, waves=False, last_seats=False, start_at=None, wave=0, next_wave_at=None,
        made_at=now, planned_at=None, ended_at=None, follows=one.id,
    )  # fmt: skip
    number = unit.announcements.draft(again)
    return bool(plan(unit, replace(again, id=number), terms_of(unit, again), now, approved=True))
