"""What officers are told in their own chats: somebody asks, somebody waits too long, the person whom they answer wrote.

A notice of a new ticket holds no name, phone or word of the person; who has taken the talk reads what was written,
without numbers of phones and papers.
"""

from collections.abc import Iterable
from datetime import datetime

from bot.dialogue.scrubbing import scrub
from bot.hours import awake
from bot.i18n import language
from bot.inbox.talks import Counter
from bot.model import Choice, Reply
from bot.store.desk_port import Officer
from bot.store.port import StoredMessage
from bot.store.sql_inbox import SqlInbox

TAKE = "inbox:take:"  # prefix of the choice that takes a talk
Messages = tuple[StoredMessage, ...]


def new(inbox: SqlInbox, officers: Iterable[Officer], counter: Counter, now: datetime) -> Messages:
    """Officers of the commune hear of each new ticket once; at night nobody is woken up."""
    if not awake(now):
        return ()
    found, staff = inbox.unnoticed(), tuple(officers)
    told: list[StoredMessage] = []
    for ticket, commune, reason in found:
        here = [o.id for o in _concerned(staff, commune)]
        reply = _notice("inbox.chat.new", ticket, commune, reason, counter)
        told += _tell(inbox, here, f"ticket-{ticket}", reply, now)
    inbox.mark("noticed_at", [ticket for ticket, *_ in found], now)
    return tuple(told)


def _concerned(staff: Iterable[Officer], commune: str) -> list[Officer]:
    """The commune's officers; when nobody knows the commune, those who see more than one, else every officer."""
    working = [o for o in staff if not o.ended]
    if commune:
        return [o for o in working if commune in o.places]
    return [o for o in working if o.role != "officer"] or working


def late(inbox: SqlInbox, officers: Iterable[Officer], counter: Counter, now: datetime) -> Messages:
    """What waits for a working day goes to the coordinators and admins, once, and is marked on the inbox."""
    if not awake(now):
        return ()
    office = counter.office
    found = [t for t in inbox.not_escalated() if office.after(t[3], office.day) <= now]
    staff = [o for o in officers if not o.ended and o.role != "officer"]
    told: list[StoredMessage] = []
    for ticket, commune, reason, _since in found:
        above = [o.id for o in staff if o.role == "admin" or _above(o, commune, counter)]
        reply = _notice("inbox.chat.late", ticket, commune, reason, counter)
        told += _tell(inbox, above, f"late-{ticket}", reply, now)
    inbox.mark("escalated_at", [ticket for ticket, *_ in found], now)
    return tuple(told)


def _above(officer: Officer, commune: str, counter: Counter) -> bool:
    """A coordinator of the commune's province, named by the province or by a commune of it."""
    province = counter.province(commune)
    return bool(province) and any(p == province or counter.province(p) == province for p in officer.places)


def wrote(inbox: SqlInbox, contact: int, text: str, now: datetime) -> None:
    """The owner's chats hear what the person wrote."""
    owner = inbox.owner(contact, now)
    if owner is None or not text:
        return
    held = next((w for w in inbox.held(owner, now) if w.contact == contact), None)
    if held is None:
        return
    reply = Reply(language().say("inbox.chat.person", n=held.id, text=scrub(text)))
    _tell(inbox, [owner], f"heard-{contact}-{inbox.newest(contact)}", reply, now)


def _notice(key: str, ticket: int, commune: str, reason: str, counter: Counter) -> Reply:
    say = language()
    where = f"{counter.desk_url}/waiting/{ticket}" if counter.desk_url else say.say("inbox.chat.at_the_desk")
    name = counter.commune(commune) if commune else say.say("inbox.chat.no_commune")
    text = say.say(key, n=ticket, commune=name, reason=reason_said(reason), where=where)
    return Reply(text, (Choice(f"{TAKE}{ticket}", say.say("inbox.chat.take")),))


def reason_said(reason: str) -> str:
    """Why somebody asks for an officer, in words; one that has none (an older version's) as it is."""
    known = f"desk.reason.{reason}"
    return language().say(known) if known in language().source else reason


def _tell(inbox: SqlInbox, officers: Iterable[int], what: str, reply: Reply, now: datetime) -> list[StoredMessage]:
    told: list[StoredMessage] = []
    for chat in inbox.chats(officers, now):
        told += inbox.say(chat.contact, f"inbox-{what}", reply, now)
    return told
