"""Alembic's entry: the engine comes from `bot.store.migrate`, never from an ini file."""

from alembic import context

from bot.store.tables import metadata

engine = context.config.attributes["engine"]
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
