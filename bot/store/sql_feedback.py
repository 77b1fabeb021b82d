"""Whether answers were useful: sums of a day by commune and topic, of nobody (no contact, no text).

What is shown is counted in memory and written once a minute (`Tally`): a turn pays nothing for it, and a crash loses a
minute of counting. What somebody says of an answer is written at once.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from threading import Lock

from sqlalchemy import Connection, Engine, func, select

from bot.effects import AnswerFollowed, AnswerJudged, AnswerShown, Effect
from bot.store import tables as t
from bot.store.crypto import Cipher

Key = tuple[date, str, str, str, str]  # day, commune, topic, what, followed_by
COUNTED = (AnswerShown, AnswerFollowed)
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class TopicFeedback:
    """An answer over some days. `followed_by`: what came next -> how often; `shown` less their sum: nothing came."""

    topic: str
    shown: int = 0
    useful: int = 0
    not_useful: int = 0
    followed_by: Mapping[str, int] = field(default_factory=dict)


class Tally:
    """Counts of this process that are not written yet; shared by its threads."""

    def __init__(self) -> None:
        self._counts: Counter[Key] = Counter()
        self._lock = Lock()

    def add(self, keys: Iterable[Key]) -> None:
        """After the commit of the turn that they are of."""
        with self._lock:
            self._counts.update(keys)

    def taken(self) -> Counter[Key]:
        """All of them; they are gone from here. Whoever cannot write them gives them back with `put_back`."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
            return counts

    def put_back(self, counts: Counter[Key]) -> None:
        """They were not written after all."""
        with self._lock:
            self._counts.update(counts)


def key_of(effect: Effect, now: datetime) -> Key:
    """Where an effect is counted; `now` is local: days are reckoned by it. TypeError for one that is not counted."""
    if isinstance(effect, AnswerShown):
        return now.date(), effect.commune, effect.topic[:_LONGEST], "shown", ""
    if isinstance(effect, AnswerFollowed):
        return now.date(), effect.commune, effect.topic[:_LONGEST], "followed", effect.by[:_LONGEST]
    if isinstance(effect, AnswerJudged):
        return now.date(), effect.commune, effect.topic[:_LONGEST], "useful" if effect.useful else "not_useful", ""
    raise TypeError(f"{type(effect).__name__}: it says nothing about an answer: apply it elsewhere.")


def count(db: Connection, _cipher: Cipher, _contact: int, effect: Effect, now: datetime) -> None:
    """One of them, at once."""
    write(db, {key_of(effect, now): 1})


def write(db: Connection, counts: Mapping[Key, int]) -> None:
    """Add to what is there."""
    c = t.feedback.c
    for key, times in sorted(counts.items()):
        day, commune, topic, what, by = key
        same = (c.day == day) & (c.commune == commune) & (c.topic == topic) & (c.what == what) & (c.followed_by == by)
        if db.execute(t.feedback.update().where(same).values(times=c.times + times)).rowcount == 0:
            values = {"day": day, "commune": commune, "topic": topic, "what": what, "followed_by": by}
            db.execute(t.feedback.insert().values(**values, times=times))


def flush(engine: Engine, tally: Tally) -> None:
    """Write what was counted; nothing to do costs nothing, and a fault loses no count."""
    counts = tally.taken()
    if not counts:
        return
    try:
        with engine.begin() as connection:
            write(connection, counts)
    except Exception:
        tally.put_back(counts)
        raise


def read(db: Connection, since: date, until: date, communes: Iterable[str] | None = None) -> tuple[TopicFeedback, ...]:
    """Topics over these days (both included), the most shown first. `communes`: None is all, "" is nobody's."""
    c = t.feedback.c
    query = select(c.topic, c.what, c.followed_by, func.sum(c.times)).where(c.day >= since, c.day <= until)
    if communes is not None:
        query = query.where(c.commune.in_(sorted(set(communes))))
    sums: dict[str, dict[str, int]] = {}
    nexts: dict[str, dict[str, int]] = {}
    for topic, what, by, times in db.execute(query.group_by(c.topic, c.what, c.followed_by)):
        here = sums.setdefault(topic, {})
        here[what] = here.get(what, 0) + int(times)
        if what == "followed":
            nexts.setdefault(topic, {})[by] = int(times)
    found = (
        TopicFeedback(topic, n.get("shown", 0), n.get("useful", 0), n.get("not_useful", 0), nexts.get(topic, {}))
        for topic, n in sums.items()
    )
    return tuple(sorted(found, key=lambda f: (-f.shown, f.topic)))
