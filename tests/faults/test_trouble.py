"""One program with every channel, in trouble: its disk is full, its platforms vanish. Nothing is lost, nothing is told.

The small disk is a tmpfs, which only root may mount; elsewhere that part is skipped.
"""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import uuid
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from aiohttp import ClientSession, ClientTimeout
from aiohttp.test_utils import unused_port
from faults.stage import ROOT
from leads.mailbox import smtp
from peers.telegram import TelegramPeer
from peers.zalo import ZaloPeer
from sqlalchemy import text

from bot import wiring
from bot.settings import Settings

pytestmark = [pytest.mark.process, pytest.mark.asyncio(loop_scope="module")]
SIZE = 8 * 2**20
PATIENCE = 40.0
GRANT = 4.0  # seconds until Zalo answers with the first tokens
KEY = "a key of the tests, long enough"
NAME, PHONE, SAID = "Mẫu Thị Riêng", "0900 000 713", "điều riêng tư 55"  # what no line may hold
ADDRESS, PASSWORD = "hop-thu-rieng@xa.example", "made-up-word-of-the-mail"


class Stage:
    """The program, its peers, its folder."""

    def __init__(self, folder, small: bool) -> None:
        self.folder, self.small = folder, small
        self.port = unused_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self, peers, mail: int) -> None:
        mine = {k: v for peer in peers for k, v in peer.environment().items()}
        clean = {k: v for k, v in os.environ.items() if not k.startswith("HOCNGHE_")} | mine
        clean |= {"HOCNGHE_DATA_DIR": str(self.folder / "data"), "HOCNGHE_SECRET_KEY": KEY, "PYTHONPATH": str(ROOT)}
        clean["HOCNGHE_SMTP_URL"] = f"smtp://may:{PASSWORD}@127.0.0.1:{mail}?from=may@xa.example&tls=none"
        self.secrets = [v for k, v in mine.items() if "URL" not in k and "APP_ID" not in k] + [KEY, PASSWORD]
        self.secrets += [s.partition(":")[2] for s in self.secrets if ":" in s]
        command = (sys.executable, "-m", "bot", "serve", "--port", str(self.port))
        self.log = self.folder.parent / "trouble.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, env=clean, cwd=self.folder.parent, stdout=log, stderr=log)

    async def health(self) -> tuple[int, dict]:
        async with ClientSession(timeout=ClientTimeout(total=5)) as client, client.get(f"{self.url}/healthz") as found:
            return found.status, await found.json()

    async def until(self, status: int, seconds: float = PATIENCE) -> dict:
        async with asyncio.timeout(seconds):
            while True:
                assert self.process.poll() is None, self.log.read_text()[-3000:]
                try:
                    code, told = await self.health()
                    if code == status:
                        return told
                except OSError:
                    pass
                await asyncio.sleep(0.2)

    async def page(self, words: str, one: str) -> int:
        """On the web chat: the answer's status."""
        body = {"id": one, "text": words}
        async with (
            ClientSession(cookies={"hocnghe": "A" * 32}) as page,
            page.post(f"{self.url}/chat/messages", json=body) as answer,
        ):
            told = await answer.json()
            assert told.get("message") or told.get("replies")
            return answer.status

    async def asks_for_a_link(self) -> None:
        """An officer, by e-mail; the letter cannot be handed in."""
        to, form = f"{self.url}/desk/sign-in", {"email": ADDRESS}
        async with ClientSession() as client, client.post(to, data=form, allow_redirects=False) as answer:
            assert answer.status == 303

    @contextlib.contextmanager
    def store(self):
        settings = Settings(_env_file=None, data_dir=self.folder / "data", secret_key=KEY)
        with contextlib.closing(wiring.open_store(settings)) as store:
            yield store

    def rows(self, query: str) -> list[tuple]:
        with self.store() as store, store.engine.connect() as db:
            return [tuple(row) for row in db.execute(text(query))]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("trouble") / "disk"
    made.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(made)]
    small = os.name == "posix" and os.geteuid() == 0 and subprocess.run(mount, capture_output=True).returncode == 0
    yield made, small
    if small:
        subprocess.run(["umount", "-l", str(made)], check=False)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(folder):
    async with AsyncExitStack() as rooms:
        telegram = await rooms.enter_async_context(TelegramPeer())
        zalo = await rooms.enter_async_context(ZaloPeer(product="oa"))
        made = Stage(*folder)
        made.telegram, made.zalo, made.rooms = telegram, zalo, rooms
        zalo.mail.oa_webhook = f"{made.url}/webhooks/zalo-oa"
        zalo.faults.slow(GRANT, "token")  # so that the disk is full when the answer comes
        made.start((telegram, zalo), (await rooms.enter_async_context(smtp())).port)
        try:
            await made.until(200)
            yield made
        finally:
            made.process.kill()
            made.process.wait()


async def test_a_full_disk(stage):
    if not stage.small:
        pytest.skip("a small disk can only be mounted by root, where mounting is allowed")
    await stage.telegram.says(501, "chào em")
    await stage.telegram.wait_for(1, 501, PATIENCE)
    fill = stage.folder / "fill"
    with fill.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(4096)):
            pass
    before = len(stage.telegram.sent_to(501))
    page = str(uuid.uuid4())
    await stage.telegram.says(501, "học phí bao nhiêu")
    await stage.telegram.says(502, "học nghề có mất tiền không")
    event = stage.zalo.oa.text(stage.zalo.person("An"), "chào em")
    taken = (await stage.zalo.deliver(event)).status
    assert taken in (503, 200)
    assert await stage.page("chào em", page) == 503
    told = await stage.until(503)
    assert told["database"]["trouble"] == "full"
    assert "database_full" in {w["key"] for w in told["warnings"]}
    await asyncio.sleep(GRANT)  # and some rounds of polling
    _, told = await stage.health()
    assert "token_unwritten" in {w["key"] for w in told["warnings"]}, "asked for before the disk was full"
    assert len(stage.telegram.sent_to(501)) <= before + 1

    fill.unlink()
    await stage.until(200)
    if taken == 503:
        assert (await stage.zalo.deliver(event)).status == 200
    assert await stage.page("chào em", page) == 202
    assert await stage.page("chào em", page) == 200
    await stage.telegram.wait_for(before + 1, 501, PATIENCE)
    await stage.telegram.wait_for(1, 502, PATIENCE)
    await stage.zalo.wait_for(1, "An", PATIENCE)
    await asyncio.sleep(2)
    assert len(stage.telegram.sent_to(501)) == before + 1
    assert len(stage.telegram.sent_to(502)) == 1
    assert len(stage.zalo.sent_to("An")) == 1
    _, told = await stage.health()
    assert told["channels"]["telegram"]["given_up"] == 0
    assert told["channels"]["zalo_oa"]["trouble"] == ""
    assert stage.rows("SELECT count(*) FROM tokens WHERE broken = ''") == [(1,)]
    assert sum(call.method == "token" for call in stage.zalo.calls) == 1, "a refresh token works once"


async def test_no_line_tells_what_was_said_or_a_secret(stage):
    """Talks with marked words on all channels; then every platform vanishes in the middle of its answers.

    The mail server takes no password, then nothing.
    """
    with stage.store() as store, store.desk() as desk:
        desk.officers.add(NAME, "admin", (), datetime.now(UTC), email=ADDRESS)
    stage.telegram.faults.error(500, times=2)
    stage.telegram.faults.cut_after(times=2)
    for words in ("/dangky", "đồng ý cả ba", "may công nghiệp", SAID, NAME, PHONE, f"gọi tôi {PHONE} nhé, {NAME}"):
        await stage.telegram.says(601, words)
        await stage.zalo.says("Bình", words)
        await stage.zalo.says("Bình", words, "bot")
        await stage.page(words, str(uuid.uuid4()))
    headers = {"X-ZEvent-Signature": "mac=wrong"}
    body = json.dumps({"event_name": "user_send_text", "message": {"text": SAID}})
    async with ClientSession() as client:
        async with client.post(f"{stage.url}/webhooks/zalo-oa", data=body, headers=headers) as answer:
            assert answer.status in (400, 401)
        for path in (f"/desk/sign-in/{'S' * 43}", f"/giay/{'S' * 43}", f"/tai/{'S' * 43}", "/desk/people?q=" + SAID):
            async with client.get(stage.url + path) as answer:
                assert answer.status < 500
    await stage.asks_for_a_link()
    await stage.rooms.aclose()  # all platforms are gone
    await stage.asks_for_a_link()
    await asyncio.sleep(4)
    _, told = await stage.health()
    assert told["channels"]["telegram"]["failing_since"]
    lines = stage.log.read_text()
    for trouble in ("polling failed", "the Zalo bot cannot receive", "a letter was not sent"):
        assert trouble in lines
    private = (NAME, "Riêng", PHONE, PHONE.replace(" ", ""), SAID, "riêng tư", "S" * 20, ADDRESS.partition("@")[0])
    for secret in (*stage.secrets, *private):
        assert secret not in lines, secret
    assert "Traceback" not in lines
    ours = [json.loads(line) for line in lines.splitlines() if line.startswith("{")]
    assert len(ours) < 60
    assert all("event" in line and "level" in line for line in ours)
    stage.process.send_signal(signal.SIGTERM)
    assert stage.process.wait(timeout=20) == 0
    twice = stage.rows("SELECT contact_id, update_id, count(*) FROM seen_updates GROUP BY 1, 2 HAVING count(*) > 1")
    assert not twice
