"""Erasing people: everything of theirs goes, keyed fingerprints stay so that no older copy brings them back.

What must not come back is journalled in `erasures`: a lead by its receipt, a contact's talk by the contact, a ticket or
question by its sealed bytes. Recipients that hold the list of an erased person are told (L91/2025 Đ14; NĐ 356/2025 Đ5).
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Table, delete, func, insert, select, update

from bot.effects import Applicant
from bot.store import folding, lead_records, seats, unannounced
from bot.store import learning_tables as lt
from bot.store import people_tables as p
from bot.store import tables as t
from bot.store.crypto import Cipher
from bot.store.records import VIETNAM, names

KEY = "rekeyed"  # no erasure: the fingerprint of a key, and since when the data hangs on it
Kind = Literal["lead", "contact", "talk", "sealed", "rekeyed"]
# Tables that a contact's own rows stand in; a row anywhere else (an officer's link, notices) keeps the contact.
OF_A_TALK = frozenset(
    {"sessions", "seen_updates", "messages", "contact_people", "tickets", "consents", "announcement_recipients"}
)


@dataclass(frozen=True, slots=True)
class Erasure:
    """One line of the journal. `digest` is a keyed fingerprint: nothing can be read back from it."""

    kind: Kind
    digest: str
    at: datetime


def erase_contact(db: Connection, cipher: Cipher, contact: int, now: datetime) -> None:
    """Everybody registered from here, their leads, consents and history (by cascade), tickets and the talk."""
    folding.fold(db, cipher, VIETNAM, t.seen_updates.c.contact_id == contact)
    ties = t.contact_people.c
    _erase_people(db, cipher, db.execute(select(ties.person_id).where(ties.contact_id == contact)).scalars(), now)
    for table in (t.tickets, t.consents, t.messages, t.sessions):
        db.execute(delete(table).where(table.c.contact_id == contact))
    # No officer has a talk that is not there any more.
    db.execute(
        update(t.contacts).where(t.contacts.c.id == contact).values(owner_id=None, paused_until=None, announced="")
    )
    _journal(db, "contact", _contact_print(db, cipher, contact), now)


def erase_person(db: Connection, cipher: Cipher, person: int, now: datetime) -> bool:
    """One person, and the talk of every contact that spoke for them; False when there is no such person.

    A contact that spoke for nobody else goes as a whole; another one keeps its other people, and the tickets that do
    not name this one.
    """
    if db.execute(select(t.people.c.id).where(t.people.c.id == person)).first() is None:
        return False
    ties = t.contact_people.c
    contacts = list(db.execute(select(ties.contact_id).where(ties.person_id == person)).scalars())
    folding.fold(db, cipher, VIETNAM, t.seen_updates.c.contact_id.in_(contacts))
    shared = set(
        db.execute(select(ties.contact_id).where(ties.contact_id.in_(contacts), ties.person_id != person)).scalars()
    )
    who = _applicants(db, cipher, [person])
    _erase_people(db, cipher, [person], now)
    for contact in contacts:
        _journal(db, "talk" if contact in shared else "contact", _contact_print(db, cipher, contact), now)
        for table in (t.messages, t.sessions):
            db.execute(delete(table).where(table.c.contact_id == contact))
        if contact in shared:
            _erase_naming(db, cipher, t.tickets, "ticket", who, now)
            continue
        for table in (t.tickets, t.consents):
            db.execute(delete(table).where(table.c.contact_id == contact))
        if not _held(db, contact):
            db.execute(delete(t.contacts).where(t.contacts.c.id == contact))
    return True


def journal(db: Connection) -> frozenset[Erasure]:
    """Every line."""
    c = p.erasures.c
    return frozenset(Erasure(r.kind, r.digest, r.at) for r in db.execute(select(c.kind, c.digest, c.at)))


def replay(db: Connection, cipher: Cipher, lines: Iterable[Erasure]) -> int:
    """Erase again what an older copy of the data brought back, and keep the lines; how many people went."""
    known: dict[tuple[str, str], Erasure] = {(e.kind, e.digest): e for e in lines}
    gone = [
        person
        for person, receipt in db.execute(select(t.leads.c.person_id, t.leads.c.receipt))
        if ("lead", cipher.digest(receipt, "erased.lead")) in known
    ]
    people = sorted(set(gone))
    if people:
        unannounced.erased(db, people)
        db.execute(delete(t.people).where(t.people.c.id.in_(people)))
    who = t.contacts.c
    for contact, *identity in db.execute(select(who.id, who.channel, who.account, who.external_digest)).all():
        digest = _identity_print(cipher, *identity)
        for kind, tables in (("contact", (t.tickets, t.consents, t.messages)), ("talk", (t.messages,))):
            line = known.get((kind, digest))
            if line is None:
                continue
            for table in tables:
                db.execute(delete(table).where(table.c.contact_id == contact, table.c.at <= line.at))
            db.execute(delete(t.sessions).where(t.sessions.c.contact_id == contact, t.sessions.c.updated_at <= line.at))
    for table in (t.tickets, t.unanswered, lt.lesson_phrases):
        rows = db.execute(select(table.c.id, table.c.text)).all()
        named = [r.id for r in rows if ("sealed", _sealed_print(cipher, r.text)) in known]
        if named:
            db.execute(delete(table).where(table.c.id.in_(named)))
    for line in known.values():
        _journal(db, line.kind, line.digest, line.at)
    return len(people)


def key_mark(cipher: Cipher) -> str:
    """A key's own fingerprint, by which the journal names it."""
    return cipher.digest("", KEY)


def mark_keys(db: Connection, old: Cipher, new: Cipher, now: datetime) -> None:
    """The journal says that one key followed the other, whatever became of the clock; keys that it knows stay."""
    c = p.erasures.c
    known = {row.digest: row.at for row in db.execute(select(c.digest, c.at).where(c.kind == KEY))}
    at = max([now, *(moment + timedelta(seconds=2) for moment in known.values())])
    for mark, since in ((key_mark(old), at - timedelta(seconds=1)), (key_mark(new), at)):
        if mark not in known:
            _journal(db, KEY, mark, since)


def _erase_people(db: Connection, cipher: Cipher, people: Iterable[int], now: datetime) -> None:
    ids = list(people)
    if not ids:
        return
    _tell_recipients(db, cipher, ids, now)
    for receipt in db.execute(select(t.leads.c.receipt).where(t.leads.c.person_id.in_(ids))).scalars().all():
        _journal(db, "lead", cipher.digest(receipt, "erased.lead"), now)
    for table, label in ((t.unanswered, "unanswered"), (lt.lesson_phrases, "lesson_phrase")):
        _erase_naming(db, cipher, table, label, _applicants(db, cipher, ids), now)
    done = {"who": b"", "note": b"", "done_at": now, "done_by": "erased"}
    db.execute(update(p.data_requests).where(p.data_requests.c.person_id.in_(ids)).values(**done))
    unannounced.erased(db, ids)
    freed = seats.courses_of(db, ids)
    db.execute(delete(t.people).where(t.people.c.id.in_(ids)))
    for course in freed:
        seats.recount(db, course)


def _tell_recipients(db: Connection, cipher: Cipher, people: list[int], now: datetime) -> None:
    """Whoever got the list with somebody on it is asked to erase them: by receipt number, nothing else."""
    query = (
        select(p.deliveries.c.recipient_id, t.leads.c.receipt)
        .distinct()
        .join(p.delivery_leads, p.delivery_leads.c.delivery_id == p.deliveries.c.id)
        .join(t.leads, t.leads.c.id == p.delivery_leads.c.lead_id)
        .join(p.recipients, p.recipients.c.id == p.deliveries.c.recipient_id)
        .where(t.leads.c.person_id.in_(people), p.deliveries.c.kind == "list")
        .where(p.deliveries.c.state.in_(("sent", "unknown", "sending")))
        .where(p.recipients.c.attach | (p.deliveries.c.opens > 0))  # a link that nobody opened gave nothing away
    )
    told: dict[int, list[str]] = {}
    for recipient, receipt in db.execute(query):
        told.setdefault(recipient, []).append(receipt)
    for recipient, receipts in told.items():
        note = cipher.seal(json.dumps(sorted(receipts)), "delivery.note")
        values = {"recipient_id": recipient, "kind": "erased", "state": "waiting", "tries": 0, "due_at": now}
        values |= {"people": len(receipts), "why": "", "note": note, "asked_by": "erased", "made_at": now, "opens": 0}
        db.execute(insert(p.deliveries).values(**values))


def _erase_naming(
    db: Connection, cipher: Cipher, table: Table, label: str, who: list[Applicant], now: datetime
) -> None:
    """Rows of nobody in particular, or of a contact shared by several, whose text names one of these people."""
    for row in db.execute(select(table)).mappings().all():
        said = cipher.open(row["text"], f"{label}.text")
        phone = cipher.open(row["phone"], f"{label}.phone") if "phone" in row else ""
        if any(names(f"{said} {phone}", person) for person in who):
            _journal(db, "sealed", _sealed_print(cipher, row["text"]), now)
            db.execute(delete(table).where(table.c.id == row["id"]))


def _applicants(db: Connection, cipher: Cipher, people: list[int]) -> list[Applicant]:
    rows = db.execute(lead_records.joined().where(t.people.c.id.in_(people))).mappings()
    return [lead_records.record(cipher, row, VIETNAM, frozenset()).applicant for row in rows]


def _journal(db: Connection, kind: str, digest: str, at: datetime) -> None:
    c = p.erasures.c
    same = (c.kind == kind) & (c.digest == digest)
    done = db.execute(update(p.erasures).where(same).values(at=at))
    if done.rowcount == 0:
        db.execute(insert(p.erasures).values(kind=kind, digest=digest, at=at))


def _contact_print(db: Connection, cipher: Cipher, contact: int) -> str:
    """Of the identity, not of the number: numbers differ between copies of the data that went separate ways."""
    c = t.contacts.c
    row: Any = db.execute(select(c.channel, c.account, c.external_digest).where(c.id == contact)).one()
    return _identity_print(cipher, row.channel, row.account, row.external_digest)


def _identity_print(cipher: Cipher, channel: str, account: str, external_digest: str) -> str:
    return cipher.digest(f"{channel}\0{account}\0{external_digest}", "erased.contact")


def _sealed_print(cipher: Cipher, sealed: bytes) -> str:
    """Sealed bytes never repeat (each has a nonce of its own), so they name one row in every copy."""
    return cipher.digest(sealed.hex(), "erased.sealed")


def _held(db: Connection, contact: int) -> bool:
    for table in t.metadata.sorted_tables:
        for column in table.c:
            refers = any(key.column is t.contacts.c.id for key in column.foreign_keys)
            if refers and table.name not in OF_A_TALK and _counts(db, table, column == contact):
                return True
    return False


def _counts(db: Connection, table: Table, where: Any) -> bool:
    return bool(db.execute(select(func.count()).select_from(table).where(where)).scalar())


def last_erasure(db: Connection) -> datetime | None:
    """When somebody was erased last: files exported before are not to be kept."""
    c = p.erasures.c
    newest = select(c.at).where(c.kind != KEY).order_by(c.at.desc()).limit(1)
    found: datetime | None = db.execute(newest).scalar()
    return found


def forget_old(db: Connection, limit: datetime) -> None:
    """Lines older than any copy of the data that retention leaves people in."""
    db.execute(delete(p.erasures).where(p.erasures.c.at < limit, p.erasures.c.kind != KEY))
