"""Every row of one database into another, the same on both sides: SQLite and PostgreSQL either way, and copies to keep.

Sealed fields go as they are: the key stays the same. One transaction on the target: all of it is there, or nothing.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Integer, Table, func, select, text

from bot.model import BotError
from bot.store import (  # noqa: F401 - each brings its tables
    announcement_tables,
    desk_tables,
    figures_tables,
    follow_tables,
    learning_tables,
    migrate,
    people_tables,
)
from bot.store.tables import metadata

BATCH = 1_000
_BITS = 2**64
_SEEDED = frozenset({"retention"})  # rows that the migrations make
_SEQUENCE = text("SELECT pg_get_serial_sequence(:t, :c)")


class CopyFault(BotError):
    """What was read is not what was written, or the target holds something already."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A table's rows: how many, and a sum of their fingerprints, whatever their order."""

    rows: int
    sum: int


def tables() -> tuple[Table, ...]:
    """All of them, what is referred to before what refers to it."""
    return tuple(metadata.sorted_tables)


def copy_all(source: Engine, target: Engine, *, replace: bool = False) -> Mapping[str, Counted]:
    """Copy; what each table holds on both sides. Both are at this version's schema (the target is brought there).

    `replace`: what the target holds is given up.

    Raises CopyFault when the target holds a person, a contact or a place, or when a table differs afterwards.
    """
    migrate.upgrade(target)
    with reading(source) as read, target.begin() as write:
        if not replace:
            _must_be_empty(write)
        return fill(read, write, tables())


def fill(read: Connection, write: Connection, every: tuple[Table, ...]) -> Mapping[str, Counted]:
    """These tables' rows in the place of the target's; what each holds on both sides. Raises CopyFault."""
    if write.dialect.name == "sqlite":
        write.execute(text("PRAGMA defer_foreign_keys=ON"))
    for table in reversed(every):
        write.execute(table.delete())  # what the migrations seeded
    copied = {table.name: _copy(table, read, write) for table in every}
    _go_on_counting(read, write, every)
    for table in every:
        found = counted(table, write)
        if found != copied[table.name]:
            raise CopyFault(f"{table.name}: {copied[table.name].rows} rows were read, {found.rows} arrived otherwise.")
    return copied


def reading(engine: Engine) -> Any:
    """A transaction that sees one moment and holds nobody up."""
    level = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    return engine.execution_options(reading=True, **level).begin()


def counted(table: Table, db: Connection) -> Counted:
    """As `Counted`."""
    rows, total = 0, 0
    for row in _rows(table, db):
        rows, total = rows + 1, (total + fingerprint(row)) % _BITS
    return Counted(rows, total)


def fingerprint(row: Any) -> int:
    """Of a row's values in their order: the same on every database."""
    said = repr([bytes(v) if isinstance(v, memoryview) else v for v in row]).encode(errors="surrogatepass")
    return int.from_bytes(hashlib.blake2b(said, digest_size=8).digest(), "big")


def _rows(table: Table, db: Connection) -> Iterator[Any]:
    query = select(table).order_by(*table.primary_key.columns)
    return iter(db.execution_options(yield_per=BATCH).execute(query))


def _copy(table: Table, read: Connection, write: Connection) -> Counted:
    rows, total = 0, 0
    batch: list[dict[str, Any]] = []
    for row in _rows(table, read):
        rows, total = rows + 1, (total + fingerprint(row)) % _BITS
        batch.append(dict(row._mapping))
        if len(batch) == BATCH:
            write.execute(table.insert(), batch)
            batch = []
    if batch:
        write.execute(table.insert(), batch)
    return Counted(rows, total)


def _must_be_empty(db: Connection) -> None:
    for table in tables():
        if table.name in _SEEDED:
            continue
        if db.execute(select(func.count()).select_from(table)).scalar_one():
            raise CopyFault(f"the target holds rows already ({table.name}): give an empty one; nothing was changed.")


def numbered(table: Table) -> bool:
    """Whether the database gives its rows numbers."""
    key = list(table.primary_key.columns)
    return len(key) == 1 and isinstance(key[0].type, Integer) and not key[0].foreign_keys


def _go_on_counting(read: Connection, write: Connection, every: tuple[Table, ...]) -> None:
    """A number that was given once, to a row that is gone too, is never given again."""
    for table in filter(numbered, every):
        go_on_from(table, last_given(table, read), write)


def go_on_from(table: Table, last: int, write: Connection) -> None:
    """The next number of a table is beyond `last`."""
    column = next(iter(table.primary_key.columns))
    if last:
        if write.dialect.name == "postgresql":
            name = write.execute(
                text("SELECT pg_get_serial_sequence(:t, :c)"), {"t": table.name, "c": column.name}
            ).scalar()
            if name:
                write.execute(text("SELECT setval(CAST(:s AS regclass), :n)"), {"s": name, "n": last})
        elif _counts(table, write):
            write.execute(text("DELETE FROM sqlite_sequence WHERE name = :t"), {"t": table.name})
            write.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:t, :n)"), {"t": table.name, "n": last})


def _counts(table: Table, db: Connection) -> bool:
    """Whether SQLite keeps the last number of a table by itself (AUTOINCREMENT)."""
    made = text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :t")
    return "AUTOINCREMENT" in str(db.execute(made, {"t": table.name}).scalar() or "").upper()


def last_given(table: Table, db: Connection) -> int:
    """The highest number that a table ever gave, as far as the database knows."""
    column = next(iter(table.primary_key.columns)).name
    highest = int(db.execute(select(func.max(table.c[column]))).scalar() or 0)
    given: Any = 0
    if db.dialect.name == "postgresql":
        name = db.execute(_SEQUENCE, {"t": table.name, "c": column}).scalar()
        last = text(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {name}")  # noqa: S608 - its own name
        given = db.execute(last).scalar() if name else 0
    elif _counts(table, db):
        given = db.execute(text("SELECT seq FROM sqlite_sequence WHERE name = :t"), {"t": table.name}).scalar()
    return max(highest, int(given or 0))


def lease_until(engine: Engine, name: str) -> datetime | None:
    """Until when some process holds a lease; None when nobody does."""
    leases = metadata.tables["leases"]
    with engine.connect().execution_options(reading=True) as db, db.begin():
        found: datetime | None = db.execute(select(leases.c.until).where(leases.c.name == name)).scalar()
    return found
