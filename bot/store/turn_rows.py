"""What a turn looks up first, and what it leaves to the end, where a group of turns writes each kind at once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.store import statements as do


@dataclass(frozen=True, slots=True)
class Before:
    """How things stood when a turn began: its sealed session, whether somebody was registered from here."""

    session: bytes | None
    speaks: bool = False


class TurnRows:
    """Over the unit's connection. Whoever changes a contact's rows by other statements calls `settle` first."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection
        self._before: dict[int, Before] = {}
        self._marks: list[dict[str, Any]] = []
        self._sessions: dict[int, dict[str, Any]] = {}

    def begin(self, contact: int, update_id: str) -> bool:
        """Look up what a turn needs; whether this update was seen before."""
        self._write_theirs(contact)
        seen, session, speaks = do.BEFORE.first(self._db, contact=contact, update=update_id) or (None, None, False)
        self._before[contact] = Before(session, bool(speaks))
        return seen is not None

    def before(self, contact: int) -> Before:
        """As `begin` found it, or as it is now."""
        known = self._before.get(contact)
        if known is None:
            self._write_theirs(contact)
            found = do.SESSION.first(self._db, contact=contact)
            speaks = do.SPEAKS_FOR.first(self._db, contact=contact) is not None
            known = Before(found[0] if found else None, speaks)
        return known

    def mark(self, contact: int, update_id: str, now: datetime, tally: bytes | None) -> None:
        """The seen mark."""
        self._marks.append({"contact": contact, "update": update_id, "now": now, "sealed": tally})

    def save(self, contact: int, session: bytes, now: datetime) -> None:
        """The sealed session: a change waits, the first one is made at once."""
        values = {"contact": contact, "sealed": session, "now": now}
        before = self._before.pop(contact, None)
        if before is not None and before.session is not None:
            self._sessions[contact] = values
        elif do.SESSION_CHANGED.run(self._db, **values) == 0:
            do.SESSION_MADE.run(self._db, **values)

    def settle(self, contact: int) -> None:
        """Their rows are about to change: write what waits, believe nothing that was looked up."""
        self._before.pop(contact, None)
        self._write_theirs(contact)

    def write(self) -> None:
        """Write what waits."""
        do.MARK_SEEN.run_many(self._db, self._marks)
        do.SESSION_CHANGED.run_many(self._db, list(self._sessions.values()))
        self._marks, self._sessions = [], {}

    def _write_theirs(self, contact: int) -> None:
        if contact in self._sessions or any(mark["contact"] == contact for mark in self._marks):
            self.write()
