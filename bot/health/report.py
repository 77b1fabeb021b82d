"""`/healthz` as JSON: pure. Its keys are kept; it tells no name, no secret, no message."""

from datetime import datetime
from typing import Any, Literal

from bot.health.facts import Database, Facts, Line
from bot.health.warnings import Warned

Status = Literal["ok", "degraded", "down"]


def status(facts: Facts, found: tuple[Warned, ...]) -> Status:
    """down: no turn can be taken here; degraded: turns are taken, and somebody should look; else ok."""
    if not facts.database.ok:
        return "down"
    return "degraded" if any(w.severity == "bad" for w in found) or any(not c.ok for c in facts.channels) else "ok"


def short(facts: Facts, found: tuple[Warned, ...]) -> dict[str, Any]:
    """For everybody."""
    told = status(facts, found)
    return {"ok": told != "down", "status": told}


def full(facts: Facts, found: tuple[Warned, ...]) -> dict[str, Any]:
    """For whoever runs it. Moments are ISO 8601, ages whole seconds; null: not known, or none."""
    stored, now = facts.stored, facts.now
    oldest = min((at for _, at in stored.waiting.values()), default=None)
    return {
        **short(facts, found),
        "version": facts.version,
        "uptime_s": _age(facts.started_at, now),
        "served_places": stored.served,
        "database": _database(facts.database, now),
        "channels": {line.name: _line(line, now) for line in facts.channels},
        "tokens": {
            t.name: {"age_s": _age(t.changed_at, now), "ends": _iso(t.expires_at, now), "broken": bool(t.broken)}
            for t in stored.tokens
        },
        "queue": {
            "waiting": sum(n for n, _ in stored.waiting.values()),
            "oldest_s": _age(oldest, now),
            "announcements": dict(stored.rows),
            "announcements_oldest_s": _age(stored.oldest_due, now),
            "unknown_fate": stored.unknown,
            "unanswered": stored.unanswered,
        },
        "background": {"here": facts.leads, "until": _iso(stored.leader_until, now)},
        "disk": {"free": facts.disk.free, "total": facts.disk.total} if facts.disk else None,
        "clock": {
            "jumped_at": _iso(facts.clock.jumped_at, now),
            "jumped_by_s": round(facts.clock.jumped_by),
            "outside_by_s": _whole(facts.clock.outside_by),
            "database_by_s": _whole(facts.clock.server_by),
            "sends": facts.clock.sends,
            "erases": facts.clock.erases,
        },
        "backup": {
            "last": _iso(facts.backup.at, now),
            "age_s": _age(facts.backup.at, now),
            "failed": _iso(facts.backup.failed_at, now),
            "why": facts.backup.why,
        },
        "warnings": [
            {"key": w.key, "severity": w.severity, "since": _iso(w.since, now), "values": dict(w.values)} for w in found
        ],
    }


def _database(found: Database, now: datetime) -> dict[str, Any]:
    return {
        "ok": found.ok,
        "kind": found.kind,
        "trouble": found.trouble,
        "since": _iso(found.since, now),
        "ms": round(found.ms, 1),
        "size": found.size,
        "schema": found.schema,
        "pending_migrations": found.pending,
    }


def _line(line: Line, now: datetime) -> dict[str, Any]:
    return {
        "ok": line.ok,
        "mode": line.mode,
        "trouble": line.trouble,
        "last_success": _iso(line.last_success, now),
        "last_success_s": _age(line.last_success, now),
        "failing_since": _iso(line.failing_since, now),
        "last_error": line.error,
        "last_poll_seconds": _whole(line.poll_s),
        "given_up": line.given_up,
        "waiting": line.waiting,
        "counts": dict(line.counts),
    }


def _iso(at: datetime | None, now: datetime) -> str | None:
    return at.astimezone(now.tzinfo).isoformat(timespec="seconds") if at else None


def _age(at: datetime | None, now: datetime) -> int | None:
    return round((now - at).total_seconds()) if at else None


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)
