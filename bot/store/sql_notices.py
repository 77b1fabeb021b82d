"""Officers' contacts that are told of new registrations in the chat: for every one, or once a day."""

from datetime import datetime, timedelta, tzinfo

from sqlalchemy import Connection, RowMapping, delete, exists, func, insert, or_, select, update

from bot.store import people_tables as p
from bot.store import tables as t
from bot.store.crypto import Cipher
from bot.store.people_port import NewLead, Notice, NoticeEvery

DIGEST_HOUR = 7
MOST_LEADS = 50
LONGEST_PAUSE = timedelta(days=1)  # what lies further ahead was written by a clock that ran ahead


class SqlNotices:
    """Who is told and what is new, over one connection."""

    def __init__(self, connection: Connection, cipher: Cipher, zone: tzinfo) -> None:
        self._db = connection
        self._cipher = cipher
        self._zone = zone

    def tell(self, contact: int, commune: str, every: NoticeEvery, now: datetime) -> None:
        """From now on this contact (a linked officer's, as the caller has made sure) is told of new registrations."""
        c = p.notices.c
        following = self._next(every, now)
        mine = (c.contact_id == contact) & (c.commune == commune)
        done = self._db.execute(update(p.notices).where(mine).values(every=every, next_at=following))
        if done.rowcount == 0:
            newest = self._db.execute(select(func.max(t.leads.c.id))).scalar() or 0
            values = {"contact_id": contact, "commune": commune, "every": every, "last_lead": newest}
            self._db.execute(insert(p.notices).values(next_at=following, **values))

    def stop(self, contact: int, commune: str = "") -> None:
        """No more, for one commune or all."""
        c = p.notices.c
        mine = c.contact_id == contact
        self._db.execute(delete(p.notices).where(mine & (c.commune == commune) if commune else mine))

    def of(self, contact: int) -> tuple[Notice, ...]:
        """What this contact is told."""
        rows = self._db.execute(select(p.notices).where(p.notices.c.contact_id == contact)).mappings()
        return tuple(_notice(r, ()) for r in rows)

    def due(self, now: datetime) -> tuple[Notice, ...]:
        """Those whose time has come and for whom there is something new."""
        at = p.notices.c.next_at
        come = or_(at <= now, at > now + LONGEST_PAUSE)
        rows = self._db.execute(select(p.notices).where(come)).mappings().all()
        found = (_notice(r, self._new(r["commune"], r["last_lead"])) for r in rows)
        return tuple(n for n in found if n.leads)

    def told(self, notice: Notice, now: datetime) -> None:
        """In the transaction that queues the message, so that no registration is told twice or left out."""
        values = {"last_lead": max(lead.id for lead in notice.leads), "next_at": self._next(notice.every, now)}
        self._db.execute(update(p.notices).where(p.notices.c.id == notice.id).values(**values))

    def _new(self, commune: str, after: int) -> tuple[NewLead, ...]:
        lead, person, past = t.leads.c, t.people.c, t.lead_history.c
        imported = exists().where(past.lead_id == lead.id, past.what == "imported")  # the officer did that
        query = (
            select(lead.id, lead.trade_text, person.hamlet)
            .join(t.people, person.id == lead.person_id)
            .where(lead.commune == commune, lead.id > after, lead.state == "new", ~imported)
        )
        rows = self._db.execute(query.order_by(lead.id).limit(MOST_LEADS)).all()
        opened = self._cipher.open
        return tuple(
            NewLead(r.id, commune, opened(r.trade_text, "lead.trade_text"), opened(r.hamlet, "person.hamlet"))
            for r in rows
        )

    def _next(self, every: NoticeEvery, now: datetime) -> datetime:
        if every == "each":
            return now
        morning = now.astimezone(self._zone).replace(hour=DIGEST_HOUR, minute=0, second=0, microsecond=0)
        return morning if morning > now else morning + timedelta(days=1)


def _notice(row: RowMapping, leads: tuple[NewLead, ...]) -> Notice:
    same = ("id", "commune", "every", "last_lead", "next_at")
    return Notice(**{name: row[name] for name in same}, contact=row["contact_id"], leads=leads)
