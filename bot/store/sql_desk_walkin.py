"""People whom an officer enters: they came to the office, and said what they agree to."""

import json
from datetime import datetime

from sqlalchemy import Connection, select

from bot.store import desk_tables as d
from bot.store import tables as t
from bot.store.crypto import Cipher
from bot.store.desk_port import WalkIn
from bot.store.port import ReceiptTaken
from bot.store.searching import group_digest, index
from bot.store.sql_leads import history, made_id, person_values


class SqlWalkIns:
    """Verified from the start: the person stood there."""

    def __init__(self, connection: Connection, cipher: Cipher) -> None:
        self._db = connection
        self._cipher = cipher

    def enter(self, officer: int, came: WalkIn, now: datetime, *, served: bool = True) -> int:
        """The new lead's number. Raises ReceiptTaken (draw another)."""
        if self._db.execute(select(t.leads.c.id).where(t.leads.c.receipt == came.receipt)).first():
            raise ReceiptTaken(came.receipt)
        values = person_values(self._cipher, came.applicant)
        person = made_id(self._db.execute(t.people.insert().values(created_at=now, changed_at=now, **values)))
        index(self._db, self._cipher, person, came.applicant)
        details = json.dumps(dict(came.details), ensure_ascii=False) if came.details else ""
        row = {
            "receipt": came.receipt,
            "person_id": person,
            "commune": came.applicant.commune,
            "trade": came.trade,
            "trade_text": self._cipher.seal(came.trade_text, "lead.trade_text"),
            "course": came.course,
            "served": served,
            "state": "contacted",
            "verification": "verified",
            "details": self._cipher.seal(details, "lead.details"),
            "group_digest": group_digest(self._cipher, came.details),
        }
        lead = made_id(self._db.execute(t.leads.insert().values(created_at=now, changed_at=now, **row)))
        for purpose, given in came.purposes.items():
            by = "guardian" if purpose == "guardian" else "office"
            said = {"purpose": purpose, "given": given, "text_version": came.text_version, "by": by, "at": now}
            self._db.execute(t.consents.insert().values(contact_id=None, lead_id=lead, **said))
        history(self._db, lead, now, f"officer:{officer}", "walk_in")
        told = {"at": now, "officer_id": officer, "act": "walk_in", "subject": f"lead:{lead}"}
        self._db.execute(d.audit.insert().values(**told))
        return lead
