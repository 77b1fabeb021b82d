"""What a fault of the database means for those who wait: it is full, gone, busy, or it is something else."""

import errno
import sqlite3
from typing import Literal

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

Kind = Literal["", "full", "gone", "busy"]
_FULL, _BUSY = {"53100"}, {"40001", "40P01", "55P03", "53300", "57014"}
_GONE = ("08", "57P")  # PostgreSQL's classes: connection, shutdown
_SQLITE: tuple[tuple[str, Kind], ...] = (
    ("SQLITE_FULL", "full"),
    ("SQLITE_BUSY", "busy"),
    ("SQLITE_LOCKED", "busy"),
    ("SQLITE_IOERR", "gone"),
    ("SQLITE_CANTOPEN", "gone"),
    ("SQLITE_READONLY", "gone"),
)


def unavailable(fault: BaseException) -> Kind:
    """Why the database did not take part; "" for a fault that is not the database's, and will not pass by itself."""
    seen: set[int] = set()
    at: BaseException | None = fault
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        if kind := _of(at):
            return kind
        at = at.__cause__ or at.__context__
    return ""


def _of(fault: BaseException) -> Kind:
    if isinstance(fault, OSError) and fault.errno in (errno.ENOSPC, errno.EDQUOT):
        return "full"
    if isinstance(fault, PoolTimeout):
        return "gone"
    if isinstance(fault, DBAPIError):
        inner = _of(fault.orig) if fault.orig is not None else ""
        return inner or ("gone" if fault.connection_invalidated else "")
    if isinstance(fault, sqlite3.Error):
        name = getattr(fault, "sqlite_errorname", "") or ""
        return next((kind for start, kind in _SQLITE if name.startswith(start)), "")
    return _of_postgresql(fault)


def _of_postgresql(fault: BaseException) -> Kind:
    """By SQLSTATE; psycopg's faults of a connection that is no more carry none."""
    if not type(fault).__module__.startswith("psycopg"):
        return ""
    state = getattr(fault, "sqlstate", None)
    if state is None:
        return "gone" if type(fault).__name__ in ("OperationalError", "InterfaceError", "ConnectionTimeout") else ""
    if state in _FULL:
        return "full"
    if state in _BUSY:
        return "busy"
    return "gone" if state.startswith(_GONE) else ""
