"""The store that serves the desk, too."""

import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import func, select

from bot.model import LEAD_OVER
from bot.store.engines import BUSY_MS
from bot.store.follow_port import Windows
from bot.store.follow_tables import follow_ups
from bot.store.lead_records import joined, record
from bot.store.port import LeadRecord
from bot.store.sql import SqlStore, SqlUnit
from bot.store.sql_announcing import Announcing, announcing
from bot.store.sql_desk import SqlDesk
from bot.store.sql_desk_people import reindex
from bot.store.sql_follow import SqlFollow
from bot.store.sql_health import Stored, look, server_time
from bot.store.tables import leads
from bot.store.wal import empty_log

RECEIPT = "HN-"


class SqlDeskStore(SqlStore):
    """`SqlStore` with the desk's tables."""

    @contextmanager
    def desk(self) -> Iterator[SqlDesk]:
        """One transaction over the desk's tables."""
        with self.engine.begin() as connection:
            unit = SqlDesk(connection, self._cipher, self._zone)
            yield unit
        self.kept.forget()  # a class may have been changed
        if unit.erased:
            empty_log(self.engine, BUSY_MS)

    @contextmanager
    def reading(self) -> Iterator[SqlDesk]:
        """The same to look only: it waits for no writer and lets none wait."""
        with self.engine.connect().execution_options(reading=True) as connection, connection.begin():
            yield SqlDesk(connection, self._cipher, self._zone)

    @property
    def kind(self) -> str:
        """sqlite | postgresql."""
        return self.engine.dialect.name

    def health(self, leader: str, now: datetime, before: Stored | None = None) -> Stored:
        """How the rows say that the program is; `leader`: the lease of the background work (`sql_health.look`)."""
        return look(self.engine, leader, now, before)

    def server_time(self) -> datetime | None:
        """The database server's clock, None for SQLite."""
        return server_time(self.engine)

    def due(self, windows: Windows, most: int, after: int = 0) -> tuple[int, ...]:
        """Leads beyond `after` that something may be due for: looked for beside everything else, no turn waits."""
        with self.engine.connect().execution_options(reading=True) as connection, connection.begin():
            return SqlFollow(connection, self._cipher, self._zone).candidates(windows, most, after)

    def calls_waiting(self) -> int:
        """Reminders and surveys that are on an officer's call list."""
        f = follow_ups.c
        with self.engine.connect().execution_options(reading=True) as connection, connection.begin():
            waiting = select(func.count()).where(f.way == "call", f.done_at.is_(None))
            return int(connection.execute(waiting).scalar_one())

    def paper_token(self, receipt: str, until: datetime) -> str:
        """What a link to somebody's request form carries: the receipt, its last second, a keyed seal over both."""
        last = int(until.timestamp())
        return f"{receipt.removeprefix(RECEIPT)}-{last}-{self._cipher.digest(f'{receipt}-{last}', 'paper.link')}"

    def paper_of(self, token: str, now: datetime) -> LeadRecord | None:
        """The registration of a link that is whole and not run out; None for any other, or when it is gone."""
        parts = token.split("-")
        if len(parts) != 3 or not (parts[1].isascii() and parts[1].isdigit() and len(parts[1]) < 16):
            return None
        receipt, last = RECEIPT + parts[0], int(parts[1])
        genuine = self._cipher.digest(f"{receipt}-{last}", "paper.link")
        if not hmac.compare_digest(genuine.encode(), parts[2].encode()) or now.timestamp() > last:
            return None
        with self.engine.connect().execution_options(reading=True) as connection, connection.begin():
            row = connection.execute(joined().where(leads.c.receipt == receipt)).mappings().first()
            over = row is None or row["state"] in LEAD_OVER
            return None if over or row is None else record(self._cipher, row, self._zone, frozenset())

    @contextmanager
    def announcing(self) -> Iterator[Announcing]:
        """One transaction over announcements."""
        with self.engine.begin() as connection:
            yield announcing(connection, self._cipher, self._zone)

    def index_people(self) -> int:
        """People from before there were search words get theirs; how many. Nothing to do is one look."""
        done = 0
        while True:
            with self.engine.begin() as connection:
                found = reindex(connection, self._cipher, self._zone)
            if not found:
                return done
            done += found


def desk_of(unit: SqlUnit) -> SqlDesk:
    """The desk's tables within a turn's transaction."""
    return SqlDesk(unit._db, unit._cipher, unit._zone)
