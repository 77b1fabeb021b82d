"""How long each kind is kept, and how much there is: a part of the unit of work."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, tzinfo

from sqlalchemy import Connection, func, select

from bot.store import folding
from bot.store import tables as t
from bot.store.crypto import Cipher
from bot.store.retiring import retire
from bot.store.turn_rows import TurnRows


class Retention:
    """Over the unit's connection; `erased`: the log is to be emptied after the commit."""

    _db: Connection
    _cipher: Cipher
    _zone: tzinfo
    erased: bool
    rows: TurnRows

    def counts(self) -> Mapping[str, int]:
        """One count a table."""
        self.rows.write()
        return {
            table.name: int(self._db.execute(select(func.count()).select_from(table)).scalar_one())
            for table in t.metadata.sorted_tables
        }

    def retention(self) -> Mapping[str, int]:
        """As the migration set it, or as it was changed."""
        return {r.kind: r.days for r in self._db.execute(select(t.retention.c.kind, t.retention.c.days))}

    def set_retention(self, kind: str, days: int) -> None:
        """KeyError for a kind that is not in the table."""
        done = self._db.execute(t.retention.update().where(t.retention.c.kind == kind).values(days=days))
        if done.rowcount == 0:
            raise KeyError(kind)

    def retire(self, now: datetime) -> Mapping[str, int]:
        """See `retiring`."""
        self.rows.write()
        limit: Callable[[str], datetime] = lambda kind: now - timedelta(days=self.retention()[kind])  # noqa: E731
        self.erased = True
        folding.fold(self._db, self._cipher, self._zone)
        folding.keep_figures(self._db, self._cipher, self._zone, limit)
        return retire(self._db, limit)
