"""Old workbooks taken in: who of them is on the list already, and putting the others on it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, tzinfo
from typing import Any

from sqlalchemy import Connection, insert, select, update

from bot.effects import Applicant
from bot.store import lead_records, searching, sql_leads
from bot.store import tables as t
from bot.store.crypto import Cipher
from bot.store.people_port import Planned, SheetRow
from bot.store.port import LeadRecord
from bot.store.records import likeness
from intents.normalise import fold

PORTION = 500
TEXT_VERSION = "import"  # the consent of a row stood in the workbook; the paper it was given on is the commune's
_PERSON = ("full_name", "birth_year", "birth_date", "phone", "told_by", "hamlet", "guardian_name", "guardian_phone")


class SqlIntake:
    """Plans and does an import over one connection."""

    def __init__(self, connection: Connection, cipher: Cipher, zone: tzinfo) -> None:
        self._db = connection
        self._cipher = cipher
        self._zone = zone

    def plan(self, commune: str, rows: Sequence[SheetRow]) -> tuple[Planned, ...]:
        """What each row would do.

        By receipt: the same registration, "same" or "changed"; of another commune: "elsewhere". Without one:
        "duplicate" when a person with this name, birth year and commune, or this phone and name, is down for this
        trade already (on the list or higher up in the workbook), else "new".
        """
        by_receipt, alike = self._met(rows), self._alike(rows)
        planned: list[Planned] = []
        for row in rows:
            known = by_receipt.get(row.receipt)
            if known is not None and known.applicant.commune != commune:
                planned.append(Planned(row, "elsewhere"))
            elif known is not None:
                changed = _changes(row, known)
                planned.append(Planned(row, "changed" if changed else "same", known.receipt, changed))
            else:
                own = _prints(self._cipher, row)
                met = next((alike[p] for p in own if p in alike), None)
                planned.append(Planned(row, "new") if met is None else Planned(row, "duplicate", met))
                for fingerprint in own:
                    alike.setdefault(fingerprint, row.receipt)
        return tuple(planned)

    def add(self, row: SheetRow, receipt: str, who: str, now: datetime) -> int:
        """A new person with a registration; the lead's number. `who` did it, by the name officers go by."""
        values = sql_leads.person_values(self._cipher, row.applicant)
        made = row.registered_on
        at = datetime.combine(made, time(12), self._zone) if made and made < now.date() else now
        person = sql_leads.made_id(self._db.execute(insert(t.people).values(created_at=at, changed_at=now, **values)))
        searching.index(self._db, self._cipher, person, row.applicant)
        lead = {
            "receipt": receipt,
            "person_id": person,
            "commune": row.applicant.commune,
            "trade": row.trade,
            "trade_text": self._cipher.seal(row.trade_text, "lead.trade_text"),
            "course": "",
            "served": True,
            "state": row.state or "new",
            "verification": row.verification or "unverified",
            "details": self._details(row.details),
            "group_digest": searching.group_digest(self._cipher, row.details),
            "created_at": at,
            "changed_at": now,
        }
        number = sql_leads.made_id(self._db.execute(insert(t.leads).values(**lead)))
        sql_leads.history(self._db, number, now, who, "imported")
        for purpose in sorted(row.agreed or ()):
            given = {"lead_id": number, "purpose": purpose, "given": True, "text_version": TEXT_VERSION}
            self._db.execute(insert(t.consents).values(contact_id=None, by="officer", at=now, **given))
        return number

    def change(self, planned: Planned, who: str, now: datetime) -> None:
        """Write what the workbook says over what stands there."""
        row = planned.row
        found = self._db.execute(
            select(t.leads.c.id, t.leads.c.person_id, t.leads.c.details).where(t.leads.c.receipt == planned.receipt)
        ).one()
        kept = json.loads(self._cipher.open(found.details, "lead.details") or "{}") | dict(row.details)
        values: dict[str, Any] = {"details": self._details(kept), "changed_at": now}
        values["group_digest"] = searching.group_digest(self._cipher, kept)
        values |= {"trade": row.trade, "trade_text": self._cipher.seal(row.trade_text, "lead.trade_text")}
        values |= {k: v for k, v in (("state", row.state), ("verification", row.verification)) if v}
        self._db.execute(update(t.leads).where(t.leads.c.id == found.id).values(**values))
        person = sql_leads.person_values(self._cipher, row.applicant) | {"changed_at": now}
        self._db.execute(update(t.people).where(t.people.c.id == found.person_id).values(**person))
        searching.index(self._db, self._cipher, found.person_id, row.applicant)
        sql_leads.history(self._db, found.id, now, who, "imported")

    def _details(self, details: Mapping[str, Any]) -> bytes:
        return self._cipher.seal(json.dumps(dict(details), ensure_ascii=False), "lead.details") if details else b""

    def _met(self, rows: Sequence[SheetRow]) -> Mapping[str, LeadRecord]:
        receipts = sorted({r.receipt for r in rows if r.receipt})
        found: dict[str, LeadRecord] = {}
        for portion in _portions(receipts):
            for row in self._db.execute(lead_records.joined().where(t.leads.c.receipt.in_(portion))).mappings():
                found[row["receipt"]] = lead_records.record(self._cipher, row, self._zone, frozenset())
        return found

    def _alike(self, rows: Sequence[SheetRow]) -> dict[str, str]:
        """Fingerprint of person and trade -> receipt, for everybody on a list who may be one of these."""
        people = {sql_leads.person_values(self._cipher, r.applicant)["likeness_digest"] for r in rows}
        phones = {self._cipher.digest(r.applicant.phone, "phone") for r in rows if r.applicant.phone}
        found: dict[str, str] = {}
        for column, digests in ((t.people.c.likeness_digest, people), (t.people.c.phone_digest, phones)):
            for portion in _portions(sorted(digests)):
                for row in self._db.execute(lead_records.joined().where(column.in_(portion))).mappings():
                    known = lead_records.record(self._cipher, row, self._zone, frozenset())
                    as_row = SheetRow(0, known.applicant, known.trade, known.trade_text)
                    found |= {p: known.receipt for p in _prints(self._cipher, as_row) if p not in found}
        return found


def _prints(cipher: Cipher, row: SheetRow) -> tuple[str, ...]:
    trade = row.trade or fold(row.trade_text)
    who = row.applicant
    same = (f"{likeness(who)}|{trade}", f"{who.phone}|{fold(who.full_name)}|{trade}" if who.phone else "")
    return tuple(cipher.digest(text, "import") for text in same if text)


def _changes(row: SheetRow, known: LeadRecord) -> tuple[str, ...]:
    """Names of fields in which the workbook says something else than the list."""
    mine: Applicant = replace(row.applicant, helper_relation=known.applicant.helper_relation)
    found = [name for name in _PERSON if getattr(mine, name) != getattr(known.applicant, name)]
    found += ["trade"] if fold(row.trade_text) != fold(known.trade_text) else []
    found += [n for n in ("state", "verification") if getattr(row, n) and getattr(row, n) != getattr(known, n)]
    return tuple(found + [k for k, v in row.details.items() if v != known.details.get(k)])


def _portions(items: Sequence[str]) -> Iterable[Sequence[str]]:
    return (items[n : n + PORTION] for n in range(0, len(items), PORTION))
