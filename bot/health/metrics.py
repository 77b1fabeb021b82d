"""`/metrics` in Prometheus's words: what `bot.meters` counted and what the last look found, of this process alone.

The library is loaded when somebody first asks; a turn never touches it. Labels come from fixed sets.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.health.facts import Facts
from bot.meters import BOUNDS, Histogram, Meters

if TYPE_CHECKING:
    from prometheus_client.core import Metric

Rows = Mapping[Any, float | None]  # label values -> the value; None: not known


def scraper(meters: Meters, facts: Callable[[], Facts]) -> tuple[Callable[[], bytes], str]:
    """Makes the page, and its content type."""
    from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector, generate_latest
    from prometheus_client.exposition import CONTENT_TYPE_LATEST

    registry = CollectorRegistry()

    class _Ours:
        def collect(self) -> "Iterator[Metric]":
            yield from _counted(meters)
            yield from _found(facts())

        def describe(self) -> "Iterator[Metric]":
            return iter(())

    ProcessCollector(registry=registry)
    GCCollector(registry=registry)
    registry.register(_Ours())
    return (lambda: generate_latest(registry)), CONTENT_TYPE_LATEST


def _counter(name: str, says: str, labels: tuple[str, ...], rows: Rows) -> "Metric":
    from prometheus_client.core import CounterMetricFamily

    family = CounterMetricFamily(f"hocnghe_{name}", says, labels=labels)
    for row, value in rows.items():
        family.add_metric(row, value or 0.0)
    return family


def _gauge(name: str, says: str, rows: Rows, labels: tuple[str, ...] = ()) -> "Metric":
    from prometheus_client.core import GaugeMetricFamily

    family = GaugeMetricFamily(f"hocnghe_{name}", says, labels=labels)
    for row, value in rows.items():
        if value is not None:
            family.add_metric(row, value)
    return family


def _one(rows: Mapping[str, float]) -> dict[tuple[str, ...], float]:
    return {(name,): float(value) for name, value in rows.items()}


def _counted(meters: Meters) -> "Iterator[Metric]":
    turns = {pair: float(n) for pair, n in meters.turns.items()}
    yield _counter("turns", "Messages answered, by what became of them.", ("channel", "decision"), turns)
    yield _histogram("turn_seconds", "From a message's arrival here to its commit.", meters.latency)
    within = {(c,): float(sum(h.counts[: BOUNDS.index(10.0) + 1])) for c, h in meters.latency.items()}
    yield _counter("turns_within_10s", "Messages through within ten seconds.", ("channel",), within)
    yield _counter("updates_repeated", "Deliveries of what had been handled.", ("channel",), _one(meters.repeated))
    yield _counter("turns_failed", "Turns that failed: they come again.", ("channel",), _one(meters.failed))
    yield _counter("http_responses", "Answers of this server.", ("class",), _one(meters.responses))
    yield _counter("log_lines", "Log lines, also those left out.", ("level",), _one(meters.log_lines))
    yield _counter("faults", "Faults told in the log, by kind.", ("fault",), _one(meters.faults))
    kinds = {k: n for k, n in meters.database.items() if k}
    yield _counter("database_faults", "Turns that the database failed.", ("kind",), _one(kinds))
    every, long, seconds = meters.lock_waits
    yield _counter("database_lock_seconds", "Waiting for the write lock (SQLite).", (), {(): seconds})
    yield _counter(
        "database_lock_waits", "Waits for it, and those above 50 ms.", ("length",), _one({"all": every, "long": long})
    )


def _histogram(name: str, says: str, found: Mapping[str, Histogram]) -> "Metric":
    from prometheus_client.core import HistogramMetricFamily

    family = HistogramMetricFamily(f"hocnghe_{name}", says, labels=("channel",))
    for channel, histogram in found.items():
        total, buckets = 0, []
        for bound, count in zip((*map(str, BOUNDS), "+Inf"), histogram.counts, strict=True):
            total += count
            buckets.append((bound, total))
        family.add_metric((channel,), buckets, histogram.seconds)
    return family


def _found(facts: Facts) -> "Iterator[Metric]":
    stored, now = facts.stored, facts.now
    yield _gauge("build_info", "The version.", {(facts.version,): 1.0}, ("version",))
    yield _gauge("up_seconds", "Since this process began.", {(): _age(facts.started_at, now)})
    yield _gauge("database_up", "1 while it reads and writes.", {(): float(facts.database.ok)})
    yield _gauge("database_look_seconds", "How long a look took.", {(): facts.database.ms / 1000})
    yield _gauge("database_bytes", "Its size.", {(): float(facts.database.size)})
    yield _gauge("database_locked", "Statements waiting for a lock (PostgreSQL).", {(): float(stored.locked)})
    yield _gauge("database_pending_migrations", "1: another version's schema.", {(): float(facts.database.pending)})
    yield _gauge("channel_up", "1 while it is well.", {(c.name,): float(c.ok) for c in facts.channels}, ("channel",))
    failing = {(c.name,): _age(c.failing_since, now) or 0.0 for c in facts.channels}
    yield _gauge("channel_failing_seconds", "Since it fails.", failing, ("channel",))
    polls = {(c.name,): c.poll_s for c in facts.channels}
    yield _gauge("channel_poll_age_seconds", "Since the last poll.", polls, ("channel",))
    fates = {(c.name, state): float(n) for c in facts.channels for state, n in c.counts.items()}
    yield _counter("deliveries", "Messages sent by this process.", ("channel", "state"), fates)
    waiting = {(c,): float(n) for c, (n, _) in stored.waiting.items()}
    yield _gauge("outbox_messages", "Messages waiting to be sent.", waiting, ("channel",))
    oldest = {(c,): _age(at, now) for c, (_, at) in stored.waiting.items()}
    yield _gauge("outbox_oldest_seconds", "Age of the oldest of them.", oldest, ("channel",))
    rows = {(state,): float(n) for state, n in stored.rows.items()}
    yield _gauge("announcement_rows", "Rows of running announcements.", rows, ("state",))
    yield _gauge("announcement_oldest_seconds", "Age of the oldest row due.", {(): _age(stored.oldest_due, now) or 0.0})
    yield _gauge("unknown_fate", "Messages of the last week of unknown fate.", {(): float(stored.unknown)})
    yield _gauge("unanswered_questions", "Waiting for an officer's lesson.", {(): float(stored.unanswered)})
    kinds = {(t.name.partition(".")[0],): t for t in stored.tokens}
    yield _gauge(
        "token_age_seconds",
        "Since it was renewed.",
        {k: _age(t.changed_at, now) for k, t in kinds.items()},
        ("channel",),
    )
    left = {k: (t.expires_at - now).total_seconds() for k, t in kinds.items()}
    yield _gauge("token_left_seconds", "Until it ends.", left, ("channel",))
    yield _gauge("leader", "1 where the background work runs.", {(): float(facts.leads)})
    late = (now - stored.leader_until).total_seconds() if stored.leader_until else None
    yield _gauge("leader_late_seconds", "Since the lease of the background work ran out.", {(): max(0.0, late or 0.0)})
    yield _gauge("disk_free_bytes", "Under the data folder.", {(): float(facts.disk.free) if facts.disk else None})
    yield _gauge("disk_bytes", "Of that file system.", {(): float(facts.disk.total) if facts.disk else None})
    yield _gauge("clock_off_seconds", "How far another clock is ahead.", _clocks(facts), ("by",))
    yield _gauge("clock_believed", "0 while announcements and erasing wait.", {(): float(facts.clock.erases)})
    yield _gauge("backup_age_seconds", "Since the last verified copy.", {(): _age(facts.backup.at, now)})
    yield _gauge(
        "mail_failing_seconds", "Since nothing goes by e-mail.", {(): _age(stored.mail_failing_since, now) or 0.0}
    )


def _clocks(facts: Facts) -> dict[tuple[str, ...], float | None]:
    return {("outside",): facts.clock.outside_by, ("database",): facts.clock.server_by}


def _age(at: datetime | None, now: datetime) -> float | None:
    return (now - at).total_seconds() if at else None
