"""Who sees what of `/healthz` and `/metrics`; what a turn counts; what comes back when the database does."""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.channels.telegram.polling import MOST_TRIES, Poller
from bot.health import watch as watching
from bot.health.doors import HealthDoors
from bot.health.watch import Sources, Watch
from bot.meters import METERS, Meters
from bot.store.engines import connect
from bot.store.faults import unavailable
from bot.store.migrate import upgrade
from bot.store.sql_health import Stored, look

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


def watch_of(read, folder: Path) -> Watch:
    return Watch(Sources(read, "sqlite", folder, "1", lambda: NOON, lambda: datetime.now(UTC)))


@pytest.fixture
async def client(tmp_path):
    upgrade(connect(f"sqlite:///{tmp_path / 'a'}"))
    engine = connect(f"sqlite:///{tmp_path / 'a'}")
    watch = watch_of(lambda *asked: look(engine, *asked), tmp_path)
    site = web.Application()
    HealthDoors(watch, ("127.0.0.1/32",), "203.0.113.0/24").setup(site)
    async with TestClient(TestServer(site)) as made:
        yield made
    await watch.stop()
    engine.dispose()


@pytest.mark.parametrize(
    ("headers", "knows"),
    [
        ({}, True),
        ({"X-Forwarded-For": "198.51.100.7"}, False),
        ({"X-Forwarded-For": "127.0.0.1, 198.51.100.7"}, False),
        ({"X-Forwarded-For": "10.0.0.9"}, True),
        ({"X-Forwarded-For": "203.0.113.9"}, True),
        ({"X-Forwarded-For": "nonsense"}, False),
        ({"X-Forwarded-For": "198.51.100.7, 127.0.0.1"}, False),
        ({"X-Forwarded-For": ""}, False),
        ({"X-Real-IP": "127.0.0.1"}, False),  # the trusted proxy did not say whose it is
        ({"Forwarded": "for=127.0.0.1"}, False),
    ],
)
async def test_details_are_for_whoever_runs_it(client, headers, knows):
    async with client.get("/healthz", headers=headers) as answer:
        told = await answer.json()
        assert answer.status == 200
        assert ("database" in told) == knows
        assert told["status"] == "ok"
    async with client.get("/metrics", headers=headers) as answer:
        assert answer.status == (200 if knows else 404)


async def test_behind_a_proxy_that_nobody_trusts_everybody_is_a_stranger(tmp_path):
    site = web.Application()
    watch = watch_of(lambda *_: Stored(), tmp_path)
    HealthDoors(watch, ()).setup(site)
    async with TestClient(TestServer(site)) as client:
        for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
            async with client.get("/healthz", headers={name: "127.0.0.1"}) as answer:
                assert await answer.json() == {"ok": True, "status": "ok"}
    await watch.stop()


async def test_a_database_that_hangs_is_told_in_time_and_forgotten_when_it_answers(tmp_path, monkeypatch):
    monkeypatch.setattr(watching, "PATIENCE", 0.1)
    import threading

    stuck, free = threading.Event(), threading.Event()

    def read(*_asked):
        if stuck.is_set():
            free.wait(5)
        return Stored()

    watch = watch_of(read, tmp_path)
    await watch.look()
    assert watch.facts.database.ok
    stuck.set()
    await watch.look()
    await watch.look()
    assert (watch.facts.database.ok, watch.facts.database.trouble) == (False, "slow")
    assert watch.facts.database.since == NOON
    stuck.clear()
    free.set()
    await asyncio.sleep(0.05)
    await watch.look()
    assert watch.facts.database.ok
    await watch.stop()


async def test_metrics_are_prometheus_words_without_anybodys(client):
    METERS.turn("telegram", "answered.cost@00004 asked@00004", 0.02, duplicate=False)
    async with client.get("/metrics") as answer:
        page = await answer.text()
    assert 'hocnghe_turns_total{channel="telegram",decision="answer"}' in page
    assert 'hocnghe_turn_seconds_bucket{channel="telegram",le="10.0"}' in page
    assert "process_resident_memory_bytes" in page
    assert "cost" not in page
    assert "00004" not in page


def test_what_a_turn_counts():
    meters = Meters()
    for tally in (
        "answered.cost@00004",
        "clarified@",
        "unanswered@",
        "begun@00004 into.trade@",
        "off.trade@1@2",
        "",
        "asked@",
    ):
        meters.turn("web", tally, 0.004, duplicate=False)
    meters.turn("web", "answered.cost@", 11.0, duplicate=False)
    meters.turn("web", "", 1.0, duplicate=True)
    assert meters.turns == Counter(
        {("web", "answer"): 2, ("web", "clarify"): 1, ("web", "unknown"): 1, ("web", "form"): 2, ("web", "other"): 2}
    )
    assert meters.latency["web"].counts == [7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]
    assert meters.repeated == {"web": 1}


def test_kinds_of_faults_are_bounded():
    meters = Meters()
    for number in range(500):
        meters.fault(f"Fault{number}")
    assert len(meters.faults) == 61
    assert meters.faults["other"] == 440


def test_an_update_is_not_given_up_because_the_database_is_full(tmp_path):
    import sqlite3

    full = connect(f"sqlite:///{tmp_path / 'small'}")
    with full.connect() as db:
        db.exec_driver_sql("PRAGMA max_page_count=2")
        db.exec_driver_sql("CREATE TABLE a (b)")
        with pytest.raises(Exception, match="full") as met:
            db.exec_driver_sql("INSERT INTO a VALUES (zeroblob(40000))")
    full.dispose()
    assert unavailable(met.value) == "full"
    assert unavailable(ValueError("x")) == ""
    assert unavailable(sqlite3.OperationalError("no such table")) == ""
    poller = Poller.__new__(Poller)
    poller._tries, poller.given_up = Counter(), 0
    assert not any(poller._gives_up(7, met.value) for _ in range(3 * MOST_TRIES))
    assert [poller._gives_up(8, ValueError("x")) for _ in range(MOST_TRIES)] == [False] * (MOST_TRIES - 1) + [True]
