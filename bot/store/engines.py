"""Connections to a database: SQLite in WAL mode by default, PostgreSQL."""

from time import perf_counter
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool

from bot.meters import METERS
from bot.model import BotError

POOL = 4  # connections that stay open; a process has few threads
BUSY_MS = 10_000  # a turn waits that long for another one
_QUIET: dict[str, Any] = {"pool_size": POOL, "hide_parameters": True}  # a fault's text never tells what was written
# A server that vanished without a word (power, cable) is noticed: seconds, but for the last one (milliseconds).
_NOTICED = {
    "connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}  # fmt: skip
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", "cache_size=-6000")


def connect(url: str) -> Engine:
    """An engine; on SQLite with `PRAGMAS`: WAL, FULL, foreign keys, secure delete."""
    try:
        made = make_url(url)
    except (ArgumentError, ValueError) as fault:
        raise BotError("HOCNGHE_DATABASE_URL: is no address: give sqlite:///… or postgresql://….") from fault
    if made.get_backend_name() == "postgresql":
        url_of = made.set(drivername="postgresql+psycopg")
        return create_engine(url_of, pool_pre_ping=True, connect_args=_NOTICED, **_QUIET)
    if made.get_backend_name() != "sqlite":
        raise BotError(f"HOCNGHE_DATABASE_URL: {made.get_backend_name()}: give sqlite:///… or postgresql://….")
    engine = create_engine(url, poolclass=QueuePool, connect_args={"check_same_thread": False}, **_QUIET)

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN IMMEDIATE ourselves
        cursor = connection.cursor()
        for pragma in (f"busy_timeout={BUSY_MS}", *PRAGMAS):  # the first one lets the others wait for their turn
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("reading")
        began = perf_counter()
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
        if not reading:
            METERS.waited(perf_counter() - began)

    return engine
