"""Reminders and surveys sent: each once, whatever happens between; whom no chat reaches is on the officer's list."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

import structlog

from bot.dialogue import followup
from bot.hours import awake
from bot.i18n import language
from bot.leads.planning import Due, due, windows
from bot.store.channel_port import Reach
from bot.store.follow_port import REMINDERS, Chat, Followed, Kind, Windows
from bot.store.port import StoredMessage
from bot.store.sql_people import PeopleStore, PeopleUnit

BATCH, MOST = 200, 1000  # leads looked at together; messages queued at one look
Answer = Literal["yes", "no", "later"]
# Whether a channel may be written to now without anybody having written first, at no cost: (channel, reach, now).
Reachable = Callable[[str, Reach, datetime], Answer]
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Ways:
    """What the job is told about the house: which channels may be written to, how a commune and a trade are called."""

    reachable: Reachable
    commune: Callable[[str], str]
    trade: Callable[[str, str], str]


class FollowStore(PeopleStore, Protocol):
    """A store that can look for what is due without holding anybody up."""

    def due(self, windows: Windows, most: int, after: int = 0) -> tuple[int, ...]:
        """Leads beyond `after` that something may be due for, by number."""


def may_be_told(kind: Kind, chat: Chat) -> bool:
    """Whether the person wants this kind of message here: the one place that asks.

    `stopped_at` stops every kind, `stopped` those of one kind.
    """
    return chat.reach.stopped_at is None and ("reminders" if kind in REMINDERS else "surveys") not in chat.stopped


def run(store: FollowStore, ways: Ways, now: datetime) -> tuple[StoredMessage, ...]:
    """Do what is due; what was queued, for the channels to send. Nothing at night.

    One transaction a lead holds the mark, the message and the talk's memory of it: a kill between two of them undoes
    all three, and the mark is unique.
    """
    if not awake(now):
        return ()
    queued: list[StoredMessage] = []
    after = 0
    while len(queued) < MOST and (batch := store.due(windows(now.date()), BATCH, after)):
        for lead in batch:
            try:
                with store.people() as unit:
                    sent = _one(unit, lead, ways, now)
            except Exception as fault:  # noqa: BLE001 - undone as a whole; the others are told all the same
                log.error("what is due for a lead could not be done", lead=lead, fault=type(fault).__name__)
                continue
            queued += sent
        after = batch[-1]
    if queued:
        log.info("reminders and surveys queued", messages=len(queued))
    return tuple(queued)


def _one(unit: PeopleUnit, number: int, ways: Ways, now: datetime) -> tuple[StoredMessage, ...]:
    lead = unit.follow.one(number)
    queued: list[StoredMessage] = []
    for wanted in due(lead, now.date()) if lead is not None else ():
        assert lead is not None  # noqa: S101 - the loop above has nothing otherwise
        queued += _done(unit, lead, wanted, ways, now)
    return tuple(queued)


def _done(unit: PeopleUnit, lead: Followed, wanted: Due, ways: Ways, now: datetime) -> tuple[StoredMessage, ...]:
    if wanted.way != "message":
        unit.follow.mark(lead.lead, wanted.key, wanted.way, now)
        return ()
    chat = _chat(unit, lead, wanted.kind, ways, now)
    if chat == "later":
        return ()
    if chat is None:  # whether we may ask is not worth a call: the survey itself is asked by phone
        unit.follow.mark(lead.lead, wanted.key, "none" if wanted.kind == "survey_ask" else "call", now)
        return ()
    session = unit.follow.session(chat.number)
    say = language(session.language)
    names = followup.Names(lead.receipt, lead.name, ways.commune(lead.commune), ways.trade(lead.trade, lead.trade_text))
    reply = followup.message(say, wanted.kind, names, lead.course)
    update = f"follow-{lead.lead}-{wanted.kind}-{wanted.about}"[:80]
    (message,) = unit.queue(chat.number, update, [reply], now)
    unit.follow.save_session(chat.number, followup.told(session, reply, now), now)
    unit.follow.mark(lead.lead, wanted.key, "message", now, message.id)
    return (message,)


def _chat(unit: PeopleUnit, lead: Followed, kind: Kind, ways: Ways, now: datetime) -> Chat | Literal["later"] | None:
    """The chat to write in; "later" when one may be written to soon; None when there is none.

    A survey goes to the person's own chat alone: a helper cannot say whether somebody else works.
    """
    wait = False
    for chat in unit.follow.chats(lead.person):
        if not may_be_told(kind, chat) or (kind not in REMINDERS and not chat.own):
            continue
        answer = ways.reachable(chat.contact.channel, chat.reach, now)
        busy = answer == "yes" and followup.busy(unit.follow.session(chat.number), now)
        if answer == "yes" and not busy:
            return chat
        wait = wait or answer == "later" or busy
    return "later" if wait else None
