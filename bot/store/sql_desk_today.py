"""What waits for an officer, in numbers; and the people who asked for one."""

from datetime import date, datetime, time, timedelta, tzinfo
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, case, func, select, true

from bot.store import desk_tables as d
from bot.store import tables as t
from bot.store.crypto import Cipher, masked_phone
from bot.store.desk_port import Scope, TicketView, Today
from bot.store.sql_desk_classes import SqlClasses
from bot.store.sql_desk_follow import SqlFollowUps
from bot.store.sql_desk_people import within

WEEKS = 8
MOST_TRADES = 6
TRADES_OF = timedelta(days=90)
LATELY = timedelta(days=7)
COUNTED = 1_000
COMMUNE = 5  # digits of a commune's code
_FAILED = ("unknown", "refused", "unreachable")


class SqlToday:
    """Counts stop at `COUNTED`: beyond that the number changes nothing about what to do."""

    def __init__(self, connection: Connection, cipher: Cipher, zone: tzinfo) -> None:
        self._db = connection
        self._cipher = cipher
        self._zone = zone

    def read(self, scope: Scope, now: datetime) -> Today:
        """For an officer's first page."""
        lead, note = t.leads.c, d.lead_notes.c
        today = now.astimezone(self._zone).date()
        due = select(note.lead_id).join(t.leads, lead.id == note.lead_id)
        return Today(
            new=self._count(select(lead.id).where(within(scope), lead.state == "new")),
            to_confirm=self._count(
                select(lead.id).where(within(scope), lead.verification == "waiting_person", lead.state == "new")
            ),
            due=self._count(due.where(note.due_on <= today, within(scope)).distinct()),
            tickets=self._count(select(t.tickets.c.id).where(self._asking(scope))),
            failed=self._failed(scope, now),
            weeks=self._weeks(scope, today),
            trades=self._trades(scope, now),
            calls=SqlFollowUps(self._db, self._cipher, self._zone).to_call(scope, now),
            classes=tuple(v for v in SqlClasses(self._db).all(scope, most=8)),
        )

    def _count(self, query: Any) -> int:
        return int(self._db.execute(select(func.count()).select_from(query.limit(COUNTED).subquery())).scalar_one())

    def new(self, scope: Scope) -> int:
        """Leads nobody has called."""
        return self._count(select(t.leads.c.id).where(within(scope), t.leads.c.state == "new"))

    def _failed(self, scope: Scope, now: datetime) -> int:
        m, tie, lead = t.messages.c, t.contact_people.c, t.leads.c
        lost = m.outgoing & m.fate.in_(_FAILED) & (m.at >= now - LATELY)
        query = select(m.id).where(lost)
        if scope.communes is not None:
            ours = select(tie.contact_id).join(t.leads, lead.person_id == tie.person_id)
            query = query.where(ours.where(tie.contact_id == m.contact_id, within(scope)).exists())
        return self._count(query)

    def _weeks(self, scope: Scope, today: date) -> tuple[tuple[date, int], ...]:
        monday = today - timedelta(days=today.weekday())
        starts = [monday - timedelta(weeks=n) for n in range(WEEKS - 1, -1, -1)]
        moments = [datetime.combine(s, time(), self._zone) for s in starts]
        created = t.leads.c.created_at
        week = case(*((created < end, n) for n, end in enumerate(moments[1:])), else_=WEEKS - 1)
        query = select(week.label("week"), func.count()).where(within(scope), created >= moments[0])
        counts = {int(r[0]): int(r[1]) for r in self._db.execute(query.group_by(week))}
        return tuple((s, counts.get(n, 0)) for n, s in enumerate(starts))

    def _trades(self, scope: Scope, now: datetime) -> tuple[tuple[str, int], ...]:
        lead, number = t.leads.c, func.count().label("number")
        lately = now - TRADES_OF
        query = select(lead.trade, number).where(within(scope), lead.created_at >= lately, lead.trade != "")
        rows = self._db.execute(query.group_by(lead.trade).order_by(number.desc(), lead.trade).limit(MOST_TRADES))
        return tuple((r[0], int(r[1])) for r in rows)

    # ---- people who asked for an officer

    def _asking(self, scope: Scope) -> Any:
        c = t.tickets.c
        unknown = ("",) if not scope.helpers or self._nobody_above else ()
        here = true() if scope.communes is None else c.commune.in_(sorted((*scope.communes, *unknown)))
        return (c.state == "open") & here

    @cached_property
    def _nobody_above(self) -> bool:
        """Whether somebody whose commune nobody knows is for the communes' officers: with one commune they are its own;
        with several they go to those who see more than one, and where there are none of these, to every officer.
        """
        served, o = t.served_places.c.code, d.officers.c
        communes = select(func.count()).where(func.length(served) == COMMUNE)
        above = select(o.id).where(o.role.in_(("coordinator", "admin")), o.ended_at.is_(None)).limit(1)
        return self._db.execute(communes).scalar_one() == 1 or self._db.execute(above).first() is None

    def tickets(self, scope: Scope, *, most: int = 100) -> tuple[TicketView, ...]:
        """The longest waiting first."""
        c = t.tickets.c
        rows = self._db.execute(select(t.tickets).where(self._asking(scope)).order_by(c.at).limit(most))
        return tuple(self._ticket(r, opened=False) for r in rows)

    def ticket(self, scope: Scope, number: int, *, opened: bool) -> TicketView | None:
        """One that is open."""
        query = select(t.tickets).where(self._asking(scope), t.tickets.c.id == number)
        row = self._db.execute(query).first()
        return self._ticket(row, opened=opened) if row else None

    def _ticket(self, r: Any, *, opened: bool) -> TicketView:
        phone = self._cipher.open(r.phone, "ticket.phone")
        text = self._cipher.open(r.text, "ticket.text")
        shown = phone if opened else masked_phone(phone)
        return TicketView(r.id, r.at.astimezone(self._zone), r.commune, r.reason, text, shown)

    def answer(self, scope: Scope, number: int) -> bool:
        """Somebody spoke with them: the ticket is closed. False when it is not this officer's."""
        mine = self._asking(scope) & (t.tickets.c.id == number)
        return self._db.execute(t.tickets.update().where(mine).values(state="closed")).rowcount == 1
