"""What officers do to registrations: states, seats, notes, calls, merging. Each change says who and when, twice."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from bot.model import LEAD_OVER, LEAD_STATES, BotError
from bot.store import desk_tables as d
from bot.store import seats
from bot.store import tables as t
from bot.store.crypto import Cipher
from bot.store.desk_port import Scope
from bot.store.lead_records import joined, record
from bot.store.records import VIETNAM
from bot.store.searching import index
from bot.store.sql_desk_people import within, writable
from bot.store.sql_leads import history, person_values


class NotYours(BotError):
    """There is no such registration among those this officer may change; which of the two it is, is not told."""

    def __init__(self, subject: str) -> None:
        super().__init__(f"{subject}: not there, or not this officer's to change.")


@dataclass(frozen=True, slots=True)
class Doer:
    """Who does it, within which scope, when."""

    officer: int
    scope: Scope
    now: datetime

    @property
    def who(self) -> str:
        """As the history writes it."""
        return f"officer:{self.officer}"


class SqlWork:
    """Every method raises NotYours for a lead outside the doer's scope."""

    def __init__(self, connection: Connection, cipher: Cipher) -> None:
        self._db = connection
        self._cipher = cipher

    def _lead(self, doer: Doer, lead: int) -> Any:
        c = t.leads.c
        columns = (c.id, c.person_id, c.state, c.course, c.trade, c.served, c.verification, c.waiting_since, c.commune)
        query = select(*columns).where(c.id == lead, within(doer.scope)).with_for_update()
        row = self._db.execute(query).first()
        if row is None or not writable(doer.scope, served=row.served):
            raise NotYours(f"lead {lead}")
        return row

    def _told(self, doer: Doer, lead: int, what: str, act: str) -> None:
        history(self._db, lead, doer.now, doer.who, what)
        values = {"at": doer.now, "officer_id": doer.officer, "act": act, "subject": f"lead:{lead}"}
        self._db.execute(d.audit.insert().values(**values))

    def set_state(self, doer: Doer, ids: Iterable[int], state: str, *, seen: str = "") -> tuple[int, int]:
        """(changed, of these put on a waiting list). The ones that are in this state already are left alone.

        `seen`: the state that the officer's page showed; one that somebody else has moved on since is left alone, too.
        """
        if state not in LEAD_STATES:
            raise NotYours(f"state {state}")
        changed = waiting = 0
        for lead in ids:
            row = self._lead(doer, lead)
            if row.state == state or (seen and row.state != seen):
                continue
            since = self._waits(row, row.course, state, doer.now)
            values: dict[str, Any] = {"state": state, "waiting_since": since, "changed_at": doer.now}
            if row.verification != "verified" and state in ("contacted", *seats.SEATED):
                values["verification"] = "verified"  # somebody has spoken with them
            self._db.execute(t.leads.update().where(t.leads.c.id == lead).values(**values))
            self._told(doer, lead, state, "state")
            seats.recount(self._db, row.course)
            changed += 1
            waiting += since is not None
        return changed, waiting

    def _waits(self, row: Any, course: str, state: str, now: datetime) -> datetime | None:
        """A seat once taken is kept through the states that have one."""
        if row.course == course and row.state in seats.SEATED and state in seats.SEATED and row.waiting_since is None:
            return None
        return seats.since(self._db, course, state, row.waiting_since, now)

    def assign(self, doer: Doer, lead: int, course: str) -> bool:
        """Into a class ("" takes them out); whether they wait there. The class must be one of the lead's commune."""
        row = self._lead(doer, lead)
        if course:
            here = select(t.courses.c.id).where(t.courses.c.id == course, t.courses.c.commune == row.commune)
            if self._db.execute(here).first() is None:
                raise NotYours(f"course {course}")
        if course == row.course:
            return row.waiting_since is not None
        since = self._waits(row, course, row.state, doer.now)
        values = {"course": course, "waiting_since": since, "changed_at": doer.now}
        self._db.execute(t.leads.update().where(t.leads.c.id == lead).values(**values))
        for changed in (row.course, course):
            seats.recount(self._db, changed)
        self._told(doer, lead, "course", "course")
        return since is not None

    def fill(self, doer: Doer, course: str) -> int:
        """Those who wait longest get the free seats; how many got one."""
        free = seats.free(self._db, course)
        moved = 0
        for lead in seats.waiting(self._db, course, 1000 if free is None else free):
            self._lead(doer, lead)
            values = {"waiting_since": None, "changed_at": doer.now}
            self._db.execute(t.leads.update().where(t.leads.c.id == lead).values(**values))
            self._told(doer, lead, "seated", "seat")
            moved += 1
        seats.recount(self._db, course)
        return moved

    def confirm_person(self, doer: Doer, lead: int) -> None:
        """The person's own word was heard: no longer "waiting_person" or "unverified"."""
        self._lead(doer, lead)
        values = {"verification": "verified", "changed_at": doer.now}
        self._db.execute(t.leads.update().where(t.leads.c.id == lead).values(**values))
        self._told(doer, lead, "verified", "verified")

    def note(self, doer: Doer, lead: int, kind: str, text: str, due_on: date | None) -> None:
        """A note, or a call; a call of a new lead makes it contacted. Earlier days to call again are over then."""
        row = self._lead(doer, lead)
        n = d.lead_notes
        sealed = self._cipher.seal(text, "note.text")
        if kind != "note":
            self._db.execute(n.update().where(n.c.lead_id == lead).values(due_on=None))
        values = {"lead_id": lead, "officer_id": doer.officer, "at": doer.now, "kind": kind, "due_on": due_on}
        self._db.execute(n.insert().values(text=sealed, **values))
        self._db.execute(t.leads.update().where(t.leads.c.id == lead).values(changed_at=doer.now))
        self._told(doer, lead, kind, kind)
        if kind == "reached" and row.state == "new":
            self.set_state(doer, [lead], "contacted")

    def merge(self, doer: Doer, kept: int, gone: int) -> None:
        """The person of lead `gone` is that of lead `kept`: theirs are all registrations, chats and notes.

        Of two open leads for one trade the newer one is withdrawn. What the kept person lacks is taken over.
        """
        keep, drop = self._lead(doer, kept), self._lead(doer, gone)
        if keep.person_id == drop.person_id:
            return
        lead, tie = t.leads.c, t.contact_people.c
        for row in self._db.execute(select(lead.id).where(lead.person_id == drop.person_id)).all():
            self._lead(doer, row.id)  # all of them are this officer's
        self._complete(kept, gone)
        known = select(tie.contact_id).where(tie.person_id == keep.person_id)
        doubled = (tie.person_id == drop.person_id) & tie.contact_id.in_(known)
        self._db.execute(delete(t.contact_people).where(doubled))
        for table in (t.contact_people, t.leads):
            moves = table.update().where(table.c.person_id == drop.person_id).values(person_id=keep.person_id)
            self._db.execute(moves)
        self._db.execute(delete(t.people).where(t.people.c.id == drop.person_id))
        self._told(doer, kept, "merged", "merged")
        self._one_per_trade(doer, keep.person_id)

    def _complete(self, kept: int, gone: int) -> None:
        rows = {}
        for number in (kept, gone):
            found = self._db.execute(joined().where(t.leads.c.id == number)).mappings().one()
            rows[number] = record(self._cipher, found, VIETNAM, frozenset())
        who, other = rows[kept].applicant, rows[gone].applicant
        lacking = {
            name: getattr(other, name)
            for name in ("phone", "told_by", "hamlet", "birth_date", "guardian_name", "guardian_phone")
            if not getattr(who, name) and getattr(other, name)
        }
        if lacking:
            full = replace(who, **lacking)
            person = rows[kept].person
            values = person_values(self._cipher, full)
            self._db.execute(t.people.update().where(t.people.c.id == person).values(**values))
            index(self._db, self._cipher, person, full)

    def _one_per_trade(self, doer: Doer, person: int) -> None:
        c = t.leads.c
        seen: set[str] = set()
        open_ones = select(c.id, c.trade).where(c.person_id == person, c.state.not_in(LEAD_OVER))
        for row in self._db.execute(open_ones.order_by(c.id)).all():
            if row.trade and row.trade in seen:
                self.set_state(doer, [row.id], "withdrawn")
            seen.add(row.trade)
