"""Updates that are fetched: one poller at a time, confirmed after the commit, and a watchdog."""

import asyncio
import os
import socket

import pytest
import pytest_asyncio
from channels.telegram_stage import AN, BINH, GROUP, NOON, copied, running
from store.factories import sqlite_store

from bot.channels.telegram import channel, polling
from bot.channels.telegram.polling import LEASE, MOST_TRIES

NAME = "telegram.poll.900100200"


@pytest_asyncio.fixture
async def stage(telegram_base, tmp_path, understanding, catalogue):
    async with running(copied(telegram_base, tmp_path), understanding, catalogue, webhook=False) as stage:
        yield stage


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(polling, "STANDBY", 0.05)
    monkeypatch.setattr(polling, "CONFLICT_PAUSE", 0.05)
    monkeypatch.setattr(polling, "FIRST_PAUSE", 0.01)


def lease(stage, holder):
    with stage.store.channels() as unit:
        return unit.lease(NAME, holder, stage.clock[0], stage.clock[0] + LEASE)


async def until(true, seconds=5.0):
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.01)


async def test_what_was_written_while_nobody_listened_is_answered_in_order(stage):
    stage.peer.updates.held = True
    for words in ("đăng ký học may", "đồng ý cả ba", "xã nà pàn"):
        await stage.peer.says(AN, words)
    await stage.peer.says(BINH, "chào em")
    stage.peer.updates.release()
    await stage.settled()
    told = stage.peer.sent_to(AN)
    assert ["đồng ý từng việc" in told[0].text, "xã (phường) nào" in told[1].text, "thôn" in told[2].text] == [True] * 3
    assert len(stage.peer.sent_to(BINH)) == 1


async def test_an_update_is_confirmed_only_after_its_turn_is_committed(stage, monkeypatch):
    handle, gate = stage.app.handle, asyncio.Event()
    loop = asyncio.get_running_loop()

    def held(*arguments):
        asyncio.run_coroutine_threadsafe(gate.wait(), loop).result(5)
        return handle(*arguments)

    monkeypatch.setattr(stage.app, "handle", held)
    await stage.peer.says(AN, "chào em")
    await asyncio.sleep(0.1)
    assert stage.peer.updates.pending
    gate.set()
    await stage.settled()
    assert not stage.peer.updates.pending
    assert len(stage.peer.sent_to(AN)) == 1


async def test_a_turn_that_fails_is_taken_again_and_the_others_go_on(stage, monkeypatch):
    handle, failing = stage.app.handle, iter((True, True))

    def sometimes(incoming, *more):
        if incoming.contact.id == str(AN) and next(failing, False):
            raise OSError
        return handle(incoming, *more)

    monkeypatch.setattr(stage.app, "handle", sometimes)
    await stage.peer.says(AN, "chào em")
    await stage.says(BINH, "chào em")
    await stage.settled()
    assert [len(stage.peer.sent_to(p)) for p in (AN, BINH)] == [1, 1]


async def test_an_update_that_always_fails_is_given_up_and_told(stage, monkeypatch):
    handle = stage.app.handle

    def never(incoming, *more):
        if incoming.text == "hỏng":
            raise OSError
        return handle(incoming, *more)

    monkeypatch.setattr(stage.app, "handle", never)
    assert await stage.says(AN, "hỏng") == ()
    assert len(await stage.says(AN, "chào em")) == 1
    assert stage.channel.health()["given_up"] == 1
    assert next(iter(stage.peer.updates.made.values())).tried == MOST_TRIES


async def test_the_same_update_again_is_not_answered_again(stage):
    number = await stage.peer.says(AN, "chào em")
    await stage.settled()
    await stage.peer.redelivers(number)
    await stage.settled()
    assert len(stage.peer.sent_to(AN)) == 1


async def test_a_group_gets_its_line_here_too(stage):
    await stage.peer.joins(GROUP, by=AN)
    (line,) = await stage.peer.wait_for(1, GROUP)
    assert "nói chuyện riêng" in line.text


async def test_somebody_elses_lease_is_respected_until_it_runs_out(telegram_base, tmp_path, understanding, catalogue):
    path = copied(telegram_base, tmp_path)

    store = sqlite_store(path)
    with store.channels() as unit:
        assert unit.lease(NAME, "elsewhere:1", NOON, NOON + LEASE)
    store.close()
    async with running(path, understanding, catalogue, webhook=False) as stage:
        await until(lambda: stage.channel.health().get("mode") == "standby")
        await stage.peer.says(AN, "chào em")
        assert await stage.peer.silent(0.2)
        assert stage.channel.health()["ok"]
        stage.later(days=1)
        await stage.peer.wait_for(1, AN)


async def test_the_lease_of_a_dead_process_of_this_machine_is_taken_over(stage):
    host = socket.gethostname()[:60]
    dead = await asyncio.create_subprocess_exec("true")
    await dead.wait()
    with stage.store.channels() as unit:
        unit.give_up(NAME, f"{host}:{os.getpid()}")
        assert unit.lease(NAME, f"{host}:{dead.pid}", NOON, NOON + LEASE)
    assert len(await stage.says(AN, "chào em")) == 1


async def test_an_orderly_end_leaves_the_lease_free(telegram_base, tmp_path, understanding, catalogue):
    path = copied(telegram_base, tmp_path)
    async with running(path, understanding, catalogue, webhook=False) as stage:
        await stage.says(AN, "chào em")
        await stage.channel.stop()
        assert lease(stage, "another:1")


async def test_another_poller_elsewhere_is_waited_for(stage):
    stage.peer.faults.error(409, "Conflict: terminated by other getUpdates request", method="getUpdates", times=3)
    assert len(await stage.says(AN, "chào em")) == 1
    assert len(await stage.says(AN, "chào em")) == 1


async def test_the_watchdog_tells_of_a_poller_that_hears_nothing(stage, monkeypatch):
    assert stage.channel.health()["ok"]
    monkeypatch.setattr(polling, "PATIENCE", 0.2)
    monkeypatch.setattr(polling, "LONG_POLL", 0)
    stage.peer.faults.error(500, method="getUpdates", times=None)
    await stage.peer.says(AN, "chào em")  # ends the poll under way
    await asyncio.sleep(0.5)
    told = stage.channel.health()
    assert (told["ok"], told["trouble"]) == (False, "NetworkError")
    stage.peer.faults.clear()
    await stage.settled()
    await until(lambda: "trouble" not in stage.channel.health())


async def test_a_poll_that_hangs_for_ever_is_given_up(telegram_base, tmp_path, understanding, catalogue, monkeypatch):
    monkeypatch.setattr(polling, "LONG_POLL", 0)
    monkeypatch.setattr(polling, "SLACK", 0.2)
    async with running(copied(telegram_base, tmp_path), understanding, catalogue, webhook=False) as stage:
        stage.peer.faults.slow(30, method="getUpdates")
        assert len(await stage.says(AN, "chào em")) == 1


async def test_a_webhook_of_before_is_taken_away_and_nothing_is_dropped(
    telegram_base, tmp_path, understanding, catalogue
):
    path = copied(telegram_base, tmp_path)
    async with running(path, understanding, catalogue, webhook=True) as stage:
        peer = stage.peer
        await stage.channel.stop()
        peer.updates.held = True
        await peer.says(AN, "chào em")
        async with running(path, understanding, catalogue, webhook=False, peer=peer):
            peer.updates.release()
            await peer.wait_for(1, AN)
        assert peer.updates.webhook.url == ""


async def test_a_refused_token_is_told_and_tried_again(telegram_base, tmp_path, understanding, catalogue, monkeypatch):
    monkeypatch.setattr(channel, "FIRST_PAUSE", 0.3)
    path = copied(telegram_base, tmp_path)
    async with running(path, understanding, catalogue, webhook=False, token="900100200:another") as stage:
        await until(lambda: "trouble" in stage.channel.health())
        assert stage.channel.health()["trouble"] == "token refused"
        assert not stage.channel.health()["ok"]
