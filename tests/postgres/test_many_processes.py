"""Two servers and a worker over one PostgreSQL: in order, once, whatever dies."""

import asyncio
import json
import uuid
from datetime import datetime

import pytest
import pytest_asyncio
from aiohttp import ClientSession, ClientTimeout
from peers.telegram import TelegramPeer
from peers.telegram_state import Rules
from postgres.machines import PATIENCE, Balancer, Machine, environment
from sqlalchemy import text
from store.factories import KEY, own_database

from bot import wiring
from bot.channels.web.visitors import COOKIE, new_cookie
from bot.model import Contact, Reply
from bot.settings import Settings
from bot.store.records import VIETNAM

pytestmark = [pytest.mark.process, pytest.mark.asyncio(loop_scope="module")]
COMMUNE = "00004"
SAID = (
    "/dangky", "đồng ý cả ba", "may công nghiệp", "phường Ba Đình Hà Nội", "Thôn Ví Dụ", "Nguyễn Thị Mẫu", "1990",
    "PHONE", "đúng",
)  # fmt: skip


class Cluster:
    """What the tests share; they run in the order of this file."""

    def __init__(self, folder, peer, front, database) -> None:
        self.folder, self.peer, self.front = folder, peer, front
        self.account = peer.token.partition(":")[0]
        self.settings = environment(database, front.url, peer)
        self.store = wiring.open_store(
            Settings(_env_file=None, data_dir=folder / "own", database_url=database, secret_key=KEY)
        )
        self.machines: dict[str, Machine] = {}

    def start(self, name: str, kind: str = "serve") -> Machine:
        self.machines[name] = Machine(self.folder / name, kind, self.settings)
        return self.machines[name]

    async def serve(self, *names: str) -> None:
        started = [self.start(name) for name in names]
        await asyncio.gather(*(one.ready() for one in started))
        self.front.behind += started

    def leader(self) -> str:
        """The machine whose process holds the lease, "" for nobody."""
        with self.store.channels() as unit:
            process = unit.leaseholder("background").rpartition(":")[0].rpartition(":")[2]
        return next((n for n, m in self.machines.items() if str(m.process.pid) == process), "")

    def fates(self) -> dict[str, int]:
        with self.store.channels() as unit:
            return dict(unit.fates("telegram"))

    def queue(self, contact: Contact, words: str) -> None:
        """As the desk of another process does."""
        now = datetime.now(VIETNAM)
        with self.store.transaction() as unit:
            unit.queue(unit.lock(contact, now), f"desk:{uuid.uuid4().hex}", [Reply(words)], now)

    async def until(self, condition, seconds: float = PATIENCE) -> None:
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.05)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cluster(tmp_path_factory):
    async with TelegramPeer(rules=Rules(retry_most=0.2, redeliveries=10**6)) as peer, Balancer() as front:
        folder, url = tmp_path_factory.mktemp("machines"), own_database("many processes", lasting=True)
        cluster = Cluster(folder, peer, front, url)
        with cluster.store.transaction() as unit:
            unit.serve(COMMUNE, datetime.now(VIETNAM))
        try:
            await cluster.serve("one", "two")
            yield cluster
        finally:
            for machine in cluster.machines.values():
                machine.kill()
            cluster.store.close()


async def talked(cluster, people, said=SAID) -> None:
    for words in said:
        for person in people:
            await cluster.peer.says(person, f"0900000{person % 1000:03d}" if words == "PHONE" else words)


def assert_answered_once_and_in_order(cluster, people, said=SAID, *, unknown: int = 0) -> None:
    """What each person saw is what the rows say was sent, in the order of the messages; a cut-off one at most once."""
    with cluster.store.engine.connect() as db:
        fates = dict(tuple(row) for row in db.execute(text("SELECT id, fate FROM messages WHERE outgoing")))
    lost = 0
    with cluster.store.transaction() as unit:
        talks = {p: unit.messages(Contact("telegram", cluster.account, str(p))) for p in people}
    for person, talk in talks.items():
        assert [m.text for m in talk if m.reply is None and m.text][: len(said)], person
        answers = [m for m in talk if m.reply is not None]
        assert len({m.update_id for m in answers}) == len(said), person
        seen = [s.text for s in cluster.peer.sent_to(person)]
        for answer in answers:
            if seen and seen[0] == answer.reply.text.strip():
                seen.pop(0)
            else:
                assert fates[answer.id] == "unknown", f"{answer.reply.text[:50]!r}: lost or out of turn"
                lost += 1
        assert not seen, f"twice: {seen[0][:50]!r}"
    assert lost <= unknown


async def test_messages_of_one_person_by_turns_at_two_servers(cluster):
    people = range(9000001, 9000007)
    await talked(cluster, people)
    await cluster.peer.quiet(PATIENCE)
    await cluster.until(lambda: not cluster.fates().get("pending"))
    assert len(cluster.front.taken) == 2
    assert min(cluster.front.taken.values()) > 10
    assert_answered_once_and_in_order(cluster, people)
    with cluster.store.transaction() as unit:
        assert len(unit.leads(COMMUNE)) == len(people)


async def test_a_reply_of_another_process_reaches_the_open_page(cluster):
    cookie = new_cookie()
    here, there = (cluster.machines[n].url for n in ("one", "two"))
    timeout = ClientTimeout(total=20)
    async with ClientSession(cookies={COOKIE: cookie}, timeout=timeout) as page:
        body = {"id": str(uuid.uuid4()), "text": "chào em"}
        async with page.post(f"{there}/chat/messages", json=body) as answer:
            assert answer.status == 202
        async with page.get(f"{here}/chat/events") as stream:
            first = {r["id"] for r in (await answer_of(stream, 1))}
            body = {"id": str(uuid.uuid4()), "text": "học phí bao nhiêu"}
            async with page.post(f"{there}/chat/messages", json=body) as answer:
                expected = {r["id"] for r in (await answer.json())["replies"]}
            began = asyncio.get_running_loop().time()
            assert {r["id"] for r in await answer_of(stream, len(expected))} == expected
            cluster.queue(Contact("web", "", cookie), "Lời của cán bộ.")
            (officers,) = await answer_of(stream, 1)
            assert officers["text"] == "Lời của cán bộ."
            assert asyncio.get_running_loop().time() - began < 5
            assert officers["id"] not in first


async def test_a_page_left_behind_at_another_process_keeps_nothing_from_the_open_one(cluster):
    cookie = new_cookie()
    here, there = (cluster.machines[n].url for n in ("one", "two"))
    async with ClientSession(cookies={COOKIE: cookie}, timeout=ClientTimeout(total=20)) as page:
        body = {"id": str(uuid.uuid4()), "text": "chào em"}
        async with page.post(f"{there}/chat/messages", json=body) as answer:
            assert answer.status == 202
        async with page.get(f"{here}/chat/events") as stream, page.get(f"{there}/chat/events") as left_behind:
            await answer_of(stream, 1)
            for words in ("Lời một.", "Lời hai."):
                cluster.queue(Contact("web", "", cookie), words)
                for each in (stream, left_behind):
                    while (await answer_of(each, 1))[0]["text"] != words:  # what was said just before comes first
                        pass


async def answer_of(stream, count: int) -> list[dict]:
    """The next so many replies of a stream."""
    found = []
    async for line in stream.content:
        if line.startswith(b"data: ") and b'"to"' in line:
            found.append(json.loads(line[6:]))
            if len(found) == count:
                break
    return found


async def test_one_of_two_is_killed_while_it_sends_and_the_other_goes_on(cluster):
    people = range(9000101, 9000113)
    leader = cluster.leader()
    assert leader in ("one", "two")
    before = len(cluster.peer.sent)
    await talked(cluster, people)
    await cluster.peer.wait_for(before + 20, seconds=PATIENCE)
    cluster.machines[leader].kill()
    await cluster.peer.quiet(PATIENCE)
    await cluster.until(lambda: not cluster.fates().get("pending"))
    assert_answered_once_and_in_order(cluster, people, unknown=32)
    with cluster.store.transaction() as unit:
        assert len(unit.leads(COMMUNE)) == 6 + len(people)
    other = {"one": "two", "two": "one"}[leader]
    await cluster.until(lambda: cluster.leader() == other, 20)


async def test_a_worker_alone_sends_what_waits_and_gives_the_lease_up(cluster):
    for machine in cluster.machines.values():
        machine.end()
    cluster.front.behind.clear()
    assert not cluster.leader()
    worker = cluster.start("worker", "worker")
    await worker.ready()
    cluster.queue(Contact("telegram", cluster.account, "9000001"), "Lời nhắc của xã.")
    await cluster.until(lambda: cluster.peer.sent_to(9000001)[-1].text == "Lời nhắc của xã.", 20)
    assert cluster.leader() == "worker"
    assert worker.end() == 0
    assert not cluster.leader()
    assert b"Traceback" not in worker.log.read_bytes()
