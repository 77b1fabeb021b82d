"""An officer answers people in the officer's own chat: "nhận 12", plain words to the person, "xong"."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.desk.windows import window
from bot.dialogue.scrubbing import scrub
from bot.i18n import language
from bot.inbox import talks
from bot.inbox.notices import TAKE, reason_said
from bot.inbox.talks import Counter, Outcome, Word
from bot.model import Choice, Incoming, Reply
from bot.store.desk_port import Officer, Scope
from bot.store.inbox_port import Waiting
from bot.store.sql import SqlUnit
from bot.store.sql_desk_store import desk_of
from bot.store.sql_inbox import SqlInbox, inbox_of
from intents.normalise import fold

TO, DONE = "inbox:to:", "inbox:done:"
RELAY = "relay"  # fact of the officer's own session: words that wait until it is said whom they are for
WAITING_WORDS = frozenset({"dang cho", "ai dang cho", "danh sach cho", "waiting"})
_TAKE = re.compile(r"(?:nhan|take) #?(\d{1,9})")
_DONE = re.compile(r"(?:xong|done)(?: #?(\d{1,9}))?")
_NAMED = re.compile(r"#(\d{1,9})[\s:,.]+(.+)", re.DOTALL)
MOST_LISTED = 8
Replies = tuple[Reply, ...]


@dataclass(frozen=True, slots=True)
class Tools:
    """What a chat needs of the desk: `scope` says whose tickets an officer may see."""

    counter: Counter
    scope: Callable[[Officer], Scope]


class InTalk:
    """One message of an officer's."""

    def __init__(self, tools: Tools, unit: SqlUnit, contact: int, officer: Officer, incoming: Incoming) -> None:
        self._tools = tools
        self._inbox: SqlInbox = inbox_of(unit)
        self._desk = desk_of(unit)
        self._contact = contact
        self._me = officer
        self._incoming = incoming
        self._say = language().say

    def answer(self, now: datetime) -> Replies | None:
        """None: it is no business of the inbox, the assistant answers as it answers anybody."""
        text, held = self._incoming.text.strip(), self._inbox.held(self._me.id, now)
        value = self._incoming.choice or self._picked(text, held)
        if value is not None:
            return self._chosen(value, now)
        said = fold(text)
        if taking := _TAKE.fullmatch(said):
            return self._take(int(taking[1]), now)
        if said in WAITING_WORDS:
            return self._list(now)
        if not held:
            return None
        if done := _DONE.fullmatch(said):
            return self._done(int(done[1]) if done[1] else None, held, now)
        if named := _NAMED.fullmatch(text):
            return self._relay(int(named[1]), named[2].strip(), now)
        if not text:
            return (Reply(self._say("inbox.chat.words_only")),)
        return self._relay(held[0].id, text, now) if len(held) == 1 else self._which(text, held, now)

    def _picked(self, text: str, held: tuple[Waiting, ...]) -> str | None:
        """ "1" under the question whom the words are for, under a notice; who has a talk may mean the person by it."""
        offered = self._inbox.session(self._contact).offered
        kinds = (TO, DONE) if held else (TO, DONE, TAKE)
        asked = offered and all(c.value.startswith(kinds) for c in offered)
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 3 else 0
        return offered[number - 1].value if asked and 1 <= number <= len(offered) else None

    def _chosen(self, value: str, now: datetime) -> Replies | None:
        kind, _, number = value.rpartition(":")
        if f"{kind}:" not in (TAKE, TO, DONE) or not number.isdigit():
            return None
        if f"{kind}:" == TAKE:
            return self._take(int(number), now)
        if f"{kind}:" == DONE:
            return self._done(int(number), self._inbox.held(self._me.id, now), now)
        words = str(self._inbox.session(self._contact).facts.get(RELAY) or "")
        self._inbox.remember(self._contact, now, (), **{RELAY: None})
        return self._relay(int(number), words, now) if words else (Reply(self._say("inbox.chat.again")),)

    def _take(self, number: int, now: datetime) -> Replies:
        waiting = self._inbox.one(self._tools.scope(self._me), number, now)
        if waiting is None:
            return (Reply(self._say("inbox.chat.gone", n=number)),)
        outcome = talks.take(self._inbox, self._tools.counter, waiting, self._me.id, now)
        if outcome.other is not None:
            return self._others(number, outcome)
        self._desk.audit(self._me.id, "taken", f"ticket:{waiting.id}", now)
        text = scrub(waiting.text) or reason_said(waiting.reasons[-1])
        self._inbox.remember(self._contact, now, ())
        return (Reply(self._say("inbox.chat.taken", n=waiting.id, text=text)),)

    def _relay(self, number: int, text: str, now: datetime) -> Replies:
        held = self._inbox.held(self._me.id, now)
        waiting = next((w for w in held if number == w.id or number in w.tickets), None)
        if waiting is None:
            return (Reply(self._say("inbox.chat.not_yours", n=number)),)
        if len(text) > talks.MOST_TEXT:
            return (Reply(self._say("inbox.chat.too_long", n=talks.MOST_TEXT)),)
        _who, reach = self._inbox.reach(waiting.contact)
        may = window(waiting.channel, reach, now, language())
        if not may.open:
            return (Reply(self._say("inbox.chat.refused", n=waiting.id, why=may.text)),)
        word = Word(self._me.id, text, self._incoming.update_id[-40:])
        outcome = talks.answer(self._inbox, self._tools.counter, waiting, word, now)
        if outcome.other is not None:
            return self._others(number, outcome)
        self._inbox.remember(self._contact, now, ())
        warned = f" {may.text}" if may.warn else ""
        return (Reply(self._say("inbox.chat.sent", n=waiting.id) + warned),)

    def _done(self, number: int | None, held: tuple[Waiting, ...], now: datetime) -> Replies:
        chosen = held if number is None else tuple(w for w in held if number in w.tickets)
        if not chosen:
            return (Reply(self._say("inbox.chat.not_yours", n=number)),)
        if len(chosen) > 1:
            choices = tuple(Choice(f"{DONE}{w.id}", self._named(w)) for w in chosen[:MOST_LISTED])
            self._inbox.remember(self._contact, now, choices)
            return (Reply(self._say("inbox.chat.which_done"), choices),)
        talks.close(self._inbox, self._tools.counter, chosen[0], self._me.id, now)
        self._desk.audit(self._me.id, "answered", f"ticket:{chosen[0].id}", now)
        return (Reply(self._say("inbox.chat.done", n=chosen[0].id)),)

    def _which(self, text: str, held: tuple[Waiting, ...], now: datetime) -> Replies:
        """Words for the wrong person would give somebody away: with two talks it is asked every time."""
        choices = tuple(Choice(f"{TO}{w.id}", self._named(w)) for w in held[:MOST_LISTED])
        self._inbox.remember(self._contact, now, choices, **{RELAY: text[: talks.MOST_TEXT + 1]})
        return (Reply(self._say("inbox.chat.which"), choices),)

    def _list(self, now: datetime) -> Replies:
        waiting = [w for w in self._inbox.waiting(self._tools.scope(self._me), now) if w.owner is None]
        if not waiting:
            return (Reply(self._say("inbox.chat.nobody")),)
        choices = tuple(Choice(f"{TAKE}{w.id}", self._named(w)) for w in waiting[:MOST_LISTED])
        self._inbox.remember(self._contact, now, choices)
        return (Reply(self._say("inbox.chat.list", n=len(waiting)), choices),)

    def _named(self, waiting: Waiting) -> str:
        return self._say("inbox.chat.named", n=waiting.id, reason=reason_said(waiting.reasons[-1]))

    def _others(self, number: int, outcome: Outcome) -> Replies:
        other = self._desk.officers.one(outcome.other) if outcome.other is not None else None
        return (Reply(self._say("inbox.chat.others", n=number, name=other.name if other else "…")),)
