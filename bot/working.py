"""`hocnghe worker`: background work without doors. It sends what other processes queued and does what is due."""

import asyncio
import contextlib
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from bot.channels.port import Base
from bot.connecting import channels
from bot.services import Services, hand_over
from bot.wiring import House


async def work(house: House, ready: Callable[[], None] = lambda: None) -> None:
    """Until SIGTERM or SIGINT; what is on the wire then comes to its end."""
    turns = ThreadPoolExecutor(1, thread_name_prefix="turns")
    base = Base(house.app, house.store, turns, house.clock, house.settings.public_url, doors=False)
    connected = channels(house.settings, base)
    services = Services(house, connected, turns, partial(hand_over, connected))
    async with services.started():
        ready()
        await _told_to_end()
    turns.shutdown(wait=True)


async def _told_to_end() -> None:
    end, loop = asyncio.Event(), asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C ends the loop itself
            loop.add_signal_handler(sign, end.set)
    await end.wait()
