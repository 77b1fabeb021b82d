"""Announcements on their way: a sender for every connected account, and a look at what is due every few seconds."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import structlog

from bot import jobs
from bot.announcements import rates, steps, texts
from bot.announcements.rates import Rate
from bot.background import BackgroundTask
from bot.channels.bulk import Bulk, Wire
from bot.channels.inbound import runner
from bot.channels.outreach import terms_of, ways
from bot.channels.port import Channel
from bot.dialogue.courses import POSTERS
from bot.i18n import language
from bot.model import Reply
from bot.store.announcement_port import Announcement
from bot.wiring import House

EVERY = 3.0  # seconds between looks at what begins, goes on or ends
log = structlog.get_logger()


def composer(public_url: str) -> Callable[[Announcement, str], Reply]:
    """An announcement as a message; its picture where the platforms can fetch it."""

    def compose(one: Announcement, code: str) -> Reply:
        shown = one.picture and public_url.startswith("https://")
        return texts.message(one, language(code), f"{public_url}{POSTERS}{one.picture}" if shown else "")

    return compose


def _rates(per_s: float | None) -> Callable[[str], Rate]:
    """Each channel's own rate, or the one of the settings (0: as fast as it goes)."""
    if per_s is None:
        return rates.rate
    return lambda channel: rates.capped(per_s or None, rates.rate(channel).width)


class Announcer:
    """What the server runs. It has a thread of its own: a batch of rows must not hold up a turn."""

    def __init__(
        self,
        house: House,
        channels: tuple[Channel, ...],
        rate: Callable[[str], Rate] | None = None,
        *,
        leads: jobs.Whether = jobs.always,
        believed: jobs.Whether = jobs.always,
    ) -> None:
        """`believed`: whether the clock is gone by (`bot.health.clock`); else nothing begins and nothing is sent."""
        self._leads, self._believed = leads, believed
        rate = rate or _rates(house.settings.announce_per_s)
        self._house = house
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="announcing")
        self._run = runner(self._threads)
        compose = composer(house.settings.public_url)
        self.senders = tuple(
            Bulk(c.line, house.store, self._run, wire, rate(c.name), house.clock)
            for c in channels
            for wire in (Wire(c.send, ways, compose, c.people, believed),)
        )
        self._book = house.understanding.book
        self._terms = terms_of(house.settings.lines(), self._book.communes)
        self._task = BackgroundTask()

    async def start(self) -> None:
        """After the channels have started."""
        for sender in self.senders:
            sender.start()
        self._task.begin(jobs.regularly(EVERY, self.tick, "announcements"))

    async def stop(self) -> None:
        """Before the channels stop."""
        await self._task.cancel()
        await asyncio.gather(*(sender.stop() for sender in self.senders))
        self._threads.shutdown(wait=True)

    async def tick(self) -> None:
        """One look; the senders are told when something moved. Those of other processes look every few seconds."""
        if not (self._leads() and self._believed()):
            return
        told = await self._run(self._look)
        if told != steps.Told():
            log.info("announcements", **{name: getattr(told, name) for name in told.__slots__})
        if told.begun or told.waves or told.reminded:
            for sender in self.senders:
                sender.nudge()

    def _look(self) -> steps.Told:
        with self._house.store.announcing() as unit:
            return steps.look(unit, self._terms, self._name, self._house.clock())

    def _name(self, commune: str) -> str:
        return self._book.communes.get(commune, (commune, ""))[0]

    def health(self) -> Mapping[str, Any]:
        """By account."""
        return {sender.line.channel: dict(sender.health()) for sender in self.senders}
