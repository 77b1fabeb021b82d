"""What a turn looks up first, and what it leaves to the end, where a group of turns writes each kind at once."""

from collections.abc import Sequence
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
        self._met: dict[int, datetime] = {}
        self._marks: list[dict[str, Any]] = []
        self._said: dict[int, dict[str, Any]] = {}
        self._sessions: dict[int, dict[str, Any]] = {}

    def met(self, contact: int, now: datetime, left: str = "") -> None:
        """They wrote; or they left, and how."""
        if left:
            do.CONTACT_LEFT.run(self._db, contact=contact, now=now, why=left)
        else:
            self._met[contact] = now

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

    def said(self, message: dict[str, Any]) -> None:
        """What somebody wrote (`statements.MESSAGE_MADE`): it waits for the answer."""
        self._said[message["contact"]] = message

    def answers(self, contact: int, messages: Sequence[dict[str, Any]]) -> list[int]:
        """The numbers of these messages to a contact, after what they said."""
        said = self._said.pop(contact, None)
        if said is not None and len(messages) == 1:
            both = do.TALK_MADE.rows(self._db, **{f"said_{name}": value for name, value in said.items()}, **messages[0])
            return [max(number for (number,) in both)]
        if said is not None:
            do.MESSAGE_MADE.made(self._db, **said)
        return [do.MESSAGE_MADE.made(self._db, **message) for message in messages]

    def save(self, contact: int, session: bytes, now: datetime) -> None:
        """The sealed session: a change waits, the first one is made at once."""
        values = {"contact": contact, "sealed": session, "now": now}
        before = self._before.pop(contact, None)
        self._sessions.pop(contact, None)
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
        do.CONTACT_SEEN.run_many(self._db, [{"contact": contact, "now": now} for contact, now in self._met.items()])
        for message in self._said.values():
            do.MESSAGE_MADE.made(self._db, **message)
        do.MARK_SEEN.run_many(self._db, self._marks)
        do.SESSION_CHANGED.run_many(self._db, list(self._sessions.values()))
        self._met, self._said, self._marks, self._sessions = {}, {}, [], {}

    def _write_theirs(self, contact: int) -> None:
        marked = any(mark["contact"] == contact for mark in self._marks)
        if marked or contact in self._said or contact in self._sessions:
            self.write()
