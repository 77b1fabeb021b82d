"""A large announcement needs a second pair of eyes: another officer's, or, where there is none, one's own, later.

Whoever is alone looks again after half an hour and types how many people will get it; both stand in the audit.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.desk.scopes import scope_of
from bot.store.announcement_port import Announcement
from bot.store.sql_desk import SqlDesk
from intents.places import PlaceBook

ALONE_AFTER = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Alone:
    """Nobody else can approve it: its maker may, from this moment on, by typing how many people get it."""

    since: datetime
    people: int

    def ready(self, now: datetime) -> bool:
        """Whether the half hour is over; a clock that was put back does not make it longer."""
        return not self.since - ALONE_AFTER <= now < self.since


def alone(d: SqlDesk, one: Announcement, officer: int, book: PlaceBook, now: datetime) -> Alone | None:
    """None when it waits for nobody, is somebody else's, or somebody else can approve it."""
    if one.state != "approval" or one.made_by != officer or one.planned_at is None:
        return None
    others = (o for o in d.officers.all() if o.id != officer and not o.ended)
    if any(all(scope_of(o, book).covers(code) for code in one.communes) for o in others):
        return None
    since = one.planned_at.astimezone(now.tzinfo) + ALONE_AFTER
    return Alone(since, d.announcing.audience.progress(one, now).of("waiting"))
