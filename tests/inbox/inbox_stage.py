"""The inbox without a web server: the real assistant over SQLite, two officers with linked chats, one person."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from bot import demo
from bot.app import App
from bot.desk import in_chat
from bot.desk.desk import counter_of
from bot.desk.in_talk import Tools
from bot.desk.scopes import scope_of
from bot.dialogue.office_hours import USUAL
from bot.effects import OfficerAsked
from bot.inbox import notices, talks
from bot.model import Contact, Incoming
from bot.store.desk_port import Scope
from bot.store.records import VIETNAM
from bot.store.sql_desk import SqlDesk
from bot.store.sql_desk_store import SqlDeskStore

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=VIETNAM)
HERE = demo.CODE
PERSON = Contact("telegram", "bot", "person")
SCOPE = Scope(frozenset({HERE}))


class Cut(Exception):
    """The power went off before the commit."""


class CutStore(SqlDeskStore):
    """A store whose next transaction is cut off at its end when `cut` is set."""

    cut = False

    def _end(self) -> None:
        if self.cut:
            self.cut = False
            raise Cut

    @contextmanager
    def transaction(self) -> Iterator:
        with super().transaction() as unit:
            yield unit
            self._end()

    @contextmanager
    def desk(self) -> Iterator[SqlDesk]:
        with super().desk() as unit:
            yield unit
            self._end()


class Stage:
    """`officers`: their numbers; each has a chat of its own."""

    def __init__(self, store: CutStore, understanding, catalogue) -> None:
        self.store, self.now = store, MONDAY
        with store.transaction() as unit:
            demo.seed(unit, self.now)
        self.app = App(store, understanding, catalogue, lambda: self.now)
        book = understanding.book
        self.counter = counter_of(book, USUAL, "https://example.org")
        tools = Tools(self.counter, lambda officer: scope_of(officer, book))
        self.app.aside, self.app.overheard = in_chat.aside("https://example.org", tools), in_chat.overheard
        self.pushed: list = []
        self.app.elsewhere = self.pushed.extend
        self._ids = itertools.count(1)
        self.officers = [self._hired(name) for name in ("Cán bộ Một", "Cán bộ Hai")]

    def _hired(self, name: str) -> int:
        with self.store.desk() as desk:
            number = desk.officers.add(name, "officer", [HERE], self.now)
        with self.store.transaction() as unit:
            contact = unit.lock(self.chat(number), self.now)
        with self.store.desk() as desk:
            desk.officers.link_chat(number, contact, self.now, None)
        return number

    def chat(self, officer: int) -> Contact:
        return Contact("telegram", "bot", f"officer {officer}")

    def incoming(self, contact: Contact, text: str = "", choice: str | None = None, **more) -> Incoming:
        return Incoming(f"u{next(self._ids)}", contact, self.now, text, choice, **more)

    def handle(self, incoming: Incoming):
        return self.app.handle(incoming).messages

    def says(self, text: str, contact: Contact = PERSON, **more) -> list[str]:
        """A message to the assistant, and its replies."""
        return [m.reply.text for m in self.handle(self.incoming(contact, text, **more)) if m.reply]

    def asks(self, text: str = "cho tôi hỏi", reason: str = "asked", commune: str = HERE, contact: Contact = PERSON):
        """A ticket, as the form makes it."""
        with self.store.transaction() as unit:
            number = unit.lock(contact, self.now)
            unit.apply(number, OfficerAsked(reason, text, commune), self.now)
        return number

    def offered(self) -> list[str]:
        """What the person can pick by its number."""
        with self.store.transaction() as unit:
            session = unit.session(unit.lock(PERSON, self.now))
        return [c.value for c in session.offered] if session else []

    def waiting(self, scope: Scope = SCOPE):
        with self.store.reading() as desk:
            return desk.inbox.waiting(scope, self.now)

    def at_the_desk(self, act, officer: int, *more, scope: Scope = SCOPE, number: int | None = None):
        """`act` of `bot.inbox.talks` by an officer on the first talk (or that of a ticket); None when there is none."""
        with self.store.desk() as desk:
            live = desk.inbox.waiting(scope, self.now)
            chosen = [w for w in live if number is None or number in w.tickets]
            return act(desk.inbox, self.counter, chosen[0], *(more or (officer,)), self.now) if chosen else None

    def answers(self, officer: int, text: str, once: str):
        return self.at_the_desk(talks.answer, officer, talks.Word(officer, text, once))

    def tick(self) -> tuple:
        """What runs every minute."""
        with self.store.desk() as desk:
            staff = desk.officers.all()
            told = talks.lapse(desk.inbox, self.now) + notices.new(desk.inbox, staff, self.counter, self.now)
            return told + notices.late(desk.inbox, staff, self.counter, self.now)

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)

    def heard(self, contact: Contact = PERSON) -> list[str]:
        """Everything that was queued for a contact, oldest first."""
        with self.store.transaction() as unit:
            return [m.reply.text for m in unit.messages(contact) if m.reply]
