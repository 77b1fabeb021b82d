"""Officers told in their own chat of new registrations: trade and hamlet alone, and where the rest is to be read."""

from collections.abc import Callable
from datetime import datetime

from bot.hours import awake
from bot.i18n import Language
from bot.model import Reply
from bot.store.people_port import NewLead, Notice
from bot.store.port import StoredMessage
from bot.store.sql_people import PeopleStore

MOST_LINES = 10


def run(
    store: PeopleStore, commune_name: Callable[[str], str], desk_url: str, now: datetime, say: Language
) -> tuple[StoredMessage, ...]:
    """Queue the notices that are due; what was queued, for the channels to send. Nothing at night.

    The mark and the message are one transaction: a registration is told once, whatever happens between.
    """
    if not awake(now):
        return ()
    with store.people() as unit:
        queued: list[StoredMessage] = []
        for notice in unit.notices.due(now):
            reply = compose(notice, commune_name(notice.commune), desk_url, say)
            queued += unit.queue(notice.contact, f"notice-{notice.id}-{notice.leads[-1].id}", [reply], now)
            unit.notices.told(notice, now)
    return tuple(queued)


def compose(notice: Notice, commune: str, desk_url: str, say: Language) -> Reply:
    """No name, phone or target group: a phone lies about, and others read along."""
    shown = notice.leads[:MOST_LINES]
    if len(notice.leads) == 1:
        lines = [say.say("notice.one", commune=commune, what=_what(shown[0], say))]
    else:
        lines = [say.say("notice.many", commune=commune, n=len(notice.leads))]
        lines += [say.say("notice.line", what=_what(lead, say)) for lead in shown]
        if len(notice.leads) > MOST_LINES:
            lines.append(say.say("notice.more", n=len(notice.leads) - MOST_LINES))
    lines.append(say.say("notice.open", url=desk_url) if desk_url else say.say("notice.open_nowhere"))
    return Reply("\n".join(lines))


def _what(lead: NewLead, say: Language) -> str:
    return say.say("notice.what", trade=lead.trade_text, hamlet=lead.hamlet) if lead.hamlet else lead.trade_text
