"""A Talk for tests of single fields and forms: a Sunday of November 2026, the demonstration's commune served."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot import demo
from bot.dialogue.world import Talk, World
from bot.i18n import language
from bot.model import Contact, Incoming, Session

NOW = datetime(2026, 11, 22, 9, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))


def talk_of(understanding, catalogue, said="", *, session=None, **world):
    """One message with all that may be looked at; further names are fields of World."""
    world = {"now": NOW, "nonce": "HN-AAAAAA", "served": frozenset({demo.CODE}), **world}
    incoming = Incoming("u1", Contact("terminal", "", "me"), world["now"], said)
    session = session or Session()
    return Talk(session, incoming, World(understanding, catalogue, **world), language(session.language), said)
