"""The inbox: who waits, their talk, the officers' words; within one transaction, with the turn's own queue."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, func, or_, select, true

from bot.model import Choice, Contact, Reply, Session
from bot.store import desk_tables as d
from bot.store import sql_talks as talks
from bot.store import tables as t
from bot.store.channel_port import Quota, Reach
from bot.store.crypto import Cipher, masked_phone
from bot.store.desk_port import Row, Scope
from bot.store.inbox_port import Said, Told, Waiting
from bot.store.port import StoredMessage
from bot.store.records import reply_of
from bot.store.sql import SqlUnit
from bot.store.sql_desk_people import SqlPeople, within
from bot.store.sql_places import Kept
from knowledge.dated import COMMUNE_DIGITS

BY_OFFICER = "officer-"  # begins the update id of what an officer wrote: officer-<number>-<what makes it once>
LIVE = talks.LIVE
MOST_SHOWN = 60  # messages of a talk
CONSENT = "officer"


class SqlInbox:
    """Over one connection; moments are local."""

    def __init__(self, connection: Connection, cipher: Cipher, zone: tzinfo) -> None:
        self._db = connection
        self._cipher = cipher
        self._zone = zone
        self._unit = SqlUnit(connection, cipher, zone, Kept())

    # ---- who waits

    def waiting(self, scope: Scope, now: datetime, *, most: int = 100) -> tuple[Waiting, ...]:
        """One line a contact: those who wait, the longest first; then those whose officer wrote last.

        Answered requests by law alone stand on their own page, until they are done.
        """
        found = [w for w in self._live(here(scope), now, most=3 * most) if not w.by_law_alone]
        longest = sorted(found, key=lambda w: (w.waiting_since is None, w.waiting_since or w.at))
        return tuple(longest[:most])

    def one(self, scope: Scope, number: int, now: datetime, *, opened: bool = False) -> Waiting | None:
        """The talk that a live ticket belongs to. The phone is masked until opened."""
        k = t.tickets.c
        mine = select(k.contact_id).where(k.id == number, k.state.in_(LIVE), here(scope))
        found = self._live(here(scope) & k.contact_id.in_(mine), now, opened=opened)
        return found[0] if found else None

    def held(self, officer: int, now: datetime) -> tuple[Waiting, ...]:
        """The talks that an officer has now, in the order in which they were asked for."""
        c = t.contacts.c
        return self._live((c.owner_id == officer) & (c.paused_until > now), now)

    def _live(self, where: Any, now: datetime, *, most: int = 300, opened: bool = False) -> tuple[Waiting, ...]:
        k, c, g = t.tickets.c, t.contacts.c, t.consents.c
        agreed = select(g.id).where(g.contact_id == c.id, g.purpose == CONSENT, g.given).exists().label("agreed")
        query = select(t.tickets, c.channel, c.owner_id, c.paused_until, agreed)
        query = query.join(t.contacts, c.id == k.contact_id).where(k.state.in_(LIVE), where)
        query = query.order_by(
            k.waiting_since.is_(None), k.waiting_since, k.id
        )  # who waits is seen, however many there are
        by_contact: dict[int, list[Any]] = {}
        for row in self._db.execute(query.limit(most)):
            by_contact.setdefault(row.contact_id, []).append(row)
        talks_of = sorted(
            (sorted(rows, key=lambda r: r.id) for rows in by_contact.values()), key=lambda rows: rows[0].id
        )
        return tuple(self._waiting(rows, now, opened=opened) for rows in talks_of)

    def _waiting(self, rows: list[Any], now: datetime, *, opened: bool) -> Waiting:
        first, last = rows[0], rows[-1]
        since = min((r.waiting_since for r in rows if r.waiting_since is not None), default=None)
        phones = [self._cipher.open(r.phone, "ticket.phone") for r in rows if r.phone]
        texts = [self._cipher.open(r.text, "ticket.text") for r in rows if r.text]
        phone = phones[-1] if phones else ""
        owned = first.owner_id is not None and first.paused_until is not None and first.paused_until > now
        return Waiting(
            id=first.id,
            tickets=tuple(r.id for r in rows),
            contact=first.contact_id,
            channel=first.channel,
            at=first.at.astimezone(self._zone),
            waiting_since=since.astimezone(self._zone) if since else None,
            commune=next((r.commune for r in reversed(rows) if r.commune), last.commune),
            reasons=tuple(dict.fromkeys(r.reason for r in rows)),
            text="\n".join(texts),
            phone=phone if opened else masked_phone(phone),
            owner=first.owner_id if owned else None,
            escalated=any(r.escalated_at is not None for r in rows),
            agreed=bool(first.agreed),
        )

    # ---- one talk

    def thread(self, contact: int, since: datetime) -> tuple[Said, ...]:
        """Both sides since then, oldest first; the last ones when there are many."""
        m = t.messages.c
        query = select(t.messages).where(m.contact_id == contact, m.at >= since).order_by(m.id.desc())
        return tuple(self._said(r) for r in reversed(self._db.execute(query.limit(MOST_SHOWN)).all()))

    def _said(self, r: Any) -> Said:
        body, at = self._cipher.open(r.body, "message.body"), r.at.astimezone(self._zone)
        if not r.outgoing:
            return Said(r.id, at, "person", None, body)
        officer = officer_of(r.update_id)
        fate = "waiting" if r.sent_at is None else r.fate or "sent"
        by = "assistant" if officer is None else "officer"
        return Said(r.id, at, by, officer, reply_of(body).text, fate, r.why)

    def newest(self, contact: int) -> int:
        """The number of the latest message, 0 for none: whether a page is up to date."""
        query = select(t.messages.c.id).where(t.messages.c.contact_id == contact)
        return int(self._db.execute(query.order_by(t.messages.c.id.desc()).limit(1)).scalar() or 0)

    def unsettled(self, contact: int) -> int:
        """How many messages to them are on their way, or wait for them to open the page."""
        m = t.messages.c
        waiting = select(m.id).where(m.contact_id == contact, m.outgoing, m.sent_at.is_(None)).limit(MOST_SHOWN)
        return len(self._db.execute(waiting).all())

    def reach(self, contact: int) -> tuple[Contact, Reach]:
        """Who it is on their channel, and what is known about writing to them."""
        r: Any = self._db.execute(select(t.contacts).where(t.contacts.c.id == contact)).one()
        quota = Quota(r.replies_left, r.replies_total, r.quota_read_at) if r.quota_read_at else None
        who = Contact(r.channel, r.account, self._cipher.open(r.external, "contact.external"))
        return who, Reach(r.seen_at, r.stopped_at, r.unreachable_at, r.unreachable_why, r.paused_until, quota)

    def session(self, contact: int) -> Session:
        """What the assistant remembers of the talk."""
        return self._unit.session(contact) or Session()

    def leads(self, scope: Scope, contact: int) -> tuple[Row, ...]:
        """Registrations made from this contact, as far as the officer may see them; names masked."""
        tie, lead = t.contact_people.c, t.leads.c
        ours = select(lead.id).join(t.contact_people, tie.person_id == lead.person_id)
        numbers = list(self._db.execute(ours.where(tie.contact_id == contact, within(scope))).scalars())
        people = SqlPeople(self._db, self._cipher, self._zone)
        return people.rows(scope, numbers)

    # ---- words

    def say(
        self, contact: int, once: str, reply: Reply, now: datetime, *, park: bool = False, **facts: str
    ) -> list[StoredMessage]:
        """Queue a message to a contact; what it offers can be picked by its number. The same `once` again: nothing.

        `park`: a form under way is put aside, as the next message is no answer to it. `facts`: remembered of the talk.
        """
        m = t.messages.c
        if self._db.execute(select(m.id).where(m.contact_id == contact, m.update_id == once).limit(1)).first():
            return []
        session = self.session(contact)
        if park and session.form is not None:
            kept = session.form if session.form.name == "registration" and session.form.values else session.parked
            session = replace(session, form=None, parked=kept)
        known = {**session.facts, **facts}
        self._unit.save_session(contact, replace(session, offered=reply.choices, facts=known), now)
        return list(self._unit.queue(contact, once, [reply], now))

    def remember(self, contact: int, now: datetime, offered: tuple[Choice, ...], **facts: Any) -> None:
        """Facts of an officer's own chat (which talk a message is for); None takes one away."""
        session = self.session(contact)
        kept = {k: v for k, v in {**session.facts, **facts}.items() if v is not None}
        self._unit.save_session(contact, replace(session, facts=kept, offered=offered), now)

    # ---- officers' chats

    def chats(self, officers: Iterable[int], now: datetime) -> tuple[Told, ...]:
        """The linked chats of these officers."""
        c, o = d.officer_contacts.c, d.officers.c
        live = c.officer_id.in_(list(officers)) & or_(c.until.is_(None), c.until > now) & o.ended_at.is_(None)
        query = select(c.officer_id, c.contact_id).join(d.officers, o.id == c.officer_id).where(live)
        return tuple(Told(r.officer_id, r.contact_id) for r in self._db.execute(query.order_by(c.contact_id)))

    def unnoticed(self) -> tuple[tuple[int, str, str], ...]:
        """(ticket, commune, reason) of those that no officer was told of."""
        k = t.tickets.c
        query = select(k.id, k.commune, k.reason).where(k.state == "open", k.noticed_at.is_(None)).order_by(k.id)
        return tuple((r.id, r.commune, r.reason) for r in self._db.execute(query.limit(50)))

    def not_escalated(self) -> tuple[tuple[int, str, str, datetime], ...]:
        """(ticket, commune, reason, waiting since) of those that wait and were not escalated, the longest first."""
        k = t.tickets.c
        query = select(k.id, k.commune, k.reason, k.waiting_since).where(waits(), k.escalated_at.is_(None))
        query = query.order_by(k.waiting_since).limit(50)
        rows = self._db.execute(query)
        return tuple((r.id, r.commune, r.reason, r.waiting_since.astimezone(self._zone)) for r in rows)

    def mark(self, column: str, tickets: Iterable[int], now: datetime) -> None:
        """`noticed_at` or `escalated_at`: once."""
        k = t.tickets
        self._db.execute(k.update().where(k.c.id.in_(list(tickets)), k.c[column].is_(None)).values({column: now}))

    # ---- whose talk it is (see `sql_talks`)

    def take(self, waiting: Waiting, officer: int, until: datetime, now: datetime) -> bool:
        """False when somebody else has it."""
        return talks.take(self._db, waiting.contact, officer, until, now, waiting.tickets)

    def extend(self, contact: int, officer: int, until: datetime, now: datetime) -> bool:
        """The owner wrote; False when it is not theirs."""
        return talks.extend(self._db, contact, officer, until, now)

    def owner(self, contact: int, now: datetime) -> int | None:
        """Who has it now."""
        return talks.owner(self._db, contact, now)

    def release(self, contact: int, now: datetime, why: str, *, closing: bool = False) -> None:
        """The assistant has it again."""
        talks.release(self._db, contact, now, why, closing=closing)

    def close(self, waiting: Waiting, officer: int, now: datetime) -> None:
        """Everything asked there is dealt with."""
        talks.close(self._db, officer, now, waiting.tickets)

    def settle(self, ticket: int, officer: int, now: datetime) -> None:
        """One ticket is done."""
        talks.settle(self._db, officer, now, ticket)

    def lapsed(self, now: datetime) -> list[int]:
        """Contacts whose officer was silent for too long."""
        return talks.lapsed(self._db, now)


def here(scope: Scope) -> Any:
    """Tickets that an officer may see. Somebody whose commune nobody knows is for those who see more than one; where
    there are none of these, or only one commune is served, for every officer.
    """
    if scope.communes is None:
        return true()
    mine = t.tickets.c.commune.in_(sorted(scope.communes))
    nobodys = t.tickets.c.commune == ""
    return mine | (nobodys & (_nobody_above() if scope.helpers else true()))


def _nobody_above() -> Any:
    served, o = t.served_places.c.code, d.officers.c
    communes = select(func.count()).where(func.length(served) == COMMUNE_DIGITS).scalar_subquery()
    above = select(o.id).where(o.role.in_(("coordinator", "admin")), o.ended_at.is_(None)).exists()
    return (communes == 1) | ~above


def waits() -> Any:
    """Tickets whose person waits for a word: nobody took it, or they wrote last."""
    return t.tickets.c.state.in_(LIVE) & t.tickets.c.waiting_since.is_not(None)


def officer_of(update_id: str) -> int | None:
    """Who wrote a message, by its update id; None for the assistant's."""
    number = update_id.removeprefix(BY_OFFICER).partition("-")[0]
    return int(number) if update_id.startswith(BY_OFFICER) and number.isdigit() else None


def inbox_of(unit: SqlUnit) -> SqlInbox:
    """The inbox within a turn's transaction; what it queues for others goes with the turn's own."""
    inbox = SqlInbox(unit._db, unit._cipher, unit._zone)
    inbox._unit.elsewhere, inbox._unit.rows = unit.elsewhere, unit.rows
    return inbox
