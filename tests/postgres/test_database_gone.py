"""The database is gone for a while under two servers and a worker: they wait and go on, nothing is lost or doubled.

`HOCNGHE_TEST_GONE=60` makes the while a minute.
"""

import asyncio
import os
import re
from datetime import datetime

import pytest
import pytest_asyncio
from aiohttp import ClientSession, ClientTimeout
from peers.cable import Cable
from peers.telegram import TelegramPeer
from peers.telegram_state import Rules
from postgres.machines import PATIENCE, Balancer
from postgres.test_many_processes import (
    COMMUNE,
    Cluster,
    assert_answered_once_and_in_order,
    talked,
)
from sqlalchemy.engine import make_url
from store.factories import own_database

from bot.model import Contact
from bot.store.records import VIETNAM

pytestmark = [pytest.mark.process, pytest.mark.asyncio(loop_scope="module")]
GONE = float(os.environ.get("HOCNGHE_TEST_GONE", "8"))
SAID = ("/dangky", "đồng ý cả ba", "may công nghiệp", "phường Ba Đình Hà Nội")
PEOPLE = range(9000201, 9000209)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cluster(tmp_path_factory):
    url = make_url(own_database("database gone", lasting=True))
    async with (
        TelegramPeer(rules=Rules(retry_most=0.5, redeliveries=10**6)) as peer,
        Balancer() as front,
        Cable(url.host, url.port) as cable,
    ):
        cluster = Cluster(tmp_path_factory.mktemp("gone"), peer, front, url.render_as_string(hide_password=False))
        through = url.set(host="127.0.0.1", port=cable.port).render_as_string(hide_password=False)
        cluster.settings["HOCNGHE_DATABASE_URL"] = through
        cluster.cable = cable
        with cluster.store.transaction() as unit:
            unit.serve(COMMUNE, datetime.now(VIETNAM))
        try:
            await cluster.serve("one", "two")
            await cluster.start("worker", "worker").ready()
            yield cluster
        finally:
            for machine in cluster.machines.values():
                machine.kill()
            cluster.store.close()


async def asked(url: str, path: str = "/healthz") -> tuple[int, str, float]:
    began = asyncio.get_running_loop().time()
    async with ClientSession(timeout=ClientTimeout(total=5)) as client, client.get(url + path) as answer:
        return answer.status, await answer.text(), asyncio.get_running_loop().time() - began


async def until_well(url: str) -> None:
    async with asyncio.timeout(PATIENCE):
        while (await asked(url))[0] != 200:
            await asyncio.sleep(0.5)


async def test_gone_for_a_while(cluster):
    servers = [cluster.machines[n].url for n in ("one", "two")]
    await talked(cluster, PEOPLE, SAID[:2])
    await cluster.peer.quiet(PATIENCE)
    answered = len(cluster.peer.sent)

    await cluster.cable.cut()
    await talked(cluster, PEOPLE, SAID[2:])
    await asyncio.sleep(GONE)
    for url in servers:
        code, body, took = await asked(url)
        assert code == 503
        assert '"status": "down"' in body
        assert '"key": "database_gone"' in body
        assert took < 2
        code, body, _ = await asked(url, "/desk/sign-in/nothing")
        assert code == 503
        assert re.search(r"chưa mở được kho dữ liệu từ \d\d:\d\d", body)
        async with ClientSession() as client:
            headers = {"X-Telegram-Bot-Api-Secret-Token": cluster.peer.secret}
            update = {"update_id": 1, "message": {"message_id": 1, "date": 1, "chat": {"id": 77, "type": "private"},
                      "from": {"id": 77, "is_bot": False, "first_name": "x"}, "text": "a"}}  # fmt: skip
            async with client.post(url + "/webhooks/telegram", json=update, headers=headers) as answer:
                assert answer.status == 503
            page = {"id": "00000000-0000-4000-8000-000000000000", "text": "chào em"}
            async with client.post(url + "/chat/messages", json=page) as answer:
                assert answer.status == 503
                assert "message" in await answer.json()
    assert len(cluster.peer.sent) <= answered + len(PEOPLE)

    cluster.queue(Contact("telegram", cluster.account, str(PEOPLE[0])), "Lời nhắc lúc mất kho.")
    await cluster.cable.mend()
    for url in servers:
        await until_well(url)
    await cluster.until(lambda: any(s.text == "Lời nhắc lúc mất kho." for s in cluster.peer.sent))
    await cluster.peer.quiet(PATIENCE)
    await cluster.until(lambda: not cluster.fates().get("pending"))
    words = [s for s in cluster.peer.sent if s.text == "Lời nhắc lúc mất kho."]
    assert len(words) == 1
    assert_answered_once_and_in_order(cluster, PEOPLE[1:], SAID, unknown=len(PEOPLE))
    _, body, _ = await asked(servers[0])
    assert '"key": "database_back"' in body


async def test_it_told_of_it_seldom_and_without_traces(cluster):
    for machine in cluster.machines.values():
        assert machine.process.poll() is None
        told = machine.log.read_text()
        assert "Traceback" not in told
        assert "needs a look" in told
        assert len(told.splitlines()) < 60, told
        assert cluster.peer.token not in told


async def test_stuck_is_told_within_two_seconds(cluster):
    url = cluster.machines["one"].url
    cluster.cable.hang()
    await asyncio.sleep(2.5)
    code, body, took = await asked(url)
    assert code == 503
    assert '"trouble": "slow"' in body
    assert took < 2
    await cluster.cable.mend()
    await until_well(url)
