"""Recipients and deliveries: what is due is in the database, so that a restart forgets nothing and doubles nothing."""

import hmac
import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Any, get_args

from sqlalchemy import Connection, RowMapping, func, insert, or_, select, update

from bot.store import people_tables as p
from bot.store import sql_leads
from bot.store.crypto import Cipher
from bot.store.people_port import Delivery, DeliveryState, Every, Recipient

_LONGEST_WHY = 80
SEND_HOUR = 7  # when an office opens
LONGEST_PAUSE = timedelta(hours=25)  # before a next try; what lies further ahead was written by a clock that ran ahead


def next_due(every: Every, after: datetime) -> datetime | None:
    """The first time after `after`: Mondays or the first of a month at seven; None when it is sent when asked.

    Reckoned from now, not from the last time: a program that was off for a month sends once, not four times.
    """
    morning = after.replace(hour=SEND_HOUR, minute=0, second=0, microsecond=0)
    if every == "week":
        found = morning + timedelta(days=(7 - morning.weekday()) % 7)
        return found if found > after else found + timedelta(days=7)
    if every == "month":
        found = morning.replace(day=1)
        return found if found > after else (found + timedelta(days=32)).replace(day=1)
    return None


class SqlForwarding:
    """Recipients, deliveries and their links over one connection."""

    def __init__(self, connection: Connection, cipher: Cipher, zone: tzinfo) -> None:
        self._db = connection
        self._cipher = cipher
        self._zone = zone

    def save(self, recipient: Recipient, now: datetime) -> int:
        """Insert (id 0) or replace; its number. When it is due next follows from how often."""
        values = {
            "commune": recipient.commune,
            "name": recipient.name,
            "address": self._cipher.seal(recipient.address, "recipient.address"),
            "secret": self._cipher.seal(recipient.secret, "recipient.secret"),
            "kind": recipient.kind,
            "purpose": recipient.purpose,
            "consent": recipient.consent,
            "way": recipient.way,
            "attach": recipient.attach,
            "every": recipient.every,
            "next_at": next_due(recipient.every, now.astimezone(self._zone)),
            "ended_at": recipient.ended_at,
        }
        c = p.recipients.c
        if recipient.id:
            self._db.execute(update(p.recipients).where(c.id == recipient.id).values(**values))
            return recipient.id
        return sql_leads.made_id(self._db.execute(insert(p.recipients).values(created_at=now, **values)))

    def end(self, recipient: int, now: datetime) -> None:
        """Nothing more is sent there; what was sent stays on record."""
        ended = {"ended_at": now, "next_at": None}
        self._db.execute(update(p.recipients).where(p.recipients.c.id == recipient).values(**ended))
        waiting = (p.deliveries.c.recipient_id == recipient) & (p.deliveries.c.state == "waiting")
        stopped = {"state": "failed", "why": "ended", "settled_at": now}
        self._db.execute(update(p.deliveries).where(waiting, p.deliveries.c.kind != "erased").values(**stopped))

    def recipients(self, commune: str = "") -> tuple[Recipient, ...]:
        """Those not ended, of a commune or of all."""
        c = p.recipients.c
        query = select(p.recipients).where(c.ended_at.is_(None)).order_by(c.id)
        rows = self._db.execute(query.where(c.commune == commune) if commune else query).mappings()
        return tuple(self._recipient(r) for r in rows)

    def recipient(self, number: int) -> Recipient | None:
        """One, ended or not."""
        row = self._db.execute(select(p.recipients).where(p.recipients.c.id == number)).mappings().first()
        return self._recipient(row) if row else None

    def schedule(self, now: datetime) -> int:
        """A delivery for each recipient that is due, and its next time; how many."""
        c = p.recipients.c
        for every in get_args(Every):  # a time later than the next one was written by a clock that ran ahead
            following = next_due(every, now.astimezone(self._zone))
            ahead = update(p.recipients).where(c.every == every, c.next_at > (following or now))
            self._db.execute(ahead.values(next_at=following))
        due = self._db.execute(select(p.recipients).where(c.ended_at.is_(None), c.next_at <= now)).mappings().all()
        for row in due:
            self.ask(self._recipient(row), "schedule", now)
            following = next_due(row["every"], now.astimezone(self._zone))
            self._db.execute(update(p.recipients).where(c.id == row["id"]).values(next_at=following))
        return len(due)

    def ask(self, recipient: Recipient, by: str, now: datetime) -> int:
        """A delivery to be sent now, its number; one that waits already is brought forward instead."""
        c = p.deliveries.c
        kind = "list" if recipient.consent else "figures"
        waiting = (c.recipient_id == recipient.id) & (c.state == "waiting") & (c.kind == kind)
        found = self._db.execute(select(c.id).where(waiting)).scalar()
        if found is not None:
            self._db.execute(update(p.deliveries).where(c.id == found).values(due_at=now))
            return int(found)
        values = {"recipient_id": recipient.id, "kind": kind, "state": "waiting", "tries": 0, "due_at": now}
        values |= {"people": 0, "why": "", "note": b"", "asked_by": by[:40], "made_at": now, "opens": 0}
        return sql_leads.made_id(self._db.execute(insert(p.deliveries).values(**values)))

    def due(self, now: datetime, most: int = 20) -> tuple[Delivery, ...]:
        """Waiting ones whose time has come, the oldest first."""
        c = p.deliveries.c
        come = or_(c.due_at <= now, c.due_at > now + LONGEST_PAUSE)
        return self._read((c.state == "waiting") & come, c.due_at, most)

    def deliveries(self, commune: str = "", *, most: int = 50) -> tuple[Delivery, ...]:
        """The record, newest first: for a commune's officers, or all."""
        where = p.recipients.c.commune == commune if commune else p.deliveries.c.id > 0
        return self._read(where, p.deliveries.c.id.desc(), most)

    def troubled(self, commune: str = "") -> tuple[Delivery, ...]:
        """Failed, of unknown fate, or waiting after a failed try: for Today."""
        c = p.deliveries.c
        bad = c.state.in_(("failed", "unknown")) | ((c.state == "waiting") & (c.tries > 0))
        return self._read(bad & (p.recipients.c.commune == commune) if commune else bad, c.id.desc(), 50)

    def delivery(self, number: int) -> Delivery | None:
        """One."""
        return next(iter(self._read(p.deliveries.c.id == number, p.deliveries.c.id, 1)), None)

    def claim(self, number: int, now: datetime) -> bool:
        """About to go onto the wire; False when somebody else has taken it."""
        c = p.deliveries.c
        mine = update(p.deliveries).where(c.id == number, c.state == "waiting")
        return bool(self._db.execute(mine.values(state="sending", claimed_at=now, tries=c.tries + 1)).rowcount)

    def holds(self, number: int, leads: Iterable[int], link_until: datetime | None) -> None:
        """Who is on it: kept with the claim, so that an erasure knows whom to tell even if the fate is unknown."""
        rows = [{"delivery_id": number, "lead_id": lead} for lead in leads]
        self._db.execute(p.delivery_leads.delete().where(p.delivery_leads.c.delivery_id == number))
        if rows:
            self._db.execute(insert(p.delivery_leads), rows)
        values = {"people": len(rows), "link_until": link_until}
        self._db.execute(
            update(p.deliveries).where(p.deliveries.c.id == number, p.deliveries.c.kind != "erased").values(**values)
        )

    def settle(self, number: int, state: DeliveryState, now: datetime, why: str = "") -> None:
        """Once: what became of one that was sending."""
        c = p.deliveries.c
        values: dict[str, Any] = {"state": state, "why": why[:_LONGEST_WHY], "settled_at": now}
        if state == "sent":
            values["note"] = b""
        self._db.execute(update(p.deliveries).where(c.id == number, c.state == "sending").values(**values))

    def later(self, number: int, due_at: datetime, why: str) -> None:
        """It did not get there: again at `due_at`."""
        c = p.deliveries.c
        values = {"state": "waiting", "due_at": due_at, "why": why[:_LONGEST_WHY], "claimed_at": None}
        self._db.execute(update(p.deliveries).where(c.id == number, c.state == "sending").values(**values))

    def interrupted(self, now: datetime) -> int:
        """Settle as unknown what an earlier runner was cut off from; how many. For the holder of the lease alone."""
        c = p.deliveries.c
        cut_off = update(p.deliveries).where(c.state == "sending")
        return self._db.execute(cut_off.values(state="unknown", why="interrupted", settled_at=now)).rowcount

    def again(self, number: int, by: str, now: datetime) -> bool:
        """An officer sends a failed or unknown one again; False when it is neither."""
        c = p.deliveries.c
        stuck = update(p.deliveries).where(c.id == number, c.state.in_(("failed", "unknown")))
        values = {"state": "waiting", "tries": 0, "due_at": now, "asked_by": by[:40], "settled_at": None}
        return bool(self._db.execute(stuck.values(**values)).rowcount)

    def counts(self) -> Mapping[str, int]:
        """Deliveries by state: the settled figures."""
        c = p.deliveries.c
        return dict(self._db.execute(select(c.state, func.count()).group_by(c.state)).tuples().all())

    def token(self, number: int, until: datetime) -> str:
        """What a link carries: the delivery, its last second and a keyed seal over both."""
        last = int(until.timestamp())
        return f"{number}-{last}-{self._cipher.digest(f'{number}-{last}', 'delivery.link')}"

    def linked(self, token: str, now: datetime) -> Delivery | None:
        """The delivery of a link that is whole, not run out, and of a recipient not ended."""
        parts = token.split("-")
        if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 16 for part in parts[:2]):
            return None
        number, last = int(parts[0]), int(parts[1])
        genuine = self._cipher.digest(f"{number}-{last}", "delivery.link")
        if not hmac.compare_digest(genuine.encode(), parts[2].encode()) or now.timestamp() > last:
            return None
        found = self.delivery(number)
        if found is None or found.recipient.ended_at is not None:
            return None
        return found if found.link_until is None or now <= found.link_until else None  # it was ended before its time

    def opened(self, number: int, now: datetime) -> None:
        """The link was followed."""
        c = p.deliveries.c
        self._db.execute(update(p.deliveries).where(c.id == number).values(opens=c.opens + 1, opened_at=now))

    def leads_of(self, number: int) -> tuple[int, ...]:
        """Who was on it and is still on the list."""
        c = p.delivery_leads.c
        return tuple(self._db.execute(select(c.lead_id).where(c.delivery_id == number)).scalars())

    def _read(self, where: Any, order: Any, most: int) -> tuple[Delivery, ...]:
        both = p.deliveries.join(p.recipients, p.recipients.c.id == p.deliveries.c.recipient_id)
        theirs = [c.label(f"r_{c.name}") for c in p.recipients.c]
        rows = self._db.execute(
            select(*p.deliveries.c, *theirs).select_from(both).where(where).order_by(order).limit(most)
        )
        return tuple(self._delivery(row) for row in rows.mappings())

    def _delivery(self, row: RowMapping) -> Delivery:
        recipient = self._recipient({c.name: row[f"r_{c.name}"] for c in p.recipients.c})
        note = self._cipher.open(row["note"], "delivery.note")
        return Delivery(
            row["id"], recipient, row["kind"], row["state"], row["tries"], row["due_at"], row["made_at"],
            row["settled_at"], row["people"], row["why"], row["link_until"], tuple(json.loads(note)) if note else (),
            row["asked_by"], row["opens"], row["opened_at"],
        )  # fmt: skip

    def _recipient(self, row: Mapping[Any, Any]) -> Recipient:
        opened: dict[str, Any] = {n: self._cipher.open(row[n], f"recipient.{n}") for n in ("address", "secret")}
        same = ("id", "commune", "name", "way", "every", "kind", "purpose", "consent", "attach", "next_at", "ended_at")
        return Recipient(**{name: row[name] for name in same}, **opened)
