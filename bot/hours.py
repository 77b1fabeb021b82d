"""Hours at which people may be written to unasked, reckoned on the local clock. Pure."""

from datetime import datetime, time, timedelta

MORNING, EVENING = time(7), time(21)


def awake(now: datetime) -> bool:
    """Whether it is day; `now` is local."""
    return MORNING <= now.timetz().replace(tzinfo=None) < EVENING


def next_awake(at: datetime) -> datetime:
    """That moment, or the next morning's beginning."""
    if awake(at):
        return at
    day = at.date() + timedelta(days=at.time() >= EVENING)
    return datetime.combine(day, MORNING, at.tzinfo)


def lasts(start: datetime, seconds: float) -> datetime:
    """When work of so many seconds ends that rests at night."""
    at, left = next_awake(start), timedelta(seconds=seconds)
    for _ in range(1000):
        evening = datetime.combine(at.date(), EVENING, at.tzinfo)
        if at + left <= evening:
            return at + left
        left -= evening - at
        at = datetime.combine(at.date() + timedelta(days=1), MORNING, at.tzinfo)
    return at
