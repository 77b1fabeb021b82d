"""Officers, the links and codes that let them in, their sessions, their chats."""

from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, delete, or_, select

from bot.store import desk_tables as d
from bot.store import people_tables as p
from bot.store import tables as t
from bot.store.crypto import Cipher
from bot.store.desk_port import DeskSession, Linked, Officer, Role
from bot.store.sql_leads import made_id


class SqlOfficers:
    """Tokens come in the clear and are kept as keyed fingerprints: whoever reads the database gets in nowhere."""

    def __init__(self, connection: Connection, cipher: Cipher, zone: tzinfo) -> None:
        self._db = connection
        self._cipher = cipher
        self._zone = zone

    def add(self, name: str, role: Role, places: Iterable[str], now: datetime, *, email: str = "") -> int:
        """A new officer's number."""
        values = {"name": self._cipher.seal(name, "officer.name"), "role": role, "created_at": now}
        made = self._db.execute(d.officers.insert().values(**values, **self._email(email)))
        number = made_id(made)
        for code in sorted(set(places)):
            self._db.execute(d.officer_places.insert().values(officer_id=number, code=code))
        return number

    def _email(self, email: str) -> dict[str, Any]:
        plain = email.strip().lower()
        digest = self._cipher.digest(plain, "officer.email") if plain else ""
        return {"email": self._cipher.seal(plain, "officer.email"), "email_digest": digest}

    def change_email(self, officer: int, email: str) -> None:
        """Where links are sent; "" takes it away."""
        self._db.execute(d.officers.update().where(d.officers.c.id == officer).values(**self._email(email)))

    def end(self, officer: int, now: datetime) -> None:
        """No longer an officer: nothing of theirs opens the desk any more. What they did stays known.

        Talks that they had go back to the assistant within a minute, as after a long silence.
        """
        self._db.execute(t.contacts.update().where(t.contacts.c.owner_id == officer).values(paused_until=now))
        self._db.execute(d.officers.update().where(d.officers.c.id == officer).values(ended_at=now))
        self._no_notices(select(d.officer_contacts.c.contact_id).where(d.officer_contacts.c.officer_id == officer))
        for table in (d.desk_sessions, d.login_tokens, d.officer_contacts):
            self._db.execute(delete(table).where(table.c.officer_id == officer))

    def all(self) -> tuple[Officer, ...]:
        """Everybody, those who left too."""
        return self._read(d.officers.c.id > 0)

    def one(self, officer: int) -> Officer | None:
        """By number."""
        return next(iter(self._read(d.officers.c.id == officer)), None)

    def by_email(self, email: str) -> Officer | None:
        """Who gets their links there."""
        digest = self._cipher.digest(email.strip().lower(), "officer.email")
        found = self._read((d.officers.c.email_digest == digest) & d.officers.c.ended_at.is_(None))
        return found[0] if len(found) == 1 else None

    def _read(self, where: Any) -> tuple[Officer, ...]:
        rows = list(self._db.execute(select(d.officers).where(where).order_by(d.officers.c.id)))
        p = d.officer_places.c
        places: dict[int, list[str]] = {}
        for officer, code in self._db.execute(select(p.officer_id, p.code).order_by(p.code)):
            places.setdefault(officer, []).append(code)
        opened = self._cipher.open
        return tuple(
            Officer(
                r.id, opened(r.name, "officer.name"), opened(r.email, "officer.email"), r.role,
                tuple(places.get(r.id, ())), r.ended_at is not None,
            )
            for r in rows
        )  # fmt: skip

    # ---- links and codes

    def give_token(self, officer: int, kind: str, token: str, now: datetime, expires: datetime) -> None:
        """Keep a link or code until it is used or late; of each kind the newest alone holds for codes."""
        c = d.login_tokens.c
        self._db.execute(delete(d.login_tokens).where(c.expires_at < now))
        if kind == "code":
            self._db.execute(delete(d.login_tokens).where(c.officer_id == officer, c.kind == "code"))
        values = {"digest": self._digest(kind, token), "officer_id": officer, "kind": kind}
        self._db.execute(d.login_tokens.insert().values(made_at=now, expires_at=expires, **values))

    def holds(self, kind: str, token: str, now: datetime) -> bool:
        """Whether it would still let somebody in."""
        return self._live(kind, token, now) is not None

    def use_token(self, kind: str, token: str, now: datetime) -> Officer | None:
        """Whom it lets in; it never does again."""
        row = self._live(kind, token, now)
        if row is None:
            return None
        c = d.login_tokens.c
        used = d.login_tokens.update().where(c.id == row.id, c.used_at.is_(None)).values(used_at=now)
        return self.one(row.officer_id) if self._db.execute(used).rowcount == 1 else None

    def _live(self, kind: str, token: str, now: datetime) -> Any:
        c, o = d.login_tokens.c, d.officers.c
        live = (c.digest == self._digest(kind, token)) & (c.expires_at > now) & c.used_at.is_(None)
        query = select(c.id, c.officer_id).join(d.officers, o.id == c.officer_id).where(live, o.ended_at.is_(None))
        return self._db.execute(query).first()

    def _digest(self, kind: str, token: str) -> str:
        return self._cipher.digest(token, f"desk.{kind}")

    # ---- sessions

    def begin(self, officer: int, token: str, session: DeskSession) -> int:
        """A browser signed in; the session's number (that of `session` is ignored)."""
        values = {name: getattr(session, name) for name in DeskSession.__slots__ if name != "id"}
        made = d.desk_sessions.insert().values(digest=self._digest("session", token), officer_id=officer, **values)
        return made_id(self._db.execute(made))

    def key_of(self, link: str, browser: str) -> str:
        """The cookie of the session that a link begins in a browser which was shown its page under this mark."""
        return self._cipher.digest(f"{link} {browser}", "desk.link session")

    def resumed(self, link: str, browser: str, since: datetime, now: datetime) -> DeskSession | None:
        """The session that the link began in this very browser, not before `since`: the answer may have been lost."""
        c = d.login_tokens.c
        used = select(c.id).where(c.digest == self._digest("link", link), c.used_at.between(since, now))
        if not browser or self._db.execute(used).first() is None:
            return None
        found = self.session(self.key_of(link, browser), now)
        return found[0] if found else None

    def session(self, token: str, now: datetime) -> tuple[DeskSession, Officer] | None:
        """Who is behind a cookie."""
        s, o = d.desk_sessions.c, d.officers.c
        live = (s.digest == self._digest("session", token)) & (s.expires_at > now) & o.ended_at.is_(None)
        query = select(d.desk_sessions).join(d.officers, o.id == s.officer_id).where(live)
        row = self._db.execute(query).first()
        officer = self.one(row.officer_id) if row else None
        return (self._session(row), officer) if officer else None

    def sessions(self, officer: int, now: datetime) -> tuple[DeskSession, ...]:
        """Those that are open, the one used last first."""
        s = d.desk_sessions.c
        query = select(d.desk_sessions).where(s.officer_id == officer, s.expires_at > now)
        return tuple(self._session(r) for r in self._db.execute(query.order_by(s.seen_at.desc(), s.id)))

    def _session(self, r: Any) -> DeskSession:
        made, seen, ends = (m.astimezone(self._zone) for m in (r.made_at, r.seen_at, r.expires_at))
        return DeskSession(r.id, r.device, r.own_device, made, seen, ends)

    def seen(self, session: int, now: datetime, expires: datetime) -> None:
        """It was used; it lasts until then."""
        where = d.desk_sessions.c.id == session
        self._db.execute(d.desk_sessions.update().where(where).values(seen_at=now, expires_at=expires))

    def end_session(self, officer: int, session: int) -> bool:
        """One's own; False for somebody else's number."""
        s = d.desk_sessions.c
        return self._db.execute(delete(d.desk_sessions).where(s.id == session, s.officer_id == officer)).rowcount == 1

    def end_other_sessions(self, officer: int, kept: int) -> int:
        """All but this one; how many."""
        s = d.desk_sessions.c
        return self._db.execute(delete(d.desk_sessions).where(s.officer_id == officer, s.id != kept)).rowcount

    # ---- chats

    def link_chat(self, officer: int, contact: int, now: datetime, until: datetime | None) -> None:
        """This chat is that officer's from now on; a chat is one officer's."""
        c = d.officer_contacts.c
        self._db.execute(delete(d.officer_contacts).where(c.contact_id == contact))
        values = {"contact_id": contact, "officer_id": officer, "linked_at": now, "until": until}
        self._db.execute(d.officer_contacts.insert().values(**values))

    def of_chat(self, contact: int, now: datetime) -> Officer | None:
        """Whose chat it is."""
        c, o = d.officer_contacts.c, d.officers.c
        live = (c.contact_id == contact) & or_(c.until.is_(None), c.until > now) & o.ended_at.is_(None)
        query = select(c.officer_id).join(d.officers, o.id == c.officer_id).where(live)
        found = self._db.execute(query).scalar()
        return self.one(int(found)) if found is not None else None

    def chats(self, officer: int, now: datetime) -> tuple[Linked, ...]:
        """The officer's chats that are linked now."""
        c = d.officer_contacts.c
        query = select(c.contact_id, t.contacts.c.channel, c.linked_at, c.until)
        query = query.join(t.contacts, t.contacts.c.id == c.contact_id)
        rows = self._db.execute(query.where(c.officer_id == officer, or_(c.until.is_(None), c.until > now)))
        return tuple(Linked(r.contact_id, r.channel, r.linked_at.astimezone(self._zone), r.until) for r in rows)

    def unlink_chat(self, officer: int, contact: int) -> bool:
        """One's own; False for somebody else's."""
        c = d.officer_contacts.c
        mine = (c.contact_id == contact) & (c.officer_id == officer)
        self._no_notices(select(c.contact_id).where(mine))
        return self._db.execute(delete(d.officer_contacts).where(mine)).rowcount == 1

    def _no_notices(self, contacts: Any) -> None:
        """These chats are told of no new registrations any more."""
        self._db.execute(delete(p.notices).where(p.notices.c.contact_id.in_(contacts)))
