"""Saved replies: what the officers of a commune often answer."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, select

from bot.store import desk_tables as d
from bot.store.inbox_port import SavedReply
from bot.store.sql_leads import made_id

MOST = 100


class SqlSavedReplies:
    """Over one connection; `communes` None is all."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def all(self, communes: Iterable[str] | None) -> tuple[SavedReply, ...]:
        """By title."""
        c = d.saved_replies.c
        query = select(c.id, c.commune, c.title, c.text).order_by(c.title, c.id).limit(MOST)
        query = query.where(c.commune.in_(sorted(communes))) if communes is not None else query
        return tuple(SavedReply(*row) for row in self._db.execute(query))

    def one(self, number: int) -> SavedReply | None:
        """By number."""
        c = d.saved_replies.c
        row = self._db.execute(select(c.id, c.commune, c.title, c.text).where(c.id == number)).first()
        return SavedReply(*row) if row else None

    def save(self, reply: SavedReply, now: datetime) -> int:
        """Change the one of this number; 0 makes a new one. Its number."""
        values = {"commune": reply.commune, "title": reply.title, "text": reply.text, "changed_at": now}
        if reply.id:
            self._db.execute(d.saved_replies.update().where(d.saved_replies.c.id == reply.id).values(**values))
            return reply.id
        return made_id(self._db.execute(d.saved_replies.insert().values(**values)))

    def drop(self, number: int) -> None:
        """Take it away."""
        self._db.execute(delete(d.saved_replies).where(d.saved_replies.c.id == number))
