"""Whom an announcement may be for, and what became of it: candidates, progress, the call list."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import Connection, func, select

from bot.dialogue.memory import SessionUnreadable, load
from bot.model import LEAD_OVER
from bot.store import announcement_tables as a
from bot.store import seats
from bot.store import tables as t
from bot.store.announcement_port import Announcement, Candidate, Progress, Reachable, RowState, ToCall
from bot.store.crypto import Cipher
from bot.store.pacing import held_accounts
from bot.store.searching import group_digest
from bot.store.sql_announcements import reachable

LATELY = timedelta(days=30)
OPEN = ("new", "contacted", "confirmed")
_R = a.announcement_recipients
_r, _l, _p, _c, _tie = _R.c, t.leads.c, t.people.c, t.contacts.c, t.contact_people.c


class SqlAudience:
    """Looks only; over one connection."""

    def __init__(self, connection: Connection, cipher: Cipher, zone: tzinfo) -> None:
        self._db = connection
        self._cipher = cipher
        self._zone = zone

    def candidates(self, one: Announcement, now: datetime) -> list[Candidate]:
        """Everybody on the lists of these communes whom the interest and the target group let in."""
        interest = _l.commune.in_(one.communes) & _l.state.not_in(LEAD_OVER)
        if one.trades:
            interest &= _l.trade.in_(one.trades) & _l.state.in_(OPEN)
        if one.groups:
            interest &= _l.group_digest.in_([group_digest(self._cipher, {"target_group": g}) for g in one.groups])
        people = select(_l.person_id).where(interest)
        in_person = select(t.leads).where(_l.person_id.in_(people), _l.state.not_in(LEAD_OVER)).order_by(_l.id)
        rows: dict[int, list[Any]] = {}
        for lead in self._db.execute(in_person):
            rows.setdefault(lead.person_id, []).append(lead)
        agreed, contacts = self._agreed(people), self._contacts(people, now)
        return [
            self._candidate(one, person, mine, agreed.get(person, False), contacts.get(person, ()))
            for person, mine in rows.items()
        ]

    @staticmethod
    def _candidate(
        one: Announcement,
        person: int,
        mine: list[Any],
        agreed: bool,  # noqa: FBT001 - the person's answer
        contacts: tuple[Reachable, ...],
    ) -> Candidate:
        asked = [lead for lead in mine if lead.trade == one.trade and lead.state in OPEN]
        first = (asked or mine)[0]
        return Candidate(
            person=person,
            commune=first.commune,
            since=first.created_at,
            asked=bool(asked),
            agreed=agreed,
            waits_for_word=all(lead.verification == "waiting_person" for lead in mine),
            registered=bool(one.course) and any(lead.course == one.course for lead in mine),
            contacts=contacts,
        )

    def _agreed(self, people: Any) -> Mapping[int, bool]:
        """Person -> their latest answer on announcements, for whichever registration it was given."""
        c = t.consents.c
        query = select(_l.person_id, c.given).join(t.leads, _l.id == c.lead_id)
        query = query.where(c.purpose == "announce", _l.person_id.in_(people)).order_by(c.id)
        return {person: bool(given) for person, given in self._db.execute(query)}

    def _contacts(self, people: Any, now: datetime) -> Mapping[int, tuple[Reachable, ...]]:
        told = select(_r.contact_id, func.count()).where(_r.sent_at >= now - LATELY).group_by(_r.contact_id)
        lately: dict[int, int] = {n: int(count) for n, count in self._db.execute(told)}
        query = (
            select(t.contacts, _tie.person_id, t.sessions.c.body)
            .join(t.contact_people, _tie.contact_id == _c.id)
            .outerjoin(t.sessions, t.sessions.c.contact_id == _c.id)
            .where(_tie.person_id.in_(people))
        )
        found: dict[int, tuple[Reachable, ...]] = {}
        for row in self._db.execute(query.order_by(_c.seen_at.desc(), _c.id)):
            way = reachable(row, row.id, self._language(row.body), lately.get(row.id, 0))
            found[row.person_id] = (*found.get(row.person_id, ()), way)
        return found

    def _language(self, body: bytes | None) -> str:
        try:
            return load(self._cipher.open(body, "session.body")).language if body else "vi"
        except SessionUnreadable:
            return "vi"

    def progress(self, one: Announcement, now: datetime) -> Progress:
        """How far it is; a registration counts when it came after the message, for the class or the trade of it."""
        mine = _r.announcement_id == one.id
        grouped = select(_r.state, _r.why, func.count()).where(mine).group_by(_r.state, _r.why)
        counts: dict[tuple[RowState, str], int] = {(s, w): int(n) for s, w, n in self._db.execute(grouped)}
        waves = self._db.execute(select(func.max(_r.wave)).where(mine)).scalar() or 0
        tapped = self._db.execute(select(func.count()).where(mine, _r.tapped_at.is_not(None))).scalar_one()
        wanted = _l.course == one.course if one.course else _l.trade == one.trade
        came = (
            select(func.count(_l.person_id.distinct()))
            .join(t.contact_people, _tie.person_id == _l.person_id)
            .join(_R, _r.contact_id == _tie.contact_id)
            .where(mine, _r.sent_at.is_not(None), wanted, _l.changed_at >= _r.sent_at, _l.state.not_in(LEAD_OVER))
        )
        registered = self._db.execute(came).scalar_one() if one.course or one.trade else 0
        free = seats.free(self._db, one.course) if one.course else None
        held = next(iter(held_accounts(self._db, now).values()), "") if one.state == "running" else ""
        return Progress(counts, int(waves), int(tapped), int(registered), free, held)

    def to_call(self, number: int) -> list[ToCall]:
        """Those who agreed to be told and whom no channel reached, by commune and hamlet."""
        state = _r.state.in_(("excluded", "failed")) & _r.why.not_in(NOT_TO_CALL)
        query = (
            select(_r.why, _p.commune, _p.hamlet, _p.full_name, _p.birth, _p.phone, _p.told_by, _p.id)
            .join(t.people, _p.id == _r.person_id)
            .where(_r.announcement_id == number, state)
        )
        rows = self._db.execute(query).all()
        trades = self._trades([r.id for r in rows])
        found = [self._to_call(r, trades.get(r.id, "")) for r in rows]
        return sorted(found, key=lambda one: (one.commune, one.hamlet.casefold(), one.name.split()[-1:], one.name))

    def _trades(self, people: list[int]) -> Mapping[int, str]:
        found: dict[int, str] = {}
        for at in range(0, len(people), 500):
            query = select(_l.person_id, _l.trade_text).where(_l.person_id.in_(people[at : at + 500])).order_by(_l.id)
            found |= {r.person_id: self._cipher.open(r.trade_text, "lead.trade_text") for r in self._db.execute(query)}
        return found

    def _to_call(self, row: Any, trade: str) -> ToCall:
        opened = self._cipher.open
        return ToCall(
            commune=row.commune,
            hamlet=opened(row.hamlet, "person.hamlet"),
            name=opened(row.full_name, "person.full_name"),
            birth_year=int(json.loads(opened(row.birth, "person.birth"))[0]),
            phone=opened(row.phone, "person.phone"),
            told_by=opened(row.told_by, "person.told_by"),
            trade=trade,
            why=row.why,
        )

    def recipients(self, number: int, *, most: int = 100_000) -> list[tuple[str, str, str, str, datetime | None]]:
        """(receipt, channel, state, why, sent_at) of every row, for the report's workbook: no name, no phone."""
        receipt = select(_l.receipt).where(_l.person_id == _r.person_id).order_by(_l.id).limit(1)
        query = select(receipt.scalar_subquery(), _r.channel, _r.state, _r.why, _r.sent_at)
        rows = self._db.execute(query.where(_r.announcement_id == number).order_by(_r.id).limit(most))
        return [(r[0] or "", r.channel, r.state, r.why, r.sent_at) for r in rows]


# They did not agree to be told, have the class already, or get the message through somebody's phone.
NOT_TO_CALL = ("no_consent", "helper", "registered", "same_contact", "opted_out", "monthly_cap")
