"""How long people wait for an answer while an announcement runs: the real server, its webhook, the stub's clock."""

import asyncio
import json
import math
import secrets
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from bot.bench import updates
from bot.bench.announce import filled, opened
from bot.bench.servers import Server, started
from bot.store.crypto import Cipher
from bot.wiring import DATABASE

A_SECOND = 10  # messages of people
FIRST = 5_000_000  # chats of those who write; those of the announcement are numbered from 1
TEXTS = ("toi muon hoc may", "co duoc ho tro tien khong", "lop o dau", "can giay to gi", "bao gio khai giang")


def measure(recipients: int, seconds: float, per_s: float | None, now: datetime) -> dict[str, Any]:
    """p50 and p95, ms, of a reply from its message's posting to its arrival. `per_s` 0: no cap; `now` in UTC."""
    key, folder = secrets.token_hex(16), tempfile.mkdtemp(prefix="hocnghe-bench-")
    with started("bot.bench.bulk_stub", "{port}", ready="/count") as stub:
        store = opened(f"sqlite:///{Path(folder) / DATABASE}", key)
        filled(store, Cipher(key), recipients, now)
        store.close()
        env = _env(folder, key, stub, per_s) | {"HOCNGHE_TIMEZONE": _noon_zone(now)}
        with started("bot", "serve", "--port", "{port}", env=env, ready="/healthz") as server:
            posted = asyncio.run(_talk(server.url, seconds))
            time.sleep(2.0)
            arrived = {int(k): v for k, v in json.loads(stub.get("/arrived"))["chats"].items()}
            bulk = json.loads(stub.get("/count"))["chats"] - len(arrived)
    waits = sorted((arrived[chat] - at) * 1000 for chat, at in posted.items() if chat in arrived)
    lost = len(posted) - len(waits)
    return {
        "per_s": per_s,
        "seconds": seconds,
        "bulk_sent": bulk,
        "replies": len(waits),
        "unanswered": lost,
        "p50_ms": round(waits[len(waits) // 2], 1) if waits else None,
        "p95_ms": round(waits[min(len(waits) - 1, math.ceil(len(waits) * 0.95) - 1)], 1) if waits else None,
    }


def _env(folder: str, key: str, stub: Server, per_s: float | None) -> dict[str, str]:
    rate = {} if per_s is None else {"HOCNGHE_ANNOUNCE_PER_S": str(per_s)}
    return rate | {
        "HOCNGHE_DATA_DIR": folder,
        "HOCNGHE_SECRET_KEY": key,
        "HOCNGHE_PUBLIC_URL": "http://127.0.0.1:{port}",
        "HOCNGHE_TELEGRAM_TOKEN": updates.TOKEN,
        "HOCNGHE_TELEGRAM_API_URL": stub.url,
        "HOCNGHE_TELEGRAM_WEBHOOK_SECRET": updates.SECRET,
        "HOCNGHE_TELEGRAM_REPLY_IN_WEBHOOK": "false",
    }


def _noon_zone(now: datetime) -> str:
    """A zone in which it is noon now: at night nothing would be sent. (POSIX's sign is the other way round.)"""
    east = 12 - now.hour
    return f"Etc/GMT{'-' if east >= 0 else '+'}{abs(east)}"


async def _talk(url: str, seconds: float) -> dict[int, float]:
    """People write, each once; when each message was posted, by chat."""
    posted: dict[int, float] = {}
    async with ClientSession(url) as client:

        async def one(number: int) -> None:
            chat = FIRST + number
            post = updates.telegram(number, chat, TEXTS[number % len(TEXTS)])
            posted[chat] = time.time()
            async with client.post(post.path, data=post.body, headers=post.headers) as answer:
                await answer.read()

        running = []
        for number in range(1, int(seconds * A_SECOND) + 1):
            running.append(asyncio.create_task(one(number)))
            await asyncio.sleep(1 / A_SECOND)
        await asyncio.gather(*running)
    return posted
