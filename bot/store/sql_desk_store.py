"""The store that serves the desk, too."""

from collections.abc import Iterator
from contextlib import contextmanager

from bot.store.sql import BUSY_MS, SqlStore, SqlUnit
from bot.store.sql_announcing import Announcing, announcing
from bot.store.sql_desk import SqlDesk
from bot.store.sql_desk_people import reindex
from bot.store.wal import empty_log


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
