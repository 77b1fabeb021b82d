"""Forwarding, notices and what follows an erasure, built from the settings and run beside the channels."""

from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aiohttp import web

from bot import jobs, mail_server
from bot.background import BackgroundTask
from bot.channels.inbound import runner
from bot.channels.outreach import unasked
from bot.desk.desk import counter_of
from bot.i18n import language
from bot.inbox import notices as ticket_notices
from bot.inbox import talks
from bot.leads import following, notices
from bot.leads.download import Downloads
from bot.leads.forwarding import Forwarder, NetWire
from bot.leads.parcels import Office
from bot.leads.reaching import networks
from bot.store.port import StoredMessage
from bot.wiring import House
from knowledge.dated import PROVINCE_DIGITS

EVERY = 60.0  # seconds between looks at what is due
FOLLOWING = 5  # looks until reminders and surveys are planned again: they are due by the day
DESK = "/desk"
Push = Callable[[Iterable[StoredMessage]], None]


def office_of(house: House) -> Callable[[str], Office]:
    """A recipient's code -> whose list it is: one commune, or the served communes of a province (2 digits)."""
    book = house.understanding.book.communes
    exports = house.settings.data_dir / "exports"

    def office(code: str) -> Office:
        codes = [code] if code in book else []
        if len(code) == PROVINCE_DIGITS:
            with house.store.transaction() as unit:
                codes = sorted(c for c in unit.served() if c in book and book[c][1] == code)
        return Office({c: book[c][0] for c in codes}, house.settings.public_url, language(), exports)

    return office


def forwarder(house: House, run: Callable[..., Awaitable[Any]]) -> Forwarder:
    """With the mail server of the settings, if there is one."""
    server = mail_server.server(house.settings.smtp_url) if house.settings.smtp_url else None
    wire = NetWire(server, networks(house.settings.forward_inside))
    return Forwarder(house.store, run, wire, office_of(house), house.clock)


class Posting:
    """What the server runs: `setup` adds the route of forwarded links; `push` hands queued messages to the channels."""

    def __init__(
        self, house: House, push: Push, leads: jobs.Whether = jobs.always, believed: jobs.Whether = jobs.always
    ) -> None:
        self._house, self._leads, self._believed = house, leads, believed
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="posting")  # a large list must not hold up the turns
        self._run = runner(self._threads)
        self._push = push
        self._looks = 0
        self._forwarder = forwarder(house, self._run)
        self._task = BackgroundTask()

    def setup(self, application: web.Application) -> None:
        """Before the server starts."""
        Downloads(self._house.store, self._run, office_of(self._house), self._house.clock).setup(application)

    async def start(self) -> None:
        """Begin to look at what is due."""
        self._task.begin(jobs.regularly(EVERY, self.tick, "forwarding"))

    async def stop(self) -> None:
        """What is on the wire when the process ends is counted as unknown by the next one."""
        await self._task.cancel()
        await self._forwarder.stop()
        self._threads.shutdown(wait=True)

    async def tick(self) -> None:
        """What each process has to look after, then what one of them does for all."""
        await self._run(self._house.store.write_counts)
        settings = self._house.settings
        await self._run(jobs.after_erasures, self._house.store, settings.data_dir, settings.backups)
        if self._leads():
            await self._once()

    async def _once(self) -> None:
        """Notices first: they are quick, and a mail server may not be."""
        self._push(await self._run(self._notices))
        self._looks += 1
        if self._looks % FOLLOWING == 1 and self._believed():
            self._push(await self._run(self._following))
        self._push(await self._run(self._inbox))
        await self._forwarder.tick()

    def _following(self) -> tuple[StoredMessage, ...]:
        book = self._house.understanding.book.communes
        trades = {t.id: t.name["vi"] for t in self._house.knowledge.trades()}
        here = {channel for channel, _account in self._house.settings.lines()}  # others are reached by phone
        ways = following.Ways(
            lambda channel, reach, now: unasked(channel, reach, now) if channel in here else "no",
            lambda code: book[code][0] if code in book else code,
            lambda trade, said: trades.get(trade) or said,
        )
        return following.run(self._house.store, ways, self._house.clock())

    def _inbox(self) -> tuple[StoredMessage, ...]:
        """Talks that officers let go, tickets that nobody was told of, people who wait too long."""
        public, now = self._house.settings.public_url, self._house.clock()
        counter = counter_of(self._house.understanding.book, self._house.app.office, public)
        with self._house.store.desk() as desk:
            officers, inbox = desk.officers.all(), desk.inbox
            told = talks.lapse(inbox, now) + ticket_notices.new(inbox, officers, counter, now)
            return told + ticket_notices.late(inbox, officers, counter, now)

    def _notices(self) -> tuple[StoredMessage, ...]:
        book = self._house.understanding.book.communes
        public = self._house.settings.public_url
        desk = f"{public}{DESK}" if public else ""
        names: Callable[[str], str] = lambda code: book[code][0] if code in book else code  # noqa: E731
        return notices.run(self._house.store, names, desk, self._house.clock(), language())
