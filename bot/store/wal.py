"""SQLite's write-ahead log after an erasure."""

from sqlalchemy import Engine

LOG_MS = 250  # nobody waits longer for the log to be emptied


def empty_log(engine: Engine, busy_ms: int) -> None:
    """What was erased may still stand in SQLite's write-ahead log: write it back and cut it off.

    When another connection is in the way the log stays until the next erasure, or until the program ends. `busy_ms` is
    what the connection waits for others afterwards.
    """
    if engine.dialect.name != "sqlite":
        return
    connection = engine.raw_connection()
    try:
        for pragma in (f"busy_timeout={LOG_MS}", "wal_checkpoint(TRUNCATE)", f"busy_timeout={busy_ms}"):
            connection.cursor().execute(f"PRAGMA {pragma}")
    finally:
        connection.close()
