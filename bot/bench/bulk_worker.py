"""One process of the bench of announcements: the program's own sender over the ledger, or the bare loop beside it.

`python -m bot.bench.bulk_worker ours|bare '{"url", "key", "stub", "per_s", "chats", "offset"}'`; it prints
{"began", "ended", "cpu"}, seconds.
`offset`: seconds that bring the clock to noon, for nothing is sent at night.
"""

import asyncio
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import aiohttp

from bot.announcements import rates, texts
from bot.announcements.audience import Way
from bot.bench.updates import TOKEN
from bot.channels.bulk import Bulk, Wire
from bot.channels.inbound import runner
from bot.channels.port import Line
from bot.channels.telegram.request import AioRequest
from bot.channels.telegram.sending import Sender
from bot.i18n import language
from bot.store.crypto import Cipher
from bot.store.engines import connect
from bot.store.records import VIETNAM
from bot.store.sql_desk_store import SqlDeskStore

WIDTH = 24
LINE = Line("telegram", TOKEN.partition(":")[0])


async def ours(order: dict[str, Any]) -> None:
    """Until no row waits or is on its way."""
    store = SqlDeskStore(connect(order["url"]), Cipher(order["key"]))
    offset = timedelta(seconds=order["offset"])

    def clock() -> datetime:
        return datetime.fromtimestamp(time.time(), VIETNAM) + offset

    request = AioRequest(connections=WIDTH)
    await request.initialize()
    sender = Sender(request, f"{order['stub']}/bot{TOKEN}")
    run = runner(ThreadPoolExecutor(1))
    wire = Wire(sender.send, lambda _to, _now: Way(), lambda one, code: texts.message(one, language(code)))
    bulk = Bulk(LINE, store, run, wire, rates.capped(order["per_s"], WIDTH), clock)
    bulk.start()
    while await run(_left, store, clock()):
        await asyncio.sleep(0.25)
    await bulk.stop()
    await request.shutdown()
    store.close()


def _left(store: SqlDeskStore, now: datetime) -> bool:
    """Whether rows wait or fly; what a dead worker held is counted as unknown once its lease has run out."""
    with store.announcing() as unit:
        unit.ledger.sweep(now)
        return any(unit.announcements.unfinished(one.id) for one in unit.announcements.running())


async def bare(order: dict[str, Any]) -> None:
    """The floor: aiohttp and a list in memory; a crash of it would lose everything."""
    chats: asyncio.Queue[int] = asyncio.Queue()
    for chat in range(1, order["chats"] + 1):
        chats.put_nowait(chat)
    per_s, began, number, left = order["per_s"], time.perf_counter(), 0, order["chats"]
    loop = asyncio.get_running_loop()

    async def lane(client: aiohttp.ClientSession) -> None:
        nonlocal number, left
        while chat := await chats.get():
            if per_s:
                number += 1
                await asyncio.sleep(max(0.0, began + number / per_s - time.perf_counter()))
            body = {"chat_id": chat, "text": "Lớp may công nghiệp sắp mở.", "parse_mode": "HTML"}
            async with client.post(f"/bot{TOKEN}/sendMessage", json=body) as answer:
                told = await answer.json()
            if answer.status == 429:
                loop.call_later(told["parameters"]["retry_after"], chats.put_nowait, chat)
                continue
            left -= 1
            for _ in range(0 if left else WIDTH):
                chats.put_nowait(0)

    async with aiohttp.ClientSession(order["stub"], connector=aiohttp.TCPConnector(limit=WIDTH)) as client:
        await asyncio.gather(*(lane(client) for _ in range(WIDTH)))


if __name__ == "__main__":
    start = time.time()
    asyncio.run({"ours": ours, "bare": bare}[sys.argv[1]](json.loads(sys.argv[2])))
    sys.stdout.write(json.dumps({"began": start, "ended": time.time(), "cpu": time.process_time()}) + "\n")
