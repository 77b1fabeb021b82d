"""Whole turns over several servers on one database, the people spread over them.

Each of 40 people writes again as soon as they are answered, so a person stays at one server here; real people's
messages are seconds apart.
"""

import asyncio
import contextlib
import math
import secrets
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from aiohttp import ClientSession, TCPConnector

from bot.bench import updates
from bot.bench.announce import opened
from bot.bench.servers import Server, started
from bot.bench.turns import CONNECTIONS, WARM, quiet


def measure(texts: Sequence[str], turns: int, url: str, processes: int) -> dict[str, Any]:
    """`per_s`, `cpu_us` of all servers together a turn, `p50_ms`, `p99_ms` until the webhook was answered.

    `url`: an empty database; raises BenchFault for one with people in it.
    """
    key = secrets.token_hex(16)
    opened(url, key).close()
    with ExitStack() as rooms:
        stub = rooms.enter_context(started("bot.bench.stub", "{port}", ready="/count"))
        servers = [rooms.enter_context(_server(stub, url, key)) for _ in range(processes)]
        asyncio.run(_post(servers, texts, 0, min(WARM, turns)))
        quiet(stub)
        before, began = sum(s.cpu() for s in servers), time.perf_counter()
        times = sorted(asyncio.run(_post(servers, texts, WARM, turns)))
        took = time.perf_counter() - began
        quiet(stub)
        spent = sum(s.cpu() for s in servers) - before
    return {
        "processes": processes,
        "per_s": round(turns / took, 1),
        "cpu_us": round(spent / turns * 1e6, 1),
        "p50_ms": round(times[len(times) // 2] * 1000, 3),
        "p99_ms": round(times[math.ceil(len(times) * 0.99) - 1] * 1000, 3),
    }


@contextmanager
def _server(stub: Server, url: str, key: str) -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="hocnghe-bench-", ignore_cleanup_errors=True) as folder:
        env = {
            "HOCNGHE_DATA_DIR": folder,
            "HOCNGHE_DATABASE_URL": url,
            "HOCNGHE_SECRET_KEY": key,
            "HOCNGHE_PUBLIC_URL": "http://127.0.0.1:{port}",
            "HOCNGHE_TELEGRAM_TOKEN": updates.TOKEN,
            "HOCNGHE_TELEGRAM_API_URL": stub.url,
            "HOCNGHE_TELEGRAM_WEBHOOK_SECRET": updates.SECRET,
            "HOCNGHE_TELEGRAM_REPLY_IN_WEBHOOK": "false",
        }
        with started("bot", "serve", "--port", "{port}", env=env, ready="/healthz") as server:
            yield server


async def _post(servers: Sequence[Server], texts: Sequence[str], first: int, turns: int) -> list[float]:
    async with contextlib.AsyncExitStack() as rooms:
        clients = [
            await rooms.enter_async_context(ClientSession(s.url, connector=TCPConnector(limit=CONNECTIONS)))
            for s in servers
        ]

        async def lane(chat: int) -> list[float]:
            times = []
            for at in range(chat, turns, CONNECTIONS):
                post = updates.telegram(first + at + 1, 1000 + chat, texts[at % len(texts)])
                client, began = clients[chat % len(clients)], time.perf_counter()
                async with client.post(post.path, data=post.body, headers=post.headers) as answer:
                    await answer.read()
                    answer.raise_for_status()
                times.append(time.perf_counter() - began)
            return times

        done = await asyncio.gather(*(lane(chat) for chat in range(CONNECTIONS)))
    return [took for lane_times in done for took in lane_times]
