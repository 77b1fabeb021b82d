"""What waits for an officer, in numbers."""

from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from sqlalchemy import Connection, case, func, select

from bot.store import desk_tables as d
from bot.store import tables as t
from bot.store.crypto import Cipher
from bot.store.desk_port import Scope, Today
from bot.store.sql_desk_classes import SqlClasses
from bot.store.sql_desk_follow import SqlFollowUps
from bot.store.sql_desk_people import COUNTED, not_reached, within
from bot.store.sql_inbox import here, waits

WEEKS = 8
MOST_TRADES = 6
TRADES_OF = timedelta(days=90)
LATELY = timedelta(days=7)


class SqlToday:
    """Each number counts what the page behind it lists, one line each.

    Counts stop at `COUNTED`: beyond that the number changes nothing about what to do.
    """

    def __init__(self, connection: Connection, cipher: Cipher, zone: tzinfo) -> None:
        self._db = connection
        self._cipher = cipher
        self._zone = zone

    def read(self, scope: Scope, now: datetime) -> Today:
        """For an officer's first page."""
        lead, note = t.leads.c, d.lead_notes.c
        today = now.astimezone(self._zone).date()
        missed = select(lead.id).where(within(scope))
        due = select(note.lead_id).join(t.leads, lead.id == note.lead_id)
        return Today(
            new=self._count(select(lead.id).where(within(scope), lead.state == "new")),
            to_confirm=self._count(
                select(lead.id).where(within(scope), lead.verification == "waiting_person", lead.state == "new")
            ),
            due=self._count(due.where(note.due_on <= today, within(scope)).distinct()),
            asking=self.asking(scope),
            not_reached=self._count(missed.where(lead.person_id.in_(not_reached(now - LATELY)))),
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

    def asking(self, scope: Scope) -> int:
        """People who wait for an officer's word, as the inbox has them: one with two tickets waits once."""
        return self._count(select(t.tickets.c.contact_id).where(here(scope), waits()).distinct())
