"""An officer in their own chat: the code that links it, "bàn làm việc" for a link to the desk; talks with people."""

from datetime import datetime, timedelta

from bot.app import Aside
from bot.desk.in_chat_announcing import ChatAnnouncing
from bot.desk.in_talk import InTalk, Tools
from bot.desk.sessions import plain_code
from bot.desk.signing_in import CHAT_LINK_LASTS, give_link, link
from bot.i18n import language
from bot.inbox import notices
from bot.model import Incoming, Reply
from bot.store.port import UnitOfWork
from bot.store.sql import SqlUnit
from bot.store.sql_desk_store import desk_of
from bot.store.sql_inbox import inbox_of
from intents.normalise import fold

WORDS = frozenset({"ban lam viec", "desk", "mo ban lam viec"})
LONGEST = 40
SHARED = frozenset({"web"})  # others may sit at the same screen: the link ends with the working day
SHARED_LASTS = timedelta(hours=8)


def aside(base: str, tools: Tools, announcing: ChatAnnouncing | None = None) -> Aside:
    """What `App` asks before the talk goes on: None when the message is no officer's business."""

    def answer(unit: UnitOfWork, contact: int, incoming: Incoming, now: datetime) -> tuple[Reply, ...] | None:
        if not isinstance(unit, SqlUnit):
            return None
        told = announcing.answer(unit, contact, incoming, now) if announcing is not None else None
        if told is not None:
            return told
        text = incoming.text.strip()
        if 0 < len(text) <= LONGEST and incoming.choice is None:
            if code := plain_code(text):
                return _link_chat(unit, contact, code, now, shared=incoming.contact.channel in SHARED)
            if fold(text) in WORDS and (given := _give(unit, contact, base, now)) is not None:
                return given
        officer = desk_of(unit).officers.of_chat(contact, now) if unit.officers_chat(contact) else None
        return None if officer is None else InTalk(tools, unit, contact, officer, incoming).answer(now)

    return answer


def overheard(unit: UnitOfWork, contact: int, text: str, now: datetime) -> None:
    """What `App` tells of a person's words to the officer who has their talk."""
    if isinstance(unit, SqlUnit):
        notices.wrote(inbox_of(unit), contact, text, now)


def _link_chat(unit: SqlUnit, contact: int, code: str, now: datetime, *, shared: bool) -> tuple[Reply, ...]:
    say = language()
    officer = desk_of(unit).officers.use_token("code", code, now)
    if officer is None:
        return (Reply(say.say("desk.chat.code_unknown")),)
    desk_of(unit).officers.link_chat(officer.id, contact, now, now + SHARED_LASTS if shared else None)
    desk_of(unit).audit(officer.id, "chat_linked", f"contact:{contact}", now)
    return (Reply(say.say("desk.chat.linked_shared" if shared else "desk.chat.linked")),)


def _give(unit: SqlUnit, contact: int, base: str, now: datetime) -> tuple[Reply, ...] | None:
    officer = desk_of(unit).officers.of_chat(contact, now)
    if officer is None:
        return None
    token = give_link(desk_of(unit), officer.id, now, CHAT_LINK_LASTS)
    desk_of(unit).audit(officer.id, "link", f"contact:{contact}", now)
    minutes = int(CHAT_LINK_LASTS.total_seconds() // 60)
    return (Reply(language().say("desk.chat.link", link=link(base, token), minutes=minutes)),)
