"""Alembic's entry: the engine comes from `bot.store.migrate`, never from an ini file."""

from alembic import context
from sqlalchemy import text

from bot.store.tables import metadata

LOCK = 7_207_100  # of the migrations; any number that nothing else takes
engine = context.config.attributes["engine"]
with engine.connect() as connection:
    if connection.dialect.name == "postgresql":  # several processes may start at once: one of them does it
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": LOCK})
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK})
