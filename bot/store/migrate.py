"""Bringing a database to the schema of this version (Alembic)."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from bot.model import BotError

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0012"  # the newest file in migrations/versions; a test holds them equal
FOLDER = Path(__file__).parent / "migrations"


class SchemaFault(BotError):
    """The database's schema is none that this version knows."""


def upgrade(engine: Engine) -> bool:
    """Run what is missing; True when something was done. Alembic is loaded only then: it would cost every start.

    Raises SchemaFault for a database that a newer version of the program has already changed.
    """
    found = version(engine)
    if found == HEAD:
        return False
    from alembic import command
    from alembic.util import CommandError

    try:
        command.upgrade(configuration(engine), "head")
    except CommandError as fault:
        raise SchemaFault(
            f"database: its schema is {found!r}, the newest known here is {HEAD!r}: start the newer version of the "
            "program that wrote it, or put back the copy of the data from before."
        ) from fault
    return True


def reach(engine: Engine, revision: str) -> bool:
    """Bring an empty database to one revision; False when this version does not know it."""
    from alembic import command
    from alembic.script import ScriptDirectory

    if revision not in {one.revision for one in ScriptDirectory.from_config(configuration(engine)).walk_revisions()}:
        return False
    command.upgrade(configuration(engine), revision)
    return True


def make(connection: Connection) -> None:
    """This version's schema in an empty database, within the caller's transaction."""
    from alembic import command

    config = configuration(connection.engine)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def configuration(engine: Engine) -> "Config":
    """What Alembic's commands need to work on this engine."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["engine"] = engine
    return config


def version(engine: Engine) -> str:
    """The revision a database is at, "" for an empty one."""
    if not inspect(engine).has_table("alembic_version"):
        return ""
    with engine.connect() as connection:
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")
