"""What officers taught, as turns look at it: looked for once a second, read again only when something was taught."""

import math
import time
from typing import Any

from sqlalchemy import Connection, func, select

from bot.local import NOTHING, LocalAnswer, LocalBook, Office
from bot.store import learning_tables as lt
from bot.store.crypto import Cipher
from bot.store.prepared import Prepared
from intents.near import NearBook, Phrase

FRESH_SECONDS = 1.0  # what another process taught is known that much later
# Both: of two who teach at once the one with the lower number may be written last.
_lines = lt.learning_history.c.id
_counted: Any = func.count(_lines)
_NEWEST = Prepared(select(func.max(_lines), _counted))


def read(db: Connection, cipher: Cipher) -> LocalBook:
    """As it stands in the database now."""
    p, a, w, o = lt.lesson_phrases.c, lt.local_answers.c, lt.local_answer_texts.c, lt.offices.c
    taught = select(p.commune, p.text, lt.lessons.c.target).join(lt.lessons).where(p.active).order_by(p.id)
    phrases = [Phrase(r.commune, cipher.open(r.text, "lesson_phrase.text"), r.target) for r in db.execute(taught)]
    written = select(w.answer_id, w.text, w.source, a.commune).join(lt.local_answers).order_by(w.answer_id, w.version)
    answers = {str(r.answer_id): LocalAnswer(r.text, r.source, r.commune) for r in db.execute(written)}
    cards = select(o.commune, o.name, o.phone, o.address, o.hours).order_by(o.commune, o.version)
    offices = {r.commune: Office(r.name, r.phone, r.address, r.hours) for r in db.execute(cards)}
    return LocalBook(NearBook(phrases), answers, offices)


class KeptLocal:
    """What was read last; shared by the threads of a process."""

    def __init__(self) -> None:
        self._book = NOTHING
        self._newest: tuple[int | None, ...] = ()
        self._looked_at = -math.inf

    def get(self, db: Connection, cipher: Cipher) -> LocalBook:
        """At most a second old."""
        now = time.monotonic()
        if now - self._looked_at > FRESH_SECONDS:
            newest = _NEWEST.first(db) or ()
            if newest != self._newest:
                self._book = read(db, cipher) if any(newest) else NOTHING
                self._newest = newest
            self._looked_at = now
        return self._book

    def forget(self) -> None:
        """Something may have been taught: the next turn looks again."""
        self._looked_at = -math.inf
