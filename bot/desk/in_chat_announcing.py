"""An officer announces a class from their own chat: "thông báo lớp", "báo lop-7k4mq2", "gửi lop-7k4mq2"."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

from bot.announcements import audience, preflight, steps, texts
from bot.announcements.steps import TermsOf
from bot.desk.scopes import scope_of
from bot.i18n import language
from bot.model import COURSE_JOINABLE, Choice, Incoming, Reply
from bot.store.announcement_port import Announcement
from bot.store.desk_port import ClassView, Officer
from bot.store.sql import SqlUnit
from bot.store.sql_desk import SqlDesk
from bot.store.sql_desk_store import desk_of
from intents.normalise import fold
from intents.places import PlaceBook

WORDS = frozenset({"thong bao lop", "bao lop", "thong bao", "announce"})
MOST = 8
AGAIN_AFTER = timedelta(days=1)  # a button tapped twice must not send twice; sooner, it is done on the desk
_SAID = re.compile(r"(b[aá]o|g[uử]i|announce|send)[ :]+([A-Za-z0-9_\-]{1,40})", re.IGNORECASE)
_TAPPED = re.compile(r"(announce|send):([A-Za-z0-9_\-]{1,40})")
_LONGEST = 60  # letters; what is longer is none of these words
_SEND = frozenset({"gui", "send"})


class ChatAnnouncing:
    """Built with what an audience is judged by."""

    def __init__(self, book: PlaceBook, terms: TermsOf) -> None:
        self._book, self._terms = book, terms

    def answer(self, unit: SqlUnit, contact: int, incoming: Incoming, now: datetime) -> tuple[Reply, ...] | None:
        """None when it is no officer's, or no such word; a message that is none costs no look at the database."""
        said = incoming.choice if incoming.choice is not None else incoming.text.strip()
        if len(said) > _LONGEST:
            return None
        named = (_TAPPED if incoming.choice is not None else _SAID).fullmatch(said)
        if named is None and (incoming.choice is not None or fold(said) not in WORDS):
            return None
        desk = desk_of(unit)
        officer = desk.officers.of_chat(contact, now)
        if officer is None:
            return None
        if named is None:
            return (self._classes(desk, officer),)
        view = desk.classes.one(scope_of(officer, self._book), named[2])
        if view is None or view.course.state not in COURSE_JOINABLE:
            return (Reply(language().say("announce.chat.no_class")),) if named[2].startswith("lop-") else None
        if fold(named[1]) in _SEND:
            return (self._send(desk, officer, view, now),)
        return self._preview(desk, officer, view, now)

    def _classes(self, desk: SqlDesk, officer: Officer) -> Reply:
        say = language()
        views = [v for v in desk.classes.all(scope_of(officer, self._book)) if v.course.state in COURSE_JOINABLE]
        if not views:
            return Reply(say.say("announce.chat.none"))
        lines = [say.say("announce.chat.line", title=v.course.title, id=v.course.id) for v in views[:MOST]]
        choices = tuple(Choice(f"announce:{v.course.id}", v.course.title[:40]) for v in views[:MOST])
        return Reply("\n".join([say.say("announce.chat.which"), *lines]), choices)

    def _preview(self, desk: SqlDesk, officer: Officer, view: ClassView, now: datetime) -> tuple[Reply, ...]:
        say, one = language(), self._composed(officer, view, now)
        terms = self._terms(desk.announcing, one)
        rows = audience.planned(one, desk.announcing.audience.candidates(one, now), terms, now)
        flight = preflight.looked_at(one, rows, now)
        told = say.say("announce.chat.preview", n=flight.people, out=flight.left_out, id=view.course.id)
        send = (Choice(f"send:{view.course.id}", say.say("announce.desk.send")),) if flight.people else ()
        return (Reply(texts.message(one, say).text), Reply(told, send))

    def _send(self, desk: SqlDesk, officer: Officer, view: ClassView, now: datetime) -> Reply:
        say, one = language(), self._composed(officer, view, now)
        store = desk.announcing.announcements
        if (earlier := store.lately(view.course.id, now - AGAIN_AFTER)) and earlier.planned_at:
            at = earlier.planned_at.astimezone(now.tzinfo)
            return Reply(say.say("announce.chat.already", at=f"{at:%H:%M %d/%m}", n=earlier.id))
        one = replace(one, id=store.draft(one))
        rows = steps.plan(desk.announcing, one, self._terms(desk.announcing, one), now)
        after = store.one(one.id)
        state = after.state if after else ""
        desk.audit(officer.id, f"announcement_{state}", f"announcement:{one.id}", now)
        people = sum(not row.why for row in rows)
        return Reply(say.say("announce.chat.approval" if state == "approval" else "announce.chat.sent", n=people))

    def _composed(self, officer: Officer, view: ClassView, now: datetime) -> Announcement:
        course = view.course
        name = self._book.communes.get(course.commune, (course.commune, ""))[0]
        return Announcement(
            0, "classes", "draft", "", (course.commune,), course.id, course.trade, (course.trade,), (), "",
            texts.of_class(course, name, language()), view.poster, waves=True, paid=False, last_seats=False,
            start_at=None, wave=0, next_wave_at=None, made_by=officer.id, made_at=now,
        )  # fmt: skip
