"""One message all the way: seen? lock, load, step, apply, save; the channel sends after the commit."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.dialogue import acts
from bot.dialogue.engine import step
from bot.dialogue.world import Talk, Understanding, World
from bot.i18n import language
from bot.model import Effect, Forgotten, Incoming, LeadRegistered, PersonErased, Reply, Session, Turn
from bot.store.port import ReceiptTaken, Store, StoredMessage, UnitOfWork
from knowledge.catalogue import Catalogue

RECEIPT_LETTERS = "ACDEFGHJKLMNPQRTUVWXY34679"  # nothing that is read or heard as something else
RECEIPT_LENGTH = 6
PERSONS_A_DAY = {"contact": 8, "phone": 5}  # against invented registrations; a village head may still do eight
DAY = timedelta(days=1)
SHARED_CHANNELS = frozenset({"web"})
FOREIGN_CHANNELS = frozenset({"telegram"})
Shape = Callable[[tuple[Reply, ...]], Iterable[Reply]]  # a turn's replies as a channel sends them
Answers = Callable[[tuple[Reply, ...]], bool]
# Looks at a message first; its answer, or None when the talk goes on as ever.
Aside = Callable[[UnitOfWork, int, Incoming, datetime], tuple[Reply, ...] | None]


@dataclass(frozen=True, slots=True)
class Handled:
    """What a message led to. `duplicate`: it had been handled before and these are its earlier replies."""

    messages: tuple[StoredMessage, ...]
    duplicate: bool = False
    forgotten: bool = False


def new_receipt() -> str:
    """A receipt number such as HN-7KQ4ME: 26⁶ of them, unguessable."""
    return "HN-" + "".join(secrets.choice(RECEIPT_LETTERS) for _ in range(RECEIPT_LENGTH))


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

    def handle(self, incoming: Incoming, shape: Shape = tuple, answers: Answers | None = None) -> Handled:
        """As `_handle`; a receipt number that somebody has already (1 in 300 million) is drawn once more."""
        try:
            return self._handle(incoming, shape, answers)
        except ReceiptTaken:
            return self._handle(incoming, shape, answers)

    def note(self, incoming: Incoming, *effects: Effect) -> None:
        """What a contact did without a word (they left, they opened the talk): kept once, answered by nothing."""
        now = self.clock()
        with self.store.transaction() as unit:
            contact = unit.lock(incoming.contact, now)
            if unit.replies_to(contact, incoming.update_id) is None:
                unit.remember(contact, incoming.update_id, "", now)
                for effect in effects:
                    unit.apply(contact, effect, now)

    def _handle(self, incoming: Incoming, shape: Shape, answers: Answers | None) -> Handled:
        """Take one message through one transaction; the same update again gives the same replies, changes nothing.

        `answers`: whether such replies go with the answer to the platform's request; they then count as sent.
        """
        now = self.clock()
        with self.store.transaction() as unit:
            contact = unit.lock(incoming.contact, now)
            earlier = unit.replies_to(contact, incoming.update_id)
            if earlier is not None:
                return Handled(earlier, duplicate=True)
            if unit.paused(contact, now):
                unit.remember(contact, incoming.update_id, incoming.text, now)
                return Handled(())
            told = self.aside(unit, contact, incoming, now) if self.aside else None
            if told is not None:  # an officer's business, no part of the talk
                unit.remember(contact, incoming.update_id, "", now)
                return Handled(unit.queue(contact, incoming.update_id, told, now))
            session = unit.session(contact) or Session()
            world = self._world(unit, contact, incoming, now)
            turn = _within_limits(step(session, incoming, world), unit, contact, incoming, world)
            unit.remember(contact, incoming.update_id, said(session, incoming), now)
            for effect in turn.effects:
                unit.apply(contact, effect, now)
            unit.save_session(contact, turn.session, now)
            replies = tuple(shape(turn.replies))
            answered = answers is not None and answers(replies)
            messages = unit.queue(contact, incoming.update_id, replies, now, answered=answered)
        return Handled(messages, forgotten=any(isinstance(e, Forgotten | PersonErased) for e in turn.effects))

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
            mine=unit.leads_of(contact),
            place=place,
            site=self.site,
            announced=unit.announced(contact),
            shared_device=incoming.contact.channel in SHARED_CHANNELS,
            foreign_service=incoming.contact.channel in FOREIGN_CHANNELS,
        )


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
    return replace(refused, session=replace(refused.session, offered=refused.replies[-1].choices))
