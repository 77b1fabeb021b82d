"""Retention: what is older than its kind may be is erased (L91/2025 Đ14: not longer than the purpose needs)."""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, func, select

from bot.store import desk_tables as d
from bot.store import people_tables as p
from bot.store import tables as t
from bot.store.announcement_tables import announcement_pictures, announcements
from bot.store.erasing import forget_old


def retire(db: Connection, limit: Callable[[str], datetime]) -> Mapping[str, int]:
    """Erase by kind; `limit(kind)` is the oldest moment that is kept. Returns rows erased per kind."""
    done = {
        "session": db.execute(delete(t.sessions).where(t.sessions.c.updated_at < limit("session"))).rowcount,
        "message": db.execute(delete(t.messages).where(t.messages.c.at < limit("message"))).rowcount,
        "seen": db.execute(delete(t.seen_updates).where(t.seen_updates.c.at < limit("message"))).rowcount,
        "unanswered": db.execute(delete(t.unanswered).where(t.unanswered.c.at < limit("unanswered"))).rowcount,
        "ticket": db.execute(delete(t.tickets).where(t.tickets.c.at < limit("ticket"))).rowcount,
        "lead": db.execute(delete(t.leads).where(t.leads.c.changed_at < limit("lead"))).rowcount,
    }
    db.execute(delete(t.feedback).where(t.feedback.c.day < limit("lead").date()))
    db.execute(delete(t.template_sends).where(t.template_sends.c.at < limit("lead")))
    done["person"] = db.execute(delete(t.people).where(t.people.c.id.not_in(select(t.leads.c.person_id)))).rowcount
    done["contact"] = db.execute(delete(t.contacts).where(_idle(limit("message")))).rowcount
    db.execute(delete(d.login_tokens).where(d.login_tokens.c.expires_at < limit("message")))
    db.execute(delete(d.desk_sessions).where(d.desk_sessions.c.expires_at < limit("message")))
    db.execute(delete(d.audit).where(d.audit.c.at < limit("lead")))
    nobodys = t.consents.c.contact_id.is_(None) & t.consents.c.lead_id.is_(None)
    db.execute(delete(t.consents).where(nobodys))
    a = announcements.c
    last = func.coalesce(a.ended_at, a.planned_at, a.made_at, type_=a.made_at.type)  # a draft ends nowhere else
    db.execute(delete(announcements).where(last < limit("lead")))
    kept, shown = announcement_pictures.c, select(a.picture)
    db.execute(delete(announcement_pictures).where(kept.made_at < limit("message"), kept.name.not_in(shown)))
    forget_old(db, limit("lead"))
    db.execute(delete(p.deliveries).where(p.deliveries.c.made_at < limit("lead")))
    db.execute(delete(p.data_requests).where(p.data_requests.c.done_at < limit("lead")))
    return done


def _idle(limit: datetime) -> ColumnElement[bool]:
    """Contacts unseen since then of whom nothing else is kept."""
    gone = t.contacts.c.seen_at < limit
    for table in (t.contact_people, t.tickets, t.sessions, t.messages):
        gone &= t.contacts.c.id.not_in(select(table.c.contact_id))
    # An officer's own chat is where notices go, however quiet the commune has been.
    link, officer = d.officer_contacts.c, d.officers.c
    linked = select(link.contact_id).join(d.officers, officer.id == link.officer_id).where(officer.ended_at.is_(None))
    return gone & t.contacts.c.id.not_in(linked.where(link.until.is_(None) | (link.until > limit)))
