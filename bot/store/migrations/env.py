"""Alembic's entry: the engine comes from `bot.store.migrate`, never from an ini file.

All that is missing is done in one transaction, so that several programs may start at once: one of them does it, the
others wait and find it done. SQLite's begins by taking the write lock; PostgreSQL's takes a lock of its own.
"""

from contextlib import nullcontext

from alembic import context
from sqlalchemy import text

from bot.store.tables import metadata

LOCK = 7_207_100  # of the migrations on PostgreSQL; any number that nothing else takes
engine = context.config.attributes["engine"]
given = context.config.attributes.get("connection")  # of a larger transaction: a restore makes all or nothing
with nullcontext(given) if given is not None else engine.begin() as connection:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()
