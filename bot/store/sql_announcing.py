"""One transaction over announcements: what was composed, whom it is for, the ledger."""

from dataclasses import dataclass
from datetime import tzinfo

from sqlalchemy import Connection, select

from bot.model import Course
from bot.store import seats
from bot.store import tables as t
from bot.store.crypto import Cipher
from bot.store.sql_announcements import SqlAnnouncements
from bot.store.sql_audience import SqlAudience
from bot.store.sql_desk_classes import course_of
from bot.store.sql_ledger import SqlLedger


@dataclass(frozen=True, slots=True)
class Announcing:
    """The parts, over one connection."""

    db: Connection
    announcements: SqlAnnouncements
    audience: SqlAudience
    ledger: SqlLedger

    def course(self, number: str) -> Course | None:
        """A class, whatever its state; None for "" or one that is gone."""
        row = self.db.execute(select(t.courses).where(t.courses.c.id == number)).mappings().first() if number else None
        return course_of(row) if row else None

    def free(self, course: str) -> int | None:
        """Seats left; None when they are not counted."""
        return seats.free(self.db, course) if course else None


def announcing(connection: Connection, cipher: Cipher, zone: tzinfo) -> Announcing:
    """Built over a connection."""
    announcements = SqlAnnouncements(connection, cipher, zone)
    audience = SqlAudience(connection, cipher, zone)
    return Announcing(connection, announcements, audience, SqlLedger(connection, cipher, announcements))
