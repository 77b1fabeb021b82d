"""Where the figures learn whether answers were useful: the one function to fill once feedback is kept."""

from sqlalchemy import Connection

from bot.store.figures_port import Period, Useful


def useful(db: Connection, period: Period, communes: frozenset[str] | None) -> tuple[Useful, ...] | None:
    """Per topic, the most shown first, of the period's days and these communes (None is all); None: nothing is kept.

    Of a table of feedback with a topic, a day, a commune and counts this is one query, grouped by topic.
    """
    del db, period, communes
    return None
