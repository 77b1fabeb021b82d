"""The first start: a page says how far the training is, in a process of its own."""

import asyncio
import sys

import pytest
from aiohttp import ClientSession

from bot import preparing
from bot.preparing import Trainer, prepare

SLOW = (
    sys.executable,
    "-c",
    "import time; print('25% a', end='', flush=True); time.sleep(1); print('\\r100% b', flush=True)",
)


async def test_the_page_and_health_say_how_far_it_is_until_it_has_ended(tmp_path, unused_tcp_port):
    told = []
    trainer = Trainer(tmp_path, told.append, SLOW)
    waiting = asyncio.create_task(trainer.wait_at("127.0.0.1", unused_tcp_port))
    while trainer.percent < 25:
        await asyncio.sleep(0.02)
    async with ClientSession(f"http://127.0.0.1:{unused_tcp_port}") as browser:
        async with browser.get("/healthz") as answer:
            assert (answer.status, await answer.json()) == (503, {"ok": False, "training": 0.25})
        async with browser.get("/bat/ky/duong/nao") as answer:
            assert answer.status == 503
            assert "25%" in await answer.text()
        async with browser.get("/?lang=en") as answer:
            assert "Learning how people ask" in await answer.text()
    assert await waiting == 0
    assert trainer.percent == 100
    assert told == ["  25%", "  100%"]


@pytest.fixture
def unused_tcp_port():
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def test_a_trainer_that_fails_is_told_and_the_start_goes_on(tmp_path, monkeypatch, unused_tcp_port):
    told = []
    monkeypatch.setattr(preparing.Trainer.__init__, "__defaults__", ((sys.executable, "-c", "raise SystemExit(3)"),))
    prepare("127.0.0.1", unused_tcp_port, tmp_path, say=told.append)
    assert "3" in told[-1]


def test_nothing_is_prepared_when_the_cache_holds_the_weights(tmp_path, monkeypatch):
    monkeypatch.setattr(preparing.cache, "kept", lambda folder, name: True)
    prepare("127.0.0.1", 1, tmp_path, say=pytest.fail)
