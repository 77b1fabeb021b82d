"""What people said of answers, for the figures."""

from datetime import timedelta

from sqlalchemy import Connection

from bot.store import sql_feedback
from bot.store.figures_port import Period, Useful


def useful(db: Connection, period: Period, communes: frozenset[str] | None) -> tuple[Useful, ...]:
    """Per topic, the most shown first, of the period's days and these communes (None is all)."""
    told = sql_feedback.read(db, period.since, period.until - timedelta(days=1), communes)
    return tuple(Useful(f.topic, f.shown, f.useful, f.not_useful) for f in told)
