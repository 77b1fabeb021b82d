"""The desk's store over one connection: a part a noun, and the audit."""

from collections.abc import Iterable
from datetime import date, datetime, tzinfo
from functools import cached_property

from sqlalchemy import Connection, select

from bot.store import desk_tables as d
from bot.store import sql_feedback
from bot.store import tables as t
from bot.store.crypto import Cipher
from bot.store.desk_port import Audited
from bot.store.sql_announcing import Announcing, announcing
from bot.store.sql_desk_classes import SqlClasses
from bot.store.sql_desk_follow import SqlFollowUps
from bot.store.sql_desk_officers import SqlOfficers
from bot.store.sql_desk_people import SqlPeople
from bot.store.sql_desk_today import SqlToday
from bot.store.sql_desk_walkin import SqlWalkIns
from bot.store.sql_desk_work import SqlWork
from bot.store.sql_feedback import TopicFeedback
from bot.store.sql_figures import SqlFigures
from bot.store.sql_forwarding import SqlForwarding
from bot.store.sql_inbox import SqlInbox
from bot.store.sql_incident import SqlIncident
from bot.store.sql_intake import SqlIntake
from bot.store.sql_lessons import SqlLessons
from bot.store.sql_notices import SqlNotices
from bot.store.sql_rights import SqlRights
from bot.store.sql_saved import SqlSavedReplies
from bot.store.sql_sheet import SqlSheet
from bot.store.sql_wordings import SqlWordings
from knowledge.dated import COMMUNE_DIGITS


class SqlDesk:
    """What the desk asks and changes within one transaction."""

    def __init__(self, connection: Connection, cipher: Cipher, zone: tzinfo) -> None:
        self._db = connection
        self._cipher = cipher
        self._zone = zone
        self._must_forget = False

    @property
    def erased(self) -> bool:
        """Whether somebody was erased: the database's log must be emptied after the commit."""
        return self.rights.erased or self._must_forget

    def must_forget(self) -> None:
        """Something personal was deleted that the log may still hold."""
        self._must_forget = True

    @cached_property
    def officers(self) -> SqlOfficers:
        """Officers, their links, sessions and chats."""
        return SqlOfficers(self._db, self._cipher, self._zone)

    @cached_property
    def incident(self) -> SqlIncident:
        """What is asked and closed after a leak."""
        return SqlIncident(self._db, self._cipher, self._zone)

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
    def sheet(self) -> SqlSheet:
        """The list read for a workbook."""
        return SqlSheet(self._db, self._cipher, self._zone)

    @cached_property
    def intake(self) -> SqlIntake:
        """Old workbooks taken in."""
        return SqlIntake(self._db, self._cipher, self._zone)

    @cached_property
    def forwarding(self) -> SqlForwarding:
        """Recipients, and what was sent to them."""
        return SqlForwarding(self._db, self._cipher, self._zone)

    @cached_property
    def rights(self) -> SqlRights:
        """Somebody's own data: the file, erasure, requests and their days."""
        return SqlRights(self._db, self._cipher, self._zone)

    @cached_property
    def notices(self) -> SqlNotices:
        """Officers' chats that are told of new registrations."""
        return SqlNotices(self._db, self._cipher, self._zone)

    @cached_property
    def follow(self) -> SqlFollowUps:
        """Calls to make, survey answers, the request form."""
        return SqlFollowUps(self._db, self._cipher, self._zone)

    @cached_property
    def lessons(self) -> SqlLessons:
        """Unanswered questions and what officers taught."""
        return SqlLessons(self._db, self._cipher, self._zone)

    @cached_property
    def wordings(self) -> SqlWordings:
        """Local answers and offices."""
        return SqlWordings(self._db, self.lessons, self._zone)

    @cached_property
    def figures(self) -> SqlFigures:
        """Numbers of a period."""
        return SqlFigures(self._db, self._cipher, self._zone)

    @cached_property
    def inbox(self) -> SqlInbox:
        """People who asked for an officer, and their talks."""
        return SqlInbox(self._db, self._cipher, self._zone)

    @cached_property
    def saved(self) -> SqlSavedReplies:
        """What officers often answer."""
        return SqlSavedReplies(self._db)

    def feedback(self, since: date, until: date, communes: Iterable[str] | None = None) -> tuple[TopicFeedback, ...]:
        """Whether answers were useful, over these days (both included); `communes` None is all, "" is nobody's."""
        return sql_feedback.read(self._db, since, until, communes)

    @cached_property
    def announcing(self) -> Announcing:
        """Announcements, whom they are for, their rows."""
        return announcing(self._db, self._cipher, self._zone)

    def served(self) -> frozenset[str]:
        """Communes served here."""
        codes = self._db.execute(select(t.served_places.c.code)).scalars()
        return frozenset(c for c in codes if len(c) == COMMUNE_DIGITS)

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
