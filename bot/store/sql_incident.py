"""After a leak: every way in is closed at once, and whom it concerns is counted and listed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo

from sqlalchemy import Connection, delete, func, or_, select

from bot.store import desk_tables as d
from bot.store import people_tables as p
from bot.store import tables as t
from bot.store.crypto import Cipher

_PORTION = 500


@dataclass(frozen=True, slots=True)
class Closed:
    """How many of each were ended."""

    sessions: int
    links: int
    chats: int
    files: int


@dataclass(frozen=True, slots=True)
class Concerned:
    """A registered person who has to be told. `ways`: channels they can be written to on, "" when by phone alone."""

    person: int
    full_name: str
    phone: str
    told_by: str
    hamlet: str
    commune: str
    since: datetime
    ways: tuple[str, ...] = ()


class SqlIncident:
    """Over one connection."""

    def __init__(self, connection: Connection, cipher: Cipher, zone: tzinfo) -> None:
        self._db = connection
        self._cipher = cipher
        self._zone = zone

    def close(self, now: datetime, *, officer: int | None = None) -> Closed:
        """End sessions, links and codes that let in, linked chats; of everybody the links to forwarded lists, too.

        `officer`: of this one alone (a lost phone). What officers did stays known; they come back by a new link.
        """
        ended = []
        for table in (d.desk_sessions, d.login_tokens, d.officer_contacts):
            query = delete(table)
            if officer is not None:
                query = query.where(table.c.officer_id == officer)
            if table is d.officer_contacts:
                self._no_notices(officer)
            ended.append(self._db.execute(query).rowcount)
        files = 0
        if officer is None:
            live = p.deliveries.c.link_until > now
            files = self._db.execute(p.deliveries.update().where(live).values(link_until=now)).rowcount
        sessions, links, chats = ended
        return Closed(sessions, links, chats, files)

    def _no_notices(self, officer: int | None) -> None:
        chats = select(d.officer_contacts.c.contact_id)
        if officer is not None:
            chats = chats.where(d.officer_contacts.c.officer_id == officer)
        self._db.execute(delete(p.notices).where(p.notices.c.contact_id.in_(chats)))

    def concerned(
        self, communes: frozenset[str] | None, since: datetime | None, until: datetime | None
    ) -> Iterator[Concerned]:
        """People on the list (of these communes; None: all) entered or changed within this time, by number."""
        after = 0
        c = t.people.c
        while True:
            query = select(t.people).where(c.id > after).order_by(c.id).limit(_PORTION)
            query = query.where(c.commune.in_(communes)) if communes is not None else query
            query = query.where(or_(c.created_at >= since, c.changed_at >= since)) if since else query
            query = query.where(c.created_at <= until) if until else query
            rows = list(self._db.execute(query))
            if not rows:
                return
            ways = self._ways([r.id for r in rows])
            for r in rows:
                opened = {name: self._cipher.open(getattr(r, name), f"person.{name}") for name in _SEALED}
                yield Concerned(
                    r.id,
                    commune=r.commune,
                    since=r.created_at.astimezone(self._zone),
                    ways=ways.get(r.id, ()),
                    **opened,
                )
            after = rows[-1].id

    def _ways(self, people: list[int]) -> dict[int, tuple[str, ...]]:
        c, of = t.contacts.c, t.contact_people.c
        query = select(of.person_id, c.channel).join(t.contacts, c.id == of.contact_id)
        found: dict[int, set[str]] = {}
        for person, channel in self._db.execute(query.where(of.person_id.in_(people))):
            found.setdefault(person, set()).add(channel)
        return {person: tuple(sorted(channels)) for person, channels in found.items()}

    def talks(self) -> int:
        """Contacts whose talk is kept, registered or not: what they wrote concerns them, too."""
        return int(self._db.execute(select(func.count()).select_from(t.contacts)).scalar() or 0)


_SEALED = ("full_name", "phone", "told_by", "hamlet")
