"""Local answers and offices: every version kept, the newest said; nobody writes over what they have not seen."""

from datetime import tzinfo
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from bot.local import Office
from bot.store import learning_tables as lt
from bot.store.desk_port import Scope
from bot.store.learning_port import NEW, OfficeCard, Outdated, Wording
from bot.store.sql_desk_work import Doer, NotYours
from bot.store.sql_leads import made_id
from bot.store.sql_lessons import SqlLessons


class SqlWordings:
    """Answers by number, offices by commune."""

    def __init__(self, connection: Connection, lessons: SqlLessons, zone: tzinfo) -> None:
        self._db = connection
        self._lessons = lessons
        self._zone = zone

    def write(self, doer: Doer, commune: str, text: str, source: str) -> int:
        """A new answer's number; `commune` is whose word it is ("": all officers')."""
        if not (doer.scope.communes is None or commune in doer.scope.communes):
            raise NotYours(f"commune {commune}")
        number = made_id(self._db.execute(lt.local_answers.insert().values(commune=commune)))
        self._version(doer, number, NEW + 1, text, source)
        self._lessons.record(doer, "answered", answer=number, commune=commune)
        return number

    def rewrite(self, doer: Doer, answer: int, version: int, text: str, source: str) -> None:
        """The next version after `version`, which the officer saw. Raises Outdated when there is a newer one."""
        current = self.versions(doer.scope, answer)[0]
        if not (doer.scope.communes is None or current.commune in doer.scope.communes):
            raise NotYours(f"answer {answer}")
        if current.version != version:
            raise Outdated(f"answer {answer}: version {version} is not the newest.")
        self._version(doer, answer, version + 1, text, source)
        self._lessons.record(doer, "rewritten", answer=answer, commune=current.commune)

    def _version(self, doer: Doer, answer: int, version: int, text: str, source: str) -> None:
        values = {"answer_id": answer, "version": version, "text": text, "source": source}
        self._insert(lt.local_answer_texts, {**values, "officer_id": doer.officer, "at": doer.now})

    def versions(self, scope: Scope, answer: int) -> tuple[Wording, ...]:
        """Every wording, the newest first. Raises NotYours for an answer of communes out of scope."""
        w, a = lt.local_answer_texts.c, lt.local_answers.c
        query = select(lt.local_answer_texts, a.commune).join(lt.local_answers).where(w.answer_id == answer)
        rows = self._db.execute(query.order_by(w.version.desc())).all()
        if not rows or not (rows[0].commune == "" or scope.covers(rows[0].commune)):
            raise NotYours(f"answer {answer}")
        return tuple(self._wording(r) for r in rows)

    def newest(self) -> dict[int, Wording]:
        """The wording that is said, by answer."""
        w, a = lt.local_answer_texts.c, lt.local_answers.c
        rows = self._db.execute(
            select(lt.local_answer_texts, a.commune).join(lt.local_answers).order_by(w.answer_id, w.version)
        )
        return {r.answer_id: self._wording(r) for r in rows}

    def _wording(self, r: Any) -> Wording:
        at = r.at.astimezone(self._zone)
        return Wording(r.answer_id, r.version, r.text, r.source, r.commune, r.officer_id, at)

    def office(self, commune: str) -> OfficeCard:
        """The newest card of a commune."""
        return self.offices(commune)[0]

    def offices(self, commune: str) -> tuple[OfficeCard, ...]:
        """All its cards, the newest first; at least an empty one of version NEW."""
        o = lt.offices.c
        rows = self._db.execute(select(lt.offices).where(o.commune == commune).order_by(o.version.desc()))
        cards = [
            OfficeCard(
                r.commune,
                r.version,
                Office(r.name, r.phone, r.address, r.hours),
                r.officer_id,
                r.at.astimezone(self._zone),
            )
            for r in rows
        ]
        return tuple(cards) or (OfficeCard(commune, NEW, Office()),)

    def save_office(self, doer: Doer, commune: str, version: int, office: Office) -> None:
        """The next card after the one the officer saw. Raises Outdated, NotYours."""
        if not doer.scope.covers(commune):
            raise NotYours(f"office of {commune}")
        if self.office(commune).version != version:
            raise Outdated(f"office of {commune}: version {version} is not the newest.")
        said = {"name": office.name, "phone": office.phone, "address": office.address, "hours": office.hours}
        values = {"commune": commune, "version": version + 1, **said, "officer_id": doer.officer, "at": doer.now}
        self._insert(lt.offices, values)
        self._lessons.record(doer, "office", commune=commune)

    def _insert(self, table: Any, values: dict[str, Any]) -> None:
        try:
            with self._db.begin_nested():
                self._db.execute(table.insert().values(**values))
        except IntegrityError as fault:
            raise Outdated("the same version was written at the same moment.") from fault
