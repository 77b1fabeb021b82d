"""Bringing a database to the schema of this version (Alembic)."""

from pathlib import Path

from sqlalchemy import Engine, inspect, text

HEAD = "0001"  # the newest file in migrations/versions; a test holds them equal
FOLDER = Path(__file__).parent / "migrations"


def upgrade(engine: Engine) -> bool:
    """Run what is missing; True when something was done. Alembic is loaded only then: it would cost every start."""
    if version(engine) == HEAD:
        return False
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["engine"] = engine
    command.upgrade(config, "head")
    return True


def version(engine: Engine) -> str:
    """The revision a database is at, "" for an empty one."""
    if not inspect(engine).has_table("alembic_version"):
        return ""
    with engine.connect() as connection:
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")
