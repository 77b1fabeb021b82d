""" "Tình trạng máy": what somebody should look at and what to do, in plain words; the figures below it."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from aiohttp import web

from bot.desk.guard import Visit
from bot.health import warnings as health
from bot.health.facts import Facts
from bot.health.letters import sentence
from bot.health.warnings import Warned
from bot.i18n import Language

if TYPE_CHECKING:
    from bot.desk.desk import Desk

GB = 1024**3


@dataclass(frozen=True, slots=True)
class Told:
    """A warning in words. `since` "" when nobody knows."""

    key: str
    severity: str
    what: str
    do: str
    since: datetime | None


def told(say: Language, found: tuple[Warned, ...], now: datetime) -> tuple[Told, ...]:
    """In this language, in the zone of `now`; a channel by its name."""
    return tuple(_told(say, one, now.tzinfo) for one in found)


def _told(say: Language, one: Warned, zone: tzinfo | None) -> Told:
    since = one.since.astimezone(zone) if one.since else None
    return Told(one.key, one.severity, sentence(say, one), say.say(f"health.do.{one.key}"), since)


def banner(desk: "Desk", visit: Visit) -> tuple[Told, ...]:
    """What this officer should know on Today."""
    return told(visit.say, health.shown(desk.watch.warned, visit.me.role), visit.now) if desk.watch else ()


async def page(desk: "Desk", visit: Visit) -> web.Response:
    """For administrators."""
    facts = await desk.watch.fresh() if desk.watch else None
    found = told(visit.say, desk.watch.warned, visit.now) if desk.watch else ()
    values = _values(visit.say, facts, visit.now) if facts else ()
    return desk.pages.show(visit, "machine.html", warned=found, figures=values)


def _values(say: Language, facts: Facts, now: datetime) -> tuple[tuple[str, str], ...]:
    """(what, how) for the table; pure."""
    stored, disk = facts.stored, facts.disk
    rows = [
        ("version", facts.version),
        ("up", _ago(say, facts.started_at, now)),
        ("database", say.say("health.size", kind=facts.database.kind, mb=say.number(round(stored.size / 2**20)))),
        ("answers", say.say("health.ms", ms=say.number(round(facts.database.ms, 1)))),
        ("backup", _ago(say, facts.backup.at, now)),
        ("waiting", say.number(sum(n for n, _ in stored.waiting.values()))),
        ("unknown", say.number(stored.unknown)),
        ("questions", say.number(stored.unanswered)),
        ("background", say.say("health.here" if facts.leads else "health.elsewhere")),
    ]
    if disk is not None:
        share = round(100 * disk.free / disk.total) if disk.total else 0
        rows.insert(2, ("disk", say.say("health.free", gb=say.number(round(disk.free / GB, 1)), share=share)))
    lines = [
        (say.say(f"health.channel.{c.name}"), say.say("health.well" if c.ok and not c.failing_since else "health.ill"))
        for c in facts.channels
    ]
    named = ((say.say(f"health.channel.{t.name.partition('.')[0]}"), t.expires_at) for t in stored.tokens)
    tokens = [(say.say("health.token", channel=name), _until(say, ends, now)) for name, ends in named]
    return (*((say.say(f"health.row.{key}"), how) for key, how in rows), *lines, *tokens)


def _ago(say: Language, at: datetime | None, now: datetime) -> str:
    if at is None:
        return say.say("health.never")
    minutes = max(0, round((now - at).total_seconds() / 60))
    if minutes < 120:
        return say.say("health.minutes", n=minutes)
    return say.say("health.hours", n=minutes // 60) if minutes < 48 * 60 else say.say("health.days", n=minutes // 1440)


def _until(say: Language, at: datetime, now: datetime) -> str:
    here = at.astimezone(now.tzinfo)
    return f"{here:%H:%M} {say.short_day(here)}"
