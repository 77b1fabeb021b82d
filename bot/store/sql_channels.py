"""The port `ChannelUnit` in SQL."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.model import Contact
from bot.store import statements as do
from bot.store import tables as t
from bot.store.channel_port import Claimed, Quota, Reach, Settled, TemplateSend, Token
from bot.store.crypto import Cipher
from bot.store.port import StoredMessage

_LONGEST_WHY = 80
_AT_ONCE = 500  # values in one statement
CLAIM_HOLDS = timedelta(minutes=3)  # longer than any sending takes
CLOCKS_DIFFER = timedelta(minutes=2)  # between two machines whose clocks are right enough
_T = TypeVar("_T")
_Read = Callable[[Any], tuple[StoredMessage, ...]]


class SqlChannels:
    """The port `ChannelUnit` over one connection; `read` gives the messages that fulfil a condition, oldest first."""

    def __init__(self, connection: Connection, cipher: Cipher, read: _Read) -> None:
        self._db = connection
        self._cipher = cipher
        self._read = read

    def claim(self, messages: Iterable[int], holder: str, now: datetime) -> Mapping[int, Claimed]:
        """All at once; only when some were not to be had is each looked at."""
        ids = list(messages)
        mine = {"holder": holder, "now": now}
        if do.MESSAGE_CLAIMED.run_many(self._db, [{"message": message, **mine} for message in ids]) == len(ids):
            return dict.fromkeys(ids, "mine")
        return {message: self._claimed(message, holder, now) for message in ids}

    def _claimed(self, message: int, holder: str, now: datetime) -> Claimed:
        found = do.MESSAGE_WAITS.first(self._db, message=message)
        if found is None:
            return "taken"
        claimed_at, claimed_by = found
        if claimed_at is None:
            return "behind"
        return "mine" if (claimed_at, claimed_by) == (now, holder) else "taken"

    def release(self, messages: Iterable[int]) -> None:
        """In one statement."""
        m = t.messages
        ids = list(messages)
        self._db.execute(
            m.update().where(m.c.id.in_(ids), m.c.sent_at.is_(None)).values(claimed_at=None, claimed_by="")
        )

    def settle(self, settled: Iterable[Settled], now: datetime) -> None:
        """`sent_at` is when it was settled, whatever the fate: from then on it is not looked at again."""
        rows = [{"message": s.message, "becomes": s.fate, "because": s.why[:_LONGEST_WHY], "now": now} for s in settled]
        do.MESSAGE_SETTLED.run_many(self._db, rows)

    def pending(self, channel: str, account: str, known: Collection[int] = ()) -> tuple[StoredMessage, ...]:
        """By the partial index of unsent messages; only those that are not known are opened."""
        m = t.messages.c
        free = self._unsent(m.id, _unsent(channel, account) & m.claimed_at.is_(None))
        ids = [row.id for row in free if row.id not in known]
        return tuple(message for few in _few(ids) for message in self._read(m.id.in_(few)))

    def newest(self) -> int:
        """By the primary key."""
        return int(self._db.execute(select(func.max(t.messages.c.id))).scalar() or 0)

    def fresh_to(self, contacts: Collection[Contact], after: int) -> tuple[StoredMessage, ...]:
        """By the contacts' digests, then by the partial index of unsent messages and by the index of a talk."""
        m, c = t.messages.c, t.contacts.c
        found: tuple[StoredMessage, ...] = ()
        for few in _few(tuple(contacts)):
            at = (few[0].channel, few[0].account)
            digests = [self._cipher.digest(one.id, ".".join(at)) for one in few]
            theirs = (c.channel == at[0]) & (c.account == at[1]) & c.external_digest.in_(digests)
            found += self._read(m.outgoing & m.sent_at.is_(None) & m.claimed_at.is_(None) & theirs)
            found += self._read(m.outgoing & m.sent_at.is_not(None) & (m.id > after) & theirs)
        return found

    def interrupted(
        self, channel: str, account: str, gone: Callable[[str], bool], now: datetime, mine: str = ""
    ) -> int:
        """A process of another machine cannot be looked at: its claim holds for `CLAIM_HOLDS`."""
        m = t.messages.c
        claimed = _unsent(channel, account) & m.claimed_at.is_not(None)
        rows = self._unsent(m.id, claimed, m.claimed_at, m.claimed_by)
        late = [r for r in rows if r.claimed_by != mine and (r.claimed_at + CLAIM_HOLDS < now or gone(r.claimed_by))]
        lost = [r.id for r in late]
        self.settle([Settled(message, "unknown", "interrupted") for message in lost], now)
        return len(lost)

    def claimed(self, channel: str, account: str, holder: str) -> frozenset[int]:
        """One look."""
        m = t.messages.c
        return frozenset(r.id for r in self._unsent(m.id, _unsent(channel, account) & (m.claimed_by == holder)))

    def _unsent(self, first: Any, where: Any, *others: Any) -> list[Row[Any]]:
        query = select(first, *others).join(t.contacts, t.contacts.c.id == t.messages.c.contact_id).where(where)
        return list(self._db.execute(query.order_by(t.messages.c.id)))

    def fates(self, channel: str) -> Mapping[str, int]:
        """One count a fate."""
        m, c = t.messages.c, t.contacts.c
        mine = t.messages.join(t.contacts, c.id == m.contact_id)
        query = select(m.fate, m.sent_at.is_(None), func.count()).select_from(mine)
        found: dict[str, int] = {}
        grouped = query.where(m.outgoing, c.channel == channel).group_by(m.fate, m.sent_at.is_(None))
        for fate, unsent, count in self._db.execute(grouped):
            name = "pending" if unsent else fate or "sent"
            found[name] = found.get(name, 0) + count
        return found

    def reach(self, contact: Contact) -> Reach | None:
        """One row."""
        r: Row[Any] | None = self._db.execute(select(t.contacts).where(self._is(contact))).first()
        if r is None:
            return None
        quota = Quota(r.replies_left, r.replies_total, r.quota_read_at) if r.quota_read_at else None
        return Reach(r.seen_at, r.stopped_at, r.unreachable_at, r.unreachable_why, r.paused_until, quota)

    def unreachable(self, contact: Contact, why: str, now: datetime) -> None:
        """Until `UnitOfWork.lock` sees them again."""
        self._change(contact, unreachable_at=now, unreachable_why=why[:_LONGEST_WHY])

    def pause(self, contact: Contact, until: datetime | None) -> None:
        """Nothing to do for a contact that has never written: the assistant has nothing to say to them."""
        self._change(contact, paused_until=until)

    def quota(self, contact: Contact, quota: Quota) -> None:
        """The latest word counts."""
        self._change(contact, replies_left=quota.left, replies_total=quota.total, quota_read_at=quota.read_at)

    def token(self, name: str) -> Token | None:
        """Both halves opened."""
        r = self._db.execute(select(t.tokens).where(t.tokens.c.name == name).with_for_update()).first()
        if r is None:
            return None
        access, refresh = (self._cipher.open(part, f"token.{name}") for part in (r.access, r.refresh))
        return Token(access, refresh, r.expires_at, r.changed_at, r.broken)

    def save_token(self, name: str, token: Token) -> None:
        """Insert or replace."""
        values = {
            "access": self._cipher.seal(token.access, f"token.{name}"),
            "refresh": self._cipher.seal(token.refresh, f"token.{name}"),
            "expires_at": token.expires_at,
            "changed_at": token.changed_at,
            "broken": token.broken[:200],
        }
        done = self._db.execute(t.tokens.update().where(t.tokens.c.name == name).values(**values))
        if done.rowcount == 0:
            self._db.execute(t.tokens.insert().values(name=name, **values))

    def template(self, tracking_id: str) -> TemplateSend | None:
        """One row."""
        c = t.template_sends.c
        r = self._db.execute(select(t.template_sends).where(c.tracking_id == tracking_id)).first()
        return TemplateSend(r.tracking_id, r.state, r.why, r.message_id, r.at, r.arrived_at) if r else None

    def save_template(self, channel: str, send: TemplateSend) -> None:
        """The arrival is kept apart: its event may come before our own answer is written."""
        c = t.template_sends.c
        values = {"state": send.state, "why": send.why[:_LONGEST_WHY], "message_id": send.message_id, "at": send.at}
        done = self._db.execute(t.template_sends.update().where(c.tracking_id == send.tracking_id).values(**values))
        if done.rowcount == 0:
            row = {"tracking_id": send.tracking_id, "channel": channel, "arrived_at": send.arrived_at, **values}
            self._db.execute(t.template_sends.insert().values(**row))

    def drop_template(self, tracking_id: str) -> None:
        """One row."""
        self._db.execute(t.template_sends.delete().where(t.template_sends.c.tracking_id == tracking_id))

    def template_arrived(self, tracking_id: str, message_id: str, at: datetime) -> bool:
        """What arrived was sent, whatever our own answer said."""
        c = t.template_sends.c
        mine = (c.tracking_id == tracking_id) if tracking_id else (c.message_id == message_id) & (c.message_id != "")
        done = self._db.execute(t.template_sends.update().where(mine).values(state="sent", arrived_at=at))
        return bool(done.rowcount)

    def lease(self, name: str, holder: str, now: datetime, until: datetime) -> bool:
        """Mine already, or run out, or never taken; one that lasts longer than any of its kind is not believed.

        Whoever took that one had a clock that ran ahead: it would hold for as long as that clock was wrong.
        """
        c = t.leases.c
        free = or_(c.holder == holder, c.until <= now)
        if until > now:
            free = or_(free, c.until > until + CLOCKS_DIFFER)
        done = self._db.execute(t.leases.update().where(c.name == name, free).values(holder=holder, until=until))
        if done.rowcount:
            return True
        insert = postgresql.insert if self._db.dialect.name == "postgresql" else sqlite.insert
        made = insert(t.leases).values(name=name, holder=holder, until=until).on_conflict_do_nothing()
        return self._db.execute(made.returning(t.leases.c.name)).first() is not None

    def leaseholder(self, name: str) -> str:
        """As it stands, run out or not."""
        return str(self._db.execute(select(t.leases.c.holder).where(t.leases.c.name == name)).scalar() or "")

    def give_up(self, name: str, holder: str) -> None:
        """Somebody else's is left alone."""
        c = t.leases.c
        self._db.execute(t.leases.delete().where(c.name == name, c.holder == holder))

    def _change(self, contact: Contact, **values: Any) -> None:
        self._db.execute(t.contacts.update().where(self._is(contact)).values(**values))

    def _is(self, contact: Contact) -> Any:
        c = t.contacts.c
        digest = self._cipher.digest(contact.id, f"{contact.channel}.{contact.account}")
        return (c.channel == contact.channel) & (c.account == contact.account) & (c.external_digest == digest)


def _few(ids: Sequence[_T]) -> Iterator[Sequence[_T]]:
    return (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))


def _unsent(channel: str, account: str) -> Any:
    m, c = t.messages.c, t.contacts.c
    return m.outgoing & m.sent_at.is_(None) & (c.channel == channel) & (c.account == account)
