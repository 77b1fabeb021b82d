"""What somebody may ask about their data: all of it, its erasure, and by when the commune must have answered."""

from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, insert, or_, select, update

from bot.effects import Json
from bot.store import erasing, sql_leads
from bot.store import people_tables as p
from bot.store import tables as t
from bot.store.crypto import Cipher
from bot.store.deadlines import TICKETS, answer_by, due_on
from bot.store.people_port import DataRequest, RequestKind
from bot.store.sealed import opened
from bot.store.sql_talks import LIVE

DERIVED = frozenset({"search_words"})  # keyed hashes of what the file says in clear


class SqlRights:
    """Requests, a person's file, erasure and its journal over one connection."""

    def __init__(self, connection: Connection, cipher: Cipher, zone: tzinfo) -> None:
        self._db = connection
        self._cipher = cipher
        self._zone = zone
        self.erased = False

    def person(self, name: str) -> int | None:
        """The person's number by number ("12") or by a receipt ("HN-7KQ4ME"); None when there is none."""
        if name.isascii() and name.isdigit() and len(name) < 16:
            return self._db.execute(select(t.people.c.id).where(t.people.c.id == int(name))).scalar()
        receipt = t.leads.c.receipt == name.strip().upper()
        return self._db.execute(select(t.leads.c.person_id).where(receipt)).scalar()

    def communes(self, person: int) -> frozenset[str]:
        """Where the person is on a list: whose officers may open the file."""
        return frozenset(self._db.execute(select(t.leads.c.commune).where(t.leads.c.person_id == person)).scalars())

    def file(self, person: int) -> dict[str, Json]:
        """Everything kept about a person, opened: one list of rows a table (L91/2025 Đ4).

        A talk is in it when the contact speaks for this person alone; on a phone that several use it is theirs, too.
        """
        ties = t.contact_people.c
        contacts = list(self._db.execute(select(ties.contact_id).where(ties.person_id == person)).scalars())
        several = select(ties.contact_id).where(ties.contact_id.in_(contacts), ties.person_id != person)
        shared = set(self._db.execute(several).scalars())
        own = [c for c in contacts if c not in shared]
        leads = list(self._db.execute(select(t.leads.c.id).where(t.leads.c.person_id == person)).scalars())
        file = {"people": self._rows(t.people, t.people.c.id == person)}
        file["contacts"] = self._rows(t.contacts, t.contacts.c.id.in_(contacts))
        owners = ((t.people, [person]), (t.leads, leads), (t.contacts, own))
        for table in t.metadata.sorted_tables:
            theirs = [w for owner, ids in owners if (w := _of(table, owner, ids)) is not None]
            if theirs and table.name not in DERIVED:
                file[table.name] = self._rows(table, or_(*theirs))
        file["forwarded_to"] = self._forwarded(leads)
        return {name: rows for name, rows in file.items() if rows}

    def forwarded(self, person: int) -> tuple[str, ...]:
        """Names of those the person was sent to; whoever opened the list is told of an erasure (`erasing`)."""
        leads = list(self._db.execute(select(t.leads.c.id).where(t.leads.c.person_id == person)).scalars())
        there = (row for row in self._forwarded(leads) if row["state"] in ("sent", "unknown", "sending"))
        return tuple(sorted({str(row["name"]) for row in there}))

    def erase(self, person: int, now: datetime) -> bool:
        """See `erasing.erase_person`."""
        self.erased = True
        return erasing.erase_person(self._db, self._cipher, person, now)

    def journal(self) -> frozenset[erasing.Erasure]:
        """Fingerprints of what was erased."""
        return erasing.journal(self._db)

    def replay(self, lines: Iterable[erasing.Erasure]) -> int:
        """After an older copy of the data was put back: erase again; how many people went."""
        self.erased = True
        return erasing.replay(self._db, self._cipher, lines)

    def last_erasure(self) -> datetime | None:
        """When somebody was erased last."""
        return erasing.last_erasure(self._db)

    def ask(self, request: DataRequest) -> int:
        """Keep a request that came in person, by paper or by phone (id, days and state are reckoned here)."""
        sealed = {n: self._cipher.seal(getattr(request, n), f"data_request.{n}") for n in ("who", "note")}
        days = self._days(request.kind, request.asked_at, third_party=self._third_party(request.person))
        values = {"commune": request.commune, "kind": request.kind, "person_id": request.person, "done_by": ""}
        made = insert(p.data_requests).values(asked_at=request.asked_at, **values, **sealed, **days)
        return sql_leads.made_id(self._db.execute(made))

    def due(self, commune: str = "") -> tuple[DataRequest, ...]:
        """Requests not done, those asked in the chat too, the most pressing first."""
        c, k = p.data_requests.c, t.tickets.c
        rows = self._db.execute(select(p.data_requests).where(c.done_at.is_(None))).mappings()
        found = [self._request(r) for r in rows if commune in ("", r["commune"])]
        tickets = select(t.tickets).where(k.state.in_(LIVE), k.reason.in_(TICKETS))  # taken or not
        found += [self._ticket(r) for r in self._db.execute(tickets).mappings() if commune in ("", r["commune"])]
        return tuple(sorted(found, key=lambda r: (r.due_on, r.asked_at)))

    def answered(self, request: int, now: datetime) -> None:
        """They have heard from the commune."""
        self._set(request, answered_at=now)

    def extend(self, request: int, now: datetime) -> bool:
        """By as much again, once; False when it was extended before."""
        c = p.data_requests.c
        row = (
            self._db.execute(select(p.data_requests).where(c.id == request, c.extended_at.is_(None))).mappings().first()
        )
        if row is None:
            return False
        asked = row["asked_at"].astimezone(self._zone).date()
        self._set(
            request, extended_at=now, due_on=due_on(row["kind"], asked, third_party=row["third_party"], extended=True)
        )
        return True

    def done(self, request: int, by: str, now: datetime) -> None:
        """Fulfilled; by whom."""
        self._set(request, done_at=now, done_by=by[:40])

    def _set(self, request: int, **values: Any) -> None:
        self._db.execute(update(p.data_requests).where(p.data_requests.c.id == request).values(**values))

    def _third_party(self, person: int | None) -> bool:
        """Whether somebody else holds their data, too: then the law gives more days."""
        leads = select(t.leads.c.id).where(t.leads.c.person_id == person)
        held = select(p.delivery_leads.c.lead_id).where(p.delivery_leads.c.lead_id.in_(leads)).limit(1)
        return person is not None and self._db.execute(held).first() is not None

    def _days(self, kind: RequestKind, asked_at: datetime, *, third_party: bool) -> dict[str, Any]:
        asked = asked_at.astimezone(self._zone).date()
        days = due_on(kind, asked, third_party=third_party)
        return {"third_party": third_party, "answer_by": answer_by(asked), "due_on": days}

    def _request(self, r: RowMapping) -> DataRequest:
        texts: dict[str, Any] = {n: self._cipher.open(r[n], f"data_request.{n}") for n in ("who", "note")}
        same = ("id", "commune", "kind", "asked_at", "answer_by", "due_on", "answered_at", "extended_at", "done_at")
        return DataRequest(source="request", person=r["person_id"], **{n: r[n] for n in same}, **texts)

    def _ticket(self, r: RowMapping) -> DataRequest:
        kind = TICKETS[r["reason"]]
        days = self._days(kind, r["at"], third_party=False)
        note = self._cipher.open(r["text"], "ticket.text")
        return DataRequest(r["id"], "ticket", r["commune"], kind, r["at"], days["answer_by"], days["due_on"], note=note)

    def _rows(self, table: Table, where: Any) -> list[dict[str, Json]]:
        rows = self._db.execute(select(table).where(where)).mappings()
        return [
            {k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in opened(self._cipher, table, row).items()}
            for row in rows
        ]

    def _forwarded(self, leads: list[int]) -> list[dict[str, Json]]:
        d, r = p.deliveries.c, p.recipients.c
        query = (
            select(r.name, r.purpose, d.state, d.settled_at)
            .distinct()
            .select_from(p.deliveries)
            .join(p.recipients, r.id == d.recipient_id)
            .join(p.delivery_leads, p.delivery_leads.c.delivery_id == d.id)
            .where(p.delivery_leads.c.lead_id.in_(leads))
        )
        return [
            {"name": x.name, "purpose": x.purpose, "state": x.state, "at": x.settled_at and x.settled_at.isoformat()}
            for x in self._db.execute(query)
        ]


def _of(table: Table, owner: Table, ids: list[int]) -> Any:
    """The condition that a table's rows belong to these rows of `owner`; None when it does not refer to it."""
    for column in table.c:
        if any(key.column is owner.c.id for key in column.foreign_keys):
            return column.in_(ids)
    return None
