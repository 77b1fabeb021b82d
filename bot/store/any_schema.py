"""Copying a database as it is, whatever version of the program made it: by what stands in it, not by our tables."""

from collections.abc import Mapping

from sqlalchemy import Connection, DateTime, Engine, MetaData, Table, text

from bot.store import copying, migrate
from bot.store.copying import Counted
from bot.store.tables import Moment

VERSION = "alembic_version"


def tables_in(db: Connection) -> tuple[Table, ...]:
    """The tables that are there, what is referred to before what refers to it; types that every database has."""
    found = MetaData()
    found.reflect(db)
    for table in found.sorted_tables:
        for column in table.columns:
            generic = column.type.as_generic()
            column.type = Moment() if isinstance(generic, DateTime) else generic
            column.server_default = None  # in the words of one database
    return tuple(found.sorted_tables)


def copy_as_it_is(source: Engine, target: Engine) -> Mapping[str, Counted]:
    """Into an empty database, at the source's own schema; what each table holds on both sides.

    A schema that is newer than this program is made from what is there. Raises CopyFault when a table differs.
    """
    found = migrate.version(source)
    known = migrate.reach(target, found)
    with copying.reading(source) as read, target.begin() as write:
        tables = tables_in(read)
        if not known:
            tables[0].metadata.create_all(write)
            write.execute(text("INSERT INTO alembic_version (version_num) VALUES (:v)"), {"v": found})
        return copying.fill(read, write, tuple(table for table in tables if table.name != VERSION))


def drop_all(db: Connection) -> None:
    """Every table of this database: it is ours alone."""
    found = MetaData()
    found.reflect(db)
    found.drop_all(db)
