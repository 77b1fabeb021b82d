"""What the outbox's tests queue, and what became of it."""

from datetime import UTC, datetime

from bot.channels.port import Line
from bot.model import Contact, Reply

NOW = datetime(2026, 11, 27, 5, tzinfo=UTC)
LINE = Line("zalo_oa", "app")


def contact(name):
    return Contact("zalo_oa", "app", name)


def queued(store, name, *texts, update="u1"):
    """Replies to one person, waiting to be sent."""
    with store.transaction() as unit:
        number = unit.lock(contact(name), NOW)
        unit.remember(number, update, "hỏi", NOW)
        return unit.queue(number, update, [Reply(t) for t in texts], NOW)


def fates(store):
    """How many messages met which fate."""
    with store.channels() as unit:
        return dict(unit.fates("zalo_oa"))
