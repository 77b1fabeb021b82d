"""Ten thousand connections held open against the real program, each silent, slow or half said: people are served."""

import asyncio
import json
import os
import resource
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import unused_port

ROOT = Path(__file__).parent.parent.parent
WANTED, AT_ONCE, PATIENCE = 10_000, 200, 2.0
HALVES = (
    b"",
    b"G",
    b"GET / HTTP/1.1\r\nHost: x\r\nX: ",
    b"POST /chat/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 90\r\n\r\n{",
)
pytestmark = pytest.mark.soak


def room():
    """How many connections this side may hold: asked of the system, told when it is fewer."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = WANTED + 500 if hard == resource.RLIM_INFINITY else min(hard, WANTED + 500)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))
    return min(WANTED, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 300)


async def hold(port, number):
    """From many addresses of loopback, as a crowd of machines would."""
    here = (f"127.{1 + number % 100}.{number // 100 % 250}.{2 + number % 7}", 0)
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=here, limit=1)
        writer.write(HALVES[number % len(HALVES)])
        return reader, writer
    except OSError:
        return None


async def genuine(port):
    """One message to the chat and one look at it; how long the slower took."""
    async with ClientSession() as session:
        begun = time.monotonic()
        body = {"id": str(uuid.uuid4()), "text": "học nghề có được hỗ trợ tiền không"}
        async with session.post(f"http://127.0.0.1:{port}/chat/messages", json=body) as answer:
            assert answer.status == 202
            assert json.loads(await answer.read())["replies"]
        async with session.post(f"http://127.0.0.1:{port}/webhooks/zalo-bot", data=b"{}") as answer:
            assert answer.status == 403, "the webhook looks at its secret at once"
        return time.monotonic() - begun


def resident(pid):
    told = Path(f"/proc/{pid}/status").read_text()
    return int(told.split("VmRSS:")[1].split()[0]) // 1024


async def crowd(port, pid):
    most, held, slowest, opened = room(), [], 0.0, 0
    for start in range(0, most, AT_ONCE):
        some = await asyncio.gather(*(hold(port, n) for n in range(start, min(most, start + AT_ONCE))))
        held += [one for one in some if one]
        opened += sum(one is not None for one in some)
        if start % 1_000 == 0:
            slowest = max(slowest, await genuine(port))
    for _ in range(10):
        slowest = max(slowest, await genuine(port))
        await asyncio.sleep(0.3)
    alive = sum(not reader.at_eof() for reader, _writer in held)
    print(f"opened {opened}, held by us {alive}, slowest answer {slowest:.2f} s, resident {resident(pid)} MB")
    for _reader, writer in held:
        writer.transport.abort()
    return opened, slowest


async def test_ten_thousand_connections_hold_up_nobody(tmp_path):
    port = unused_port()
    environment = {"PATH": os.environ["PATH"], "HOCNGHE_DATA_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    environment |= {"HOCNGHE_ZALO_BOT_TOKEN": "1:made-up", "HOCNGHE_ZALO_BOT_API_URL": "http://127.0.0.1:9"}
    words = [sys.executable, "-m", "bot", "serve", "--port", str(port)]
    with (
        (tmp_path / "log").open("wb") as log,
        subprocess.Popen(words, env=environment, cwd=ROOT, stdout=log, stderr=log) as program,
    ):
        try:
            for _ in range(300):
                if "chat" in (tmp_path / "log").read_text():
                    break
                await asyncio.sleep(0.1)
            await asyncio.sleep(1)
            opened, slowest = await crowd(port, program.pid)
        finally:
            program.terminate()
    assert program.returncode == 0, "it ends in order"
    assert opened >= min(WANTED, room()) * 0.95
    assert slowest < PATIENCE
