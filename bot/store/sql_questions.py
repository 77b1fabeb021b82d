"""Questions that nobody could answer, as the desk sees them, and what people asked lately, to try lessons against."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select, true, update

from bot.dialogue.scrubbing import scrub
from bot.store import tables as t
from bot.store.crypto import Cipher
from bot.store.desk_port import Scope
from bot.store.learning_port import Asked, Settled

NOWHERE = ""  # the asker's commune was not known: every officer may answer
MOST = 1_500
MOST_RECENT = 3_000


def seen(scope: Scope) -> ColumnElement[bool]:
    """Questions of this officer's communes, and those of nowhere."""
    commune = t.unanswered.c.commune
    return true() if scope.communes is None else commune.in_([NOWHERE, *sorted(scope.communes)])


class SqlQuestions:
    """The questions; their texts were scrubbed before they were kept, and are once more by what is known today."""

    def __init__(self, connection: Connection, cipher: Cipher) -> None:
        self._db = connection
        self._cipher = cipher

    def all(self, scope: Scope, *, most: int = MOST) -> tuple[Asked, ...]:
        """The newest of them, whatever became of each."""
        c = t.unanswered.c
        rows = self._db.execute(select(t.unanswered).where(seen(scope)).order_by(c.id.desc()).limit(most))
        return tuple(self._asked(r) for r in rows.mappings())

    def some(self, scope: Scope, numbers: Iterable[int]) -> tuple[Asked, ...]:
        """These, as far as this officer may see them."""
        c = t.unanswered.c
        rows = self._db.execute(select(t.unanswered).where(c.id.in_(list(numbers)), seen(scope)).order_by(c.id))
        return tuple(self._asked(r) for r in rows.mappings())

    def settle(self, scope: Scope, numbers: Iterable[int], settled: Settled, lesson: int | None = None) -> int:
        """What became of these; how many."""
        chosen = t.unanswered.c.id.in_(list(numbers)) & seen(scope)
        return self._db.execute(update(t.unanswered).where(chosen).values(settled=settled, lesson_id=lesson)).rowcount

    def reopen_lesson(self, lesson: int) -> None:
        """The lesson was taken back: its questions wait again."""
        theirs = t.unanswered.c.lesson_id == lesson
        self._db.execute(update(t.unanswered).where(theirs).values(settled="", lesson_id=None))

    def waiting(self, scope: Scope) -> int:
        """How many rows wait: for the first page."""
        c = t.unanswered.c
        rows = self._db.execute(select(c.id).where(seen(scope), c.settled == "").limit(MOST))
        return len(rows.all())

    def recent(self, since: datetime, *, most: int = MOST_RECENT) -> tuple[str, ...]:
        """What people wrote lately, each once, unscrubbed: to try a lesson against, never to be listed."""
        m = t.messages.c
        query = select(m.body).where(m.outgoing.is_(False), m.at >= since).order_by(m.id.desc()).limit(most)
        said = (self._cipher.open(body, "message.body") for body in self._db.execute(query).scalars())
        return tuple(dict.fromkeys(said))

    def _asked(self, row: object) -> Asked:
        text = scrub(self._cipher.open(row["text"], "unanswered.text"))  # type: ignore[index]
        return Asked(text=text, **{n: row[n] for n in ("id", "decision", "commune", "at", "settled")})  # type: ignore[index]
