"""One message all the way: seen? lock, load, step, apply, save; the channel sends after the commit."""

import contextlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.dialogue import acts, beside
from bot.dialogue.engine import step
from bot.dialogue.office_hours import USUAL
from bot.dialogue.world import Talk, Understanding, World
from bot.effects import Effect, Forgotten, LeadRegistered, PersonErased, WroteToOfficer
from bot.frozen import replace
from bot.i18n import language
from bot.model import Contact, Incoming, Reply, Session, Turn
from bot.receipts import new_receipt
from bot.store.port import ReceiptTaken, Store, StoredMessage, UnitOfWork
from knowledge.catalogue import Catalogue

PERSONS_A_DAY = {"contact": 8, "phone": 5}  # against invented registrations; a village head may still do eight
DAY = timedelta(days=1)
SHARED_CHANNELS = frozenset({"web"})
FOREIGN_CHANNELS = frozenset({"telegram"})
Shape = Callable[[tuple[Reply, ...]], Iterable[Reply]]  # a turn's replies as a channel sends them
Answers = Callable[[tuple[Reply, ...]], bool]
# (receipt, channel, now) -> the link to the filled-in request form; without a receipt, to the empty one.
Paper = Callable[[str, str, datetime], str]
# Looks at a message first; its answer, or None when the talk goes on as ever.
Aside = Callable[[UnitOfWork, int, Incoming, datetime], tuple[Reply, ...] | None]

# Is told what a contact wrote to the officer who has the talk.
Overheard = Callable[[UnitOfWork, int, str, datetime], None]


@dataclass(frozen=True, slots=True)
class Handled:
    """What a message led to. `duplicate`: it had been handled before and these are its earlier replies.

    `tally`: what is counted of the turn (`bot.dialogue.counting`).
    """

    messages: tuple[StoredMessage, ...]
    duplicate: bool = False
    forgotten: bool = False
    tally: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A message on its way to a turn. `answers`: whether such replies go with the answer to the platform's request;
    they then count as sent.
    """

    incoming: Incoming
    shape: Shape = tuple
    answers: Answers | None = None


class App:
    """Carries a turn between a channel and the store. Synchronous: a channel calls it on one executor hop a turn."""

    def __init__(
        self,
        store: Store,
        understanding: Understanding,
        knowledge: Catalogue,
        clock: Callable[[], datetime],
        *,
        receipts: Callable[[], str] = new_receipt,
        place: str = "",
    ) -> None:
        self.store = store
        self.clock = clock
        self._understanding = understanding
        self._knowledge = knowledge
        self._receipts = receipts
        self._place = place
        self.site = ""  # the web chat's address, for those who cannot be answered where they are
        self.aside: Aside | None = None
        self.paper: Paper | None = None
        self.office = USUAL
        self.overheard: Overheard | None = None
        self.elsewhere: Callable[[tuple[StoredMessage, ...]], None] | None = None

    def handle(self, incoming: Incoming, shape: Shape = tuple, answers: Answers | None = None) -> Handled:
        """Take one message through one transaction; the same update again gives the same replies, changes nothing.

        A receipt number that somebody has already (1 in 300 million) is drawn once more.
        """
        asked = Asked(incoming, shape, answers)
        try:
            return self._turns([asked])[0]
        except ReceiptTaken:
            return self._turns([asked])[0]

    def handle_together(self, messages: Sequence[Asked]) -> list[Handled | Exception]:
        """Messages of different people in one transaction, or, when one of them fails, each in its own.

        One order of contacts for all processes: nobody waits for a contact that waits for theirs.
        """
        if len(messages) > 1:
            order = sorted(range(len(messages)), key=lambda at: _lock_order(messages[at].incoming.contact))
            with contextlib.suppress(Exception):  # found again, and told, below
                done = dict(zip(order, self._turns([messages[at] for at in order]), strict=True))
                return [done[at] for at in range(len(messages))]
        return [self._caught(asked) for asked in messages]

    def _caught(self, asked: Asked) -> Handled | Exception:
        try:
            return self.handle(asked.incoming, asked.shape, asked.answers)
        except Exception as fault:  # noqa: BLE001 - the caller raises it where the message came from
            return fault

    def _turns(self, messages: Sequence[Asked]) -> list[Handled]:
        with self.store.transaction() as unit:
            now = self.clock()
            done = [self._turn(unit, asked, now) for asked in messages]
        if unit.elsewhere and self.elsewhere is not None:
            self.elsewhere(tuple(unit.elsewhere))
        return done

    def note(self, incoming: Incoming, *effects: Effect, left: str = "") -> None:
        """What a contact did without a word (they opened the talk; they `left`, and how): kept once, not answered."""
        now = self.clock()
        with self.store.transaction() as unit:
            contact = unit.lock(incoming.contact, now)
            if unit.replies_to(contact, incoming.update_id) is None:
                unit.remember(contact, incoming.update_id, "", now, left=left)
                for effect in effects:
                    unit.apply(contact, effect, now)

    def _turn(self, unit: UnitOfWork, asked: Asked, now: datetime) -> Handled:
        incoming = asked.incoming
        contact = unit.lock(incoming.contact, now)
        earlier = unit.replies_to(contact, incoming.update_id)
        if earlier is not None:
            return Handled(earlier, duplicate=True)
        told = self.aside(unit, contact, incoming, now) if self.aside else None
        if told is not None:  # an officer's business, no part of the talk
            unit.remember(contact, incoming.update_id, "", now)
            return Handled(unit.queue(contact, incoming.update_id, told, now))
        return self._taken(unit, contact, asked, now)

    def _taken(self, unit: UnitOfWork, contact: int, asked: Asked, now: datetime) -> Handled:
        incoming, session = asked.incoming, unit.session(contact) or Session()
        world = self._world(unit, contact, incoming, now)
        owned = unit.paused(contact, now)
        if owned:
            turn = beside.step(session, incoming, world, at_the_desk=unit.owned(contact, now))
        else:
            turn = step(session, incoming, world)
        turn = _within_limits(turn, unit, contact, incoming, world)
        if unit.lapsed(contact, now):
            turn = beside.after_silence(turn, turn.session.language)
        text = said(session, incoming)
        if owned:
            text = text or beside.described(incoming, session.language)
        unit.remember(contact, incoming.update_id, text, now, tally=turn.tally)
        for effect in turn.effects:
            unit.apply(contact, effect, now)
        unit.save_session(contact, turn.session, now)
        if self.overheard is not None and any(isinstance(e, WroteToOfficer) for e in turn.effects):
            self.overheard(unit, contact, text, now)
        replies = tuple(asked.shape(turn.replies))
        answered = asked.answers is not None and bool(replies) and asked.answers(replies)
        messages = unit.queue(contact, incoming.update_id, replies, now, answered=answered)
        forgotten = any(isinstance(e, Forgotten | PersonErased) for e in turn.effects)
        return Handled(messages, forgotten=forgotten, tally=turn.tally)

    def sent(self, messages: Iterable[StoredMessage]) -> None:
        """These went out: mark them, so that no restart sends them again."""
        ids = [m.id for m in messages if m.sent_at is None]
        if ids:
            with self.store.transaction() as unit:
                unit.mark_sent(ids, self.clock())

    def _world(self, unit: UnitOfWork, contact: int, incoming: Incoming, now: datetime) -> World:
        served = unit.served()
        place = self._place or (next(iter(served)) if len(served) == 1 else "")
        return World(
            understanding=self._understanding,
            knowledge=self._knowledge,
            now=now,
            nonce=self._receipts(),
            served=served,
            coordinated=unit.coordinated(),
            courses=unit.courses(),
            posters=unit.posters(),
            mine=unit.leads_of(contact),
            place=place,
            site=self.site,
            local=unit.local(),
            office=self.office,
            announced=unit.announced(contact),
            shared_device=incoming.contact.channel in SHARED_CHANNELS,
            foreign_service=incoming.contact.channel in FOREIGN_CHANNELS,
            paper=self._paper(incoming.contact.channel, now),
        )

    def _paper(self, channel: str, now: datetime) -> Callable[[str], str] | None:
        paper = self.paper
        if paper is None or not (self.site or channel in SHARED_CHANNELS):  # a path leads on from our own page alone
            return None
        return lambda receipt: paper(receipt, channel, now)


def _lock_order(contact: Contact) -> tuple[str, str, str]:
    return contact.channel, contact.account, contact.id


def said(session: Session, incoming: Incoming) -> str:
    """The person's side of the talk as it is kept: what they typed, or the label they tapped."""
    if incoming.choice is not None:
        return next((c.label for c in session.offered if c.value == incoming.choice), incoming.text)
    return incoming.text


def _within_limits(turn: Turn, unit: UnitOfWork, contact: int, incoming: Incoming, world: World) -> Turn:
    """Too many persons a day from one contact or one phone: refused kindly, and an officer hears of it."""
    lead = next((e for e in turn.effects if isinstance(e, LeadRegistered)), None)
    if lead is None or any(m.receipt == lead.receipt for m in world.mine):
        return turn
    since, phone = world.now - DAY, lead.applicant.phone
    over = [
        kind
        for kind, count in (
            ("contact", unit.registrations_since(since, contact=contact)),
            ("phone", unit.registrations_since(since, phone=phone) if phone else 0),
        )
        if count >= PERSONS_A_DAY[kind]
    ]
    if not over:
        return turn
    session = replace(turn.session, form=None, parked=None)
    talk = Talk(session, incoming, world, language(session.language), "")
    refused = acts.officer_told(talk, over[0])
    offered = replace(refused.session, offered=refused.replies[-1].choices)
    return replace(refused, session=offered, tally=turn.tally)
