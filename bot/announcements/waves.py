"""Waves: a class has some thirty seats; those who asked for it first, nearest and longest waiting, hear of it first."""

from datetime import datetime, timedelta

from bot.store.announcement_port import Candidate

TIMES = 3  # as many people as there are free seats, times this
LEAST = 15  # people in a wave, however few seats are left
UNCOUNTED = 90  # people in a wave when the seats are not counted
PAUSE = timedelta(hours=4)


def order(who: Candidate, here: str, near: frozenset[str]) -> tuple[bool, int, datetime, int]:
    """Sorts: asked for this trade; the class's commune, its province, elsewhere; the longest waiting."""
    far = 0 if who.commune == here else 1 if who.commune in near else 2
    return (not who.asked, far, who.since, who.person)


def size(free: int | None) -> int:
    """People in a wave."""
    return UNCOUNTED if free is None else max(LEAST, TIMES * free)


def number(place: int, size: int) -> int:
    """The wave of somebody's place in the order (from 0); `size` 0: all in the first."""
    return 1 + place // size if size else 1
