"""The statements of a turn, compiled once (`prepared`)."""

from typing import Any

from sqlalchemy import BindParameter, bindparam, exists, select

from bot.store import desk_tables as d
from bot.store import tables as t
from bot.store.prepared import Prepared

_contact: BindParameter[Any] = bindparam("contact")
c, m, s = t.contacts.c, t.messages.c, t.sessions.c

# Whose talk it is, and which officer's chat this is, ride along: a turn asks nothing more for them.
_officer = (
    select(d.officer_contacts.c.officer_id)
    .where(d.officer_contacts.c.contact_id == c.id)
    .correlate(t.contacts)
    .scalar_subquery()
)
# The lock is a row's on PostgreSQL; SQLite's transaction holds the only write lock, and knows no such words.
CONTACT_LOCKED = Prepared(
    select(c.id, c.paused_until, c.owner_id, _officer, c.announced)
    .where(c.channel == bindparam("in_channel"), c.account == bindparam("in_account"))
    .where(c.external_digest == bindparam("digest"))
    .with_for_update(of=t.contacts)
)
CONTACT_SEEN = Prepared(
    t.contacts.update()
    .where(c.id == _contact)
    .values(seen_at=bindparam("now"), unreachable_at=None, unreachable_why="", announced="")
)
CONTACT_LEFT = Prepared(
    t.contacts.update()
    .where(c.id == _contact)
    .values(unreachable_at=bindparam("now"), unreachable_why=bindparam("why"))
)
CONTACT_MADE = Prepared(
    t.contacts.insert()
    .values(
        channel=bindparam("in_channel"),
        account=bindparam("in_account"),
        external_digest=bindparam("digest"),
        external=bindparam("sealed"),
        created_at=bindparam("now"),
        seen_at=bindparam("now"),
    )
    .returning(c.id)
)
_seen = t.seen_updates.c
# What a turn looks up before anything else, once the contact is locked: seen? the session; registered for somebody?
BEFORE = Prepared(
    select(
        select(_seen.at).where(_seen.contact_id == _contact, _seen.update_id == bindparam("update")).scalar_subquery(),
        select(s.body).where(s.contact_id == _contact).scalar_subquery(),
        exists().where(t.contact_people.c.contact_id == _contact),
    )
)
MARK_SEEN = Prepared(
    t.seen_updates.insert().values(
        contact_id=_contact, update_id=bindparam("update"), at=bindparam("now"), tally=bindparam("sealed")
    )
)
SESSION = Prepared(select(s.body).where(s.contact_id == _contact))
SESSION_CHANGED = Prepared(
    t.sessions.update().where(s.contact_id == _contact).values(body=bindparam("sealed"), updated_at=bindparam("now"))
)
SESSION_MADE = Prepared(
    t.sessions.insert().values(contact_id=_contact, body=bindparam("sealed"), updated_at=bindparam("now"))
)
UNSENT_TO = Prepared(select(m.id).where(m.contact_id == _contact, m.outgoing, m.sent_at.is_(None)).limit(1))


def _message(place: str = "") -> dict[str, Any]:
    """A message's columns; `place` begins the names of their binds."""
    named = {
        "contact_id": "contact",
        "update_id": "update",
        "outgoing": "going_out",
        "body": "sealed",
        "at": "now",
        "sent_at": "sent",
        "fate": "becomes",
        "why": "because",
    }
    # A second row's binds do not learn their types from the columns.
    return {column: bindparam(f"{place}{name}", type_=m[column].type) for column, name in named.items()}


MESSAGE_MADE = Prepared(t.messages.insert().values(**_message()).returning(m.id))
# What somebody said and the answer to it, in this order.
TALK_MADE = Prepared(t.messages.insert().values([_message("said_"), _message()]).returning(m.id))
_this = m.id == bindparam("message")
MESSAGE_SENT = Prepared(t.messages.update().where(_this, m.sent_at.is_(None)).values(sent_at=bindparam("now")))
_earlier = t.messages.alias("earlier")
_first_of_their_talk = ~exists().where(
    _earlier.c.contact_id == m.contact_id, _earlier.c.id < m.id, _earlier.c.outgoing, _earlier.c.sent_at.is_(None)
)
MESSAGE_CLAIMED = Prepared(
    t.messages.update()
    .where(_this, m.sent_at.is_(None), m.claimed_at.is_(None), _first_of_their_talk)
    .values(claimed_at=bindparam("now"), claimed_by=bindparam("holder"))
)
MESSAGE_WAITS = Prepared(select(m.claimed_at, m.claimed_by).where(_this, m.sent_at.is_(None)))
MESSAGE_SETTLED = Prepared(
    t.messages.update()
    .where(_this, m.sent_at.is_(None))
    .values(fate=bindparam("becomes"), why=bindparam("because"), sent_at=bindparam("now"))
)
QUESTION_KEPT = Prepared(
    t.unanswered.insert().values(
        text=bindparam("sealed"), decision=bindparam("decided"), commune=bindparam("where"), at=bindparam("now")
    )
)
SPEAKS_FOR = Prepared(select(t.contact_people.c.person_id).where(t.contact_people.c.contact_id == _contact).limit(1))
