"""The list read for a sheet: first what orders it, then the people, in portions that never hold the database long."""

import json
from collections.abc import Iterable, Sequence
from datetime import tzinfo

from sqlalchemy import Connection, select

from bot.store import lead_records
from bot.store import tables as t
from bot.store.crypto import Cipher
from bot.store.people_port import Key
from bot.store.port import LeadRecord


class SqlSheet:
    """Reads registrations over one connection."""

    def __init__(self, connection: Connection, cipher: Cipher, zone: tzinfo) -> None:
        self._db = connection
        self._cipher = cipher
        self._zone = zone

    def keys(self, communes: Iterable[str], *, after: int = 0, most: int = 2000) -> tuple[Key, ...]:
        """The next `most` registrations of these communes by number; none when all have been read."""
        c = t.leads.c
        columns = (c.id, c.commune, c.trade, c.trade_text, c.course, c.state, c.verification, c.details, c.created_at)
        query = select(*columns).where(c.commune.in_(list(communes)), c.id > after).order_by(c.id).limit(most)
        rows = self._db.execute(query).all()
        agreed = lead_records.agreements(self._db, t.consents.c.lead_id.in_([r.id for r in rows]))
        return tuple(
            Key(
                r.id,
                r.commune,
                r.trade,
                self._cipher.open(r.trade_text, "lead.trade_text"),
                r.course,
                r.state,
                r.verification,
                r.created_at.astimezone(self._zone),
                str(json.loads(self._cipher.open(r.details, "lead.details") or "{}").get("target_group", "")),
                agreed.get(r.id, frozenset()),
            )
            for r in rows
        )

    def records(self, leads: Sequence[int]) -> tuple[LeadRecord, ...]:
        """These registrations in this order; ones erased meanwhile are left out."""
        rows = self._db.execute(lead_records.joined().where(t.leads.c.id.in_(leads))).mappings().all()
        agreed = lead_records.agreements(self._db, t.consents.c.lead_id.in_(leads))
        found = {
            row["id"]: lead_records.record(self._cipher, row, self._zone, agreed.get(row["id"], frozenset()))
            for row in rows
        }
        return tuple(found[lead] for lead in leads if lead in found)
