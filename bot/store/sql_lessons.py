"""Lessons: taught, replaced, taken back, promoted to all communes; each act with who and when."""

from collections.abc import Iterable, Sequence
from datetime import tzinfo
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.exc import IntegrityError

from bot.local import LOCAL, LocalBook
from bot.store import learning_tables as lt
from bot.store.crypto import Cipher
from bot.store.desk_port import Scope
from bot.store.learning_port import Done, Lesson, Taken
from bot.store.sql_desk_work import Doer, NotYours
from bot.store.sql_leads import made_id
from bot.store.sql_local import read as read_book
from bot.store.sql_questions import SqlQuestions
from intents.near import key

ALL = ""  # in the place of a commune: everywhere


class SqlLessons:
    """Every change raises NotYours outside the doer's scope."""

    def __init__(self, connection: Connection, cipher: Cipher, zone: tzinfo) -> None:
        self._db = connection
        self._cipher = cipher
        self._zone = zone
        self.questions = SqlQuestions(connection, cipher)

    def teach(
        self, doer: Doer, target: str, phrases: Sequence[str], communes: Iterable[str], *, instead: Iterable[int] = ()
    ) -> int:
        """A new lesson's number; the same taught again is the lesson that is there.

        Raises Taken when these words mean something else there already, unless that lesson is named in `instead`.
        """
        places = sorted(set(communes))
        self._may(doer, places)
        known = self.taught(phrases, places)
        same = [lesson for lesson in known if lesson.target == target]
        others = [lesson.id for lesson in known if lesson.target != target]
        if set(others) - set(instead):
            raise Taken(f"lessons {others}: they teach these words otherwise.")
        digests = {self._digest(phrase): phrase for phrase in phrases}
        for lesson in others:
            self._stop(lesson, places, digests)
            self.record(doer, "replaced", lesson=lesson, commune=places[0])
        lesson = same[0].id if same else self._made(doer, target)
        try:
            with self._db.begin_nested():
                for place in places:
                    for digest, phrase in digests.items():
                        self._add(lesson, place, phrase, digest)
        except IntegrityError as fault:
            raise Taken("these words were taught at the same moment.") from fault
        self.record(doer, "taught", lesson=lesson, commune=places[0])
        return lesson

    def taught(self, phrases: Iterable[str], communes: Iterable[str]) -> tuple[Lesson, ...]:
        """The lessons in force that teach one of these wordings in one of these communes."""
        p = lt.lesson_phrases.c
        mine = p.text_digest.in_([self._digest(phrase) for phrase in phrases]) & p.commune.in_(list(communes))
        found = self._db.execute(select(p.lesson_id).where(mine, p.active).distinct()).scalars()
        return self._read(lt.lessons.c.id.in_(list(found)))

    def book(self) -> LocalBook:
        """All that was taught, as turns look at it."""
        return read_book(self._db, self._cipher)

    def all(self, scope: Scope, *, most: int = 200) -> tuple[Lesson, ...]:
        """Those that were ever taught for this officer's communes or for all, the newest first."""
        return self._read(self._seen(scope), most)

    def one(self, scope: Scope, lesson: int) -> Lesson:
        """By number. Raises NotYours."""
        found = self._read((lt.lessons.c.id == lesson) & self._seen(scope))
        if not found:
            raise NotYours(f"lesson {lesson}")
        return found[0]

    def withdraw(self, doer: Doer, lesson: int) -> None:
        """No longer so in the doer's communes (an admin: anywhere); its questions wait again."""
        found = self.one(doer.scope, lesson)
        mine = [c for c in found.communes if doer.scope.communes is None or c in doer.scope.communes]
        if not mine:
            raise NotYours(f"lesson {lesson}")
        self._stop(lesson, mine, None)
        self.questions.reopen_lesson(lesson)
        self.record(doer, "withdrawn", lesson=lesson, commune=mine[0])

    def promote(self, doer: Doer, lesson: int) -> None:
        """From now on in all communes. Raises Taken when another lesson holds everywhere for these words."""
        if doer.scope.communes is not None:
            raise NotYours(f"lesson {lesson}")
        found = self.one(doer.scope, lesson)
        if not found.communes:
            raise NotYours(f"lesson {lesson}")
        others = [o.id for o in self.taught(found.phrases, [ALL]) if o.id != lesson and o.target != found.target]
        if others:
            raise Taken(f"lessons {others}: they teach these words everywhere.")
        for phrase in found.phrases:
            self._add(lesson, ALL, phrase, self._digest(phrase))
        self.record(doer, "promoted", lesson=lesson)

    def history(self, scope: Scope, *, most: int = 200) -> tuple[Done, ...]:
        """Who did what when, the newest first."""
        h = lt.learning_history.c
        query = select(lt.learning_history).order_by(h.id.desc()).limit(most)
        if scope.communes is not None:
            query = query.where(h.commune.in_([ALL, *sorted(scope.communes)]))
        rows = self._db.execute(query)
        return tuple(
            Done(r.at.astimezone(self._zone), r.officer_id, r.act, r.lesson_id, r.answer_id, r.commune) for r in rows
        )

    def record(
        self, doer: Doer, act: str, *, lesson: int | None = None, answer: int | None = None, commune: str = ""
    ) -> None:
        """A line of the history, which also tells every process to read anew."""
        values = {"at": doer.now, "officer_id": doer.officer, "act": act, "lesson_id": lesson, "answer_id": answer}
        self._db.execute(lt.learning_history.insert().values(**values, commune=commune))

    def _may(self, doer: Doer, places: list[str]) -> None:
        if not places or (doer.scope.communes is not None and not set(places) <= doer.scope.communes):
            raise NotYours(f"communes {places}")

    def _digest(self, phrase: str) -> str:
        return self._cipher.digest(key(phrase), "lesson_phrase")

    def _made(self, doer: Doer, target: str) -> int:
        return made_id(
            self._db.execute(lt.lessons.insert().values(target=target, officer_id=doer.officer, made_at=doer.now))
        )

    def _add(self, lesson: int, place: str, phrase: str, digest: str) -> None:
        p = lt.lesson_phrases.c
        there = (p.commune == place) & (p.text_digest == digest) & p.active
        if self._db.execute(select(p.id).where(there)).first() is None:
            sealed = self._cipher.seal(phrase, "lesson_phrase.text")
            values = {"lesson_id": lesson, "commune": place, "text": sealed, "text_digest": digest, "active": True}
            self._db.execute(lt.lesson_phrases.insert().values(**values))

    def _stop(self, lesson: int, places: Iterable[str], digests: Iterable[str] | None) -> None:
        p = lt.lesson_phrases.c
        which = (p.lesson_id == lesson) & p.commune.in_(list(places))
        if digests is not None:
            which &= p.text_digest.in_(list(digests))
        self._db.execute(update(lt.lesson_phrases).where(which).values(active=False))

    def _seen(self, scope: Scope) -> Any:
        p = lt.lesson_phrases.c
        theirs = select(p.lesson_id)
        if scope.communes is not None:
            theirs = theirs.where(p.commune.in_([ALL, *sorted(scope.communes)]))
        return lt.lessons.c.id.in_(theirs)

    def _read(self, where: Any, most: int = 500) -> tuple[Lesson, ...]:
        rows = self._db.execute(select(lt.lessons).where(where).order_by(lt.lessons.c.id.desc()).limit(most)).all()
        p = lt.lesson_phrases.c
        said = select(lt.lesson_phrases).where(p.lesson_id.in_([r.id for r in rows])).order_by(p.id)
        phrases: dict[int, dict[str, bytes]] = {}
        places: dict[int, dict[str, None]] = {}
        for r in self._db.execute(said):
            phrases.setdefault(r.lesson_id, {}).setdefault(r.text_digest, r.text)
            if r.active:
                places.setdefault(r.lesson_id, {})[r.commune] = None
        return tuple(
            Lesson(
                r.id,
                r.target,
                tuple(self._cipher.open(text, "lesson_phrase.text") for text in phrases.get(r.id, {}).values()),
                tuple(places.get(r.id, ())),
                r.officer_id,
                r.made_at.astimezone(self._zone),
            )
            for r in rows
        )


def answer_of(target: str) -> int | None:
    """The number of the local answer that a lesson leads to, None for a topic."""
    return int(target.removeprefix(LOCAL)) if target.startswith(LOCAL) else None
