"""Statements of the hot path: built by SQLAlchemy once for each kind of database, run on the driver's own cursor.

Building, hashing and looking up a Core statement costs a third of a millisecond at every execution; a turn has a dozen
of them, and the work itself takes a twentieth of that (docs/adr/0008).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.types import TypeEngine

from bot.store.tables import Moment

_Processor = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Compiled:
    """`names`: the binds in order; `constants`: those whose value stands in the statement; `binds`, `results`: what
    makes a value what the column keeps, or the other way round, by position.
    """

    sql: str
    names: tuple[str, ...]
    constants: dict[str, Any]
    binds: tuple[tuple[int, _Processor], ...]
    results: tuple[tuple[int, _Processor], ...]
    positional: bool

    def parameters(self, values: dict[str, Any]) -> Any:
        """As the driver takes them: values made what the column's type keeps, in order or by name."""
        if self.constants:
            values = values | self.constants
        made = [values[name] for name in self.names]
        for at, process in self.binds:
            made[at] = process(made[at])
        return made if self.positional else dict(zip(self.names, made, strict=True))


class Prepared:
    """A statement whose values are `bindparam`s. `values` of each run are given by those names."""

    def __init__(self, statement: Select[Any] | UpdateBase) -> None:
        self._statement = statement
        self._by_dialect: dict[str, _Compiled] = {}

    def rows(self, db: Connection, **values: Any) -> list[tuple[Any, ...]]:
        """All rows of a select, or of what an insert or update gives back."""
        compiled = self._compiled(db.dialect)
        cursor = self._execute(db, compiled, values)
        found = cursor.fetchall()
        cursor.close()
        return [_row(row, compiled.results) for row in found] if compiled.results else found

    def first(self, db: Connection, **values: Any) -> tuple[Any, ...] | None:
        """The first row, None when there is none."""
        compiled = self._compiled(db.dialect)
        cursor = self._execute(db, compiled, values)
        found = cursor.fetchall()  # all of them: a statement that is not read to its end holds its table
        cursor.close()
        if not found:
            return None
        row: tuple[Any, ...] = found[0]
        return _row(row, compiled.results) if compiled.results else row

    def made(self, db: Connection, **values: Any) -> int:
        """The number of the row that an insert made and gives back."""
        row = self.first(db, **values)
        assert row is not None  # noqa: S101 - an insert that did not raise gives its row back
        return int(row[0])

    def run(self, db: Connection, **values: Any) -> int:
        """Execute; how many rows it changed."""
        cursor = self._execute(db, self._compiled(db.dialect), values)
        changed = cursor.rowcount
        cursor.close()
        return int(changed)

    def run_many(self, db: Connection, rows: Sequence[dict[str, Any]]) -> int:
        """Execute for each of these values; how many rows all of them changed."""
        if not rows:
            return 0
        compiled = self._compiled(db.dialect)
        cursor = _driver(db).cursor()
        cursor.executemany(compiled.sql, [compiled.parameters(values) for values in rows])
        changed = cursor.rowcount
        cursor.close()
        return int(changed)

    @staticmethod
    def _execute(db: Connection, compiled: _Compiled, values: dict[str, Any]) -> Any:
        return _driver(db).execute(compiled.sql, compiled.parameters(values))

    def _compiled(self, dialect: Dialect) -> _Compiled:
        found = self._by_dialect.get(dialect.name)
        if found is None:
            found = self._by_dialect[dialect.name] = _compile(self._statement, dialect)
        return found


def _driver(db: Connection) -> Any:
    """The driver's own connection; those of sqlite3 and psycopg both make a cursor in `execute`."""
    return db.connection.dbapi_connection


def _compile(statement: Any, dialect: Dialect) -> _Compiled:
    compiled = statement.compile(dialect=dialect)
    if "POSTCOMPILE" in str(compiled):
        raise TypeError(f"{statement}: a list of values cannot be prepared: write one condition for each.")
    names = tuple(compiled.positiontup or compiled.binds)
    binds, constants = [], {}
    for at, name in enumerate(names):
        bind = compiled.binds[name]
        process = _processor(bind.type, dialect)
        if process is not None:
            binds.append((at, process))
        if not bind.required:
            constants[name] = bind.value
    columns: Sequence[Any] = tuple(getattr(statement, "exported_columns", ()) or ())
    results = [(at, c.type.dialect_impl(dialect).result_processor(dialect, None)) for at, c in enumerate(columns)]
    return _Compiled(
        str(compiled),
        names,
        constants,
        tuple(binds),
        tuple((at, process) for at, process in results if process is not None),
        bool(compiled.positional),
    )


def _processor(kind: TypeEngine[Any], dialect: Dialect) -> _Processor | None:
    process = kind.dialect_impl(dialect).bind_processor(dialect)
    if process is None or not isinstance(kind, Moment):
        return process
    return _moments.setdefault(dialect.name, _remembering(process))


_moments: dict[str, _Processor] = {}


def _remembering(process: _Processor) -> _Processor:
    """One turn hands the same moment to a dozen statements: what it was made into is kept until another one comes."""
    last: tuple[Any, Any] = (None, None)

    def remembered(value: Any) -> Any:
        nonlocal last
        known, result = last
        if known is not value:
            result = process(value)
            last = (value, result)
        return result

    return remembered


def _row(row: Sequence[Any], results: Sequence[tuple[int, _Processor]]) -> tuple[Any, ...]:
    made = list(row)
    for at, process in results:
        made[at] = process(made[at])
    return tuple(made)
