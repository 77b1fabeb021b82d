"""Facts to warnings: cases in `tests/cases/health`; every warning has words and something to do in both languages."""

import tomllib
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.health import report
from bot.health.facts import Backup, Clock, Database, Disk, Facts, Line
from bot.health.letters import sentence
from bot.health.warnings import shown, warnings
from bot.i18n import LANGUAGES, language
from bot.store.sql_health import Stored, TokenAge

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
CASES = tomllib.loads((Path(__file__).parents[1] / "cases/health/warnings.toml").read_text())["case"]
MOMENTS = {"since", "back_at", "failing_since", "jumped_at", "changed_at", "expires_at", "mail_failing_since",
           "leader_until", "at", "failed_at"}  # fmt: skip


def ago(seconds):
    return NOON - timedelta(seconds=seconds)


def timed(values):
    return {k: ago(v) if k in MOMENTS else v for k, v in values.items()}


def facts(case):
    told = case["is"]
    stored = timed(told.get("stored", {}))
    stored["waiting"] = {c: (n, ago(at)) for c, (n, at) in stored.get("waiting", {}).items()}
    stored.setdefault("leader_until", NOON + timedelta(seconds=45))
    if "token" in told:
        stored["tokens"] = (TokenAge("zalo_oa.123", **{"broken": "", **timed(told["token"])}),)
    return Facts(
        NOON,
        ago(86_400),
        "1",
        Database("sqlite", **{"ok": True, **timed(told.get("database", {}))}),
        (Line("telegram", **timed(told["channel"])),) if "channel" in told else (),
        Stored(**stored),
        Disk(**told.get("disk", {"free": 5 * 10**10, "total": 10**11})),
        Clock(**timed(told.get("clock", {}))),
        Backup(**timed(told.get("backup", {"at": 3600}))),
        ago(told["old_key"]) if "old_key" in told else None,
    )


def line(one):
    since = f" since={round((NOON - one.since).total_seconds())}" if one.since else ""
    values = "".join(f" {k}={v}" for k, v in one.values.items())
    return f"{one.severity} {one.key} {','.join(sorted(one.roles))}{since}{values}"


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["name"])
def test_what_is_told(case):
    found = warnings(facts(case))
    assert [line(one) for one in found] == case["told"]
    for one in found:
        for code in LANGUAGES:
            assert sentence(language(code), one)
            assert language(code).say(f"health.do.{one.key}")
    officers = shown(found, "officer")
    assert {one.key for one in officers} <= {"database_gone", "database_full", "channel_gone", "waiting"}


def test_strangers_learn_nothing_but_whether_it_is_well():
    gone = facts(CASES[1])
    assert report.short(gone, warnings(gone)) == {"ok": False, "status": "down"}
    late = facts(next(c for c in CASES if "an hour" in c["name"]))
    assert report.short(late, warnings(late)) == {"ok": True, "status": "degraded"}
    assert set(report.full(gone, ())) == {
        "ok", "status", "version", "uptime_s", "served_places", "database", "channels", "tokens", "queue", "background",
        "disk", "clock", "backup", "warnings",
    }  # fmt: skip
    assert fields(Facts)
