"""The desk's store over one connection: a part a noun, and the audit."""

from collections.abc import Iterable
from datetime import datetime, tzinfo
from functools import cached_property

from sqlalchemy import Connection, select

from bot.store import desk_tables as d
from bot.store import tables as t
from bot.store.crypto import Cipher
from bot.store.desk_port import Audited
from bot.store.sql_announcing import Announcing, announcing
from bot.store.sql_desk_classes import SqlClasses
from bot.store.sql_desk_officers import SqlOfficers
from bot.store.sql_desk_people import SqlPeople
from bot.store.sql_desk_today import SqlToday
from bot.store.sql_desk_walkin import SqlWalkIns
from bot.store.sql_desk_work import SqlWork


class SqlDesk:
    """What the desk asks and changes within one transaction. `erased`: the log must be emptied after the commit."""

    def __init__(self, connection: Connection, cipher: Cipher, zone: tzinfo) -> None:
        self._db = connection
        self._cipher = cipher
        self._zone = zone
        self.erased = False

    @cached_property
    def officers(self) -> SqlOfficers:
        """Officers, their links, sessions and chats."""
        return SqlOfficers(self._db, self._cipher, self._zone)

    @cached_property
    def people(self) -> SqlPeople:
        """The list and single registrations, to look at."""
        return SqlPeople(self._db, self._cipher, self._zone)

    @cached_property
    def work(self) -> SqlWork:
        """What officers do to registrations."""
        return SqlWork(self._db, self._cipher)

    @cached_property
    def walk_ins(self) -> SqlWalkIns:
        """People entered at the office."""
        return SqlWalkIns(self._db, self._cipher)

    @cached_property
    def classes(self) -> SqlClasses:
        """Classes, seats, posters."""
        return SqlClasses(self._db)

    @cached_property
    def today(self) -> SqlToday:
        """What waits, in numbers."""
        return SqlToday(self._db, self._cipher, self._zone)

    @cached_property
    def announcing(self) -> Announcing:
        """Announcements, whom they are for, their rows."""
        return announcing(self._db, self._cipher, self._zone)

    def served(self) -> frozenset[str]:
        """Communes served here."""
        codes = self._db.execute(select(t.served_places.c.code)).scalars()
        return frozenset(c for c in codes if len(c) == 5)

    def audit(self, officer: int | None, act: str, subject: str, now: datetime) -> None:
        """Write down who did what: `officer` None is the command line; `subject` a kind and a number ("lead:12")."""
        self._db.execute(d.audit.insert().values(at=now, officer_id=officer, act=act[:40], subject=subject[:60]))

    def opened(self, officer: int, subject: str, since: datetime) -> bool:
        """Whether this officer opened it since then."""
        a = d.audit.c
        mine = (a.officer_id == officer) & (a.subject == subject) & (a.act == "opened") & (a.at >= since)
        return self._db.execute(select(a.id).where(mine).limit(1)).first() is not None

    def audited(
        self, *, before: int = 0, officer: int | None = None, most: int = 100
    ) -> tuple[tuple[int, Audited], ...]:
        """The newest first, with their numbers; `before` goes on from there."""
        a = d.audit.c
        query = select(d.audit).order_by(a.id.desc()).limit(most)
        query = query.where(a.id < before) if before else query
        query = query.where(a.officer_id == officer) if officer is not None else query
        rows: Iterable[object] = self._db.execute(query)
        return tuple(
            (r.id, Audited(r.at.astimezone(self._zone), r.officer_id, r.act, r.subject))  # type: ignore[attr-defined]
            for r in rows
        )
