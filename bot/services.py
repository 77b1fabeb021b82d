"""What one process runs beside its doors, with doors or without: started in one order, ended in the other."""

import contextlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from concurrent.futures import Executor
from functools import partial
from typing import Protocol

from bot import ADDRESS, __version__, jobs, mail_server
from bot.announcing import Announcer
from bot.background import BackgroundTask
from bot.channels.inbound import runner
from bot.channels.port import Channel
from bot.health.clock import SharedClock
from bot.health.letters import Letters, Postbox
from bot.health.watch import Sources, Tells, Watch
from bot.i18n import language
from bot.leading import Leader
from bot.leads import mail
from bot.nightly import Nightly
from bot.posting import Posting, Push
from bot.store import copy_process
from bot.store.port import StoredMessage
from bot.wiring import House, clock


class Service(Protocol):
    """What runs while the program does."""

    async def start(self) -> None:
        """Begin."""

    async def stop(self) -> None:
        """End in order."""


class Services:
    """Built at once, running within `started`. `push` hands committed messages to the channels.

    `copies`: whether the data are copied every night. `beside`: what only some processes run, after the channels.
    """

    def __init__(
        self, house: House, connected: tuple[Channel, ...], turns: Executor, push: Push, *, copies: bool = True
    ) -> None:
        self._house, self._turns, self._connected = house, turns, connected
        self.leader = Leader(house.store, runner(turns), house.clock)
        self.watch = watching(house, connected, self.leader, turns)
        leads, watch = self.leader.leads, self.watch
        self.posting = Posting(house, push, leads, watch.sends)
        announcer = Announcer(house, connected, leads=leads, believed=watch.sends)
        nightly = _nightly(house, leads, watch.erases)
        self.beside: tuple[Service, ...] = ()
        self._last: tuple[Service, ...] = (self.posting, announcer, *((nightly,) if copies else ()))

    @contextlib.asynccontextmanager
    async def started(self) -> AsyncIterator[None]:
        """All of them, and retention: rows by the process that leads, by a clock that is believed."""
        services: tuple[Service, ...] = (self.leader, self.watch, *self._connected, *self.beside, *self._last)
        async with contextlib.AsyncExitStack() as running:  # one that cannot start ends those before it, and itself
            for service in services:
                running.push_async_callback(service.stop)
                await service.start()
            retention, house = BackgroundTask(), self._house
            leads, believed = self.leader.leads, self.watch.erases
            retention.begin(jobs.daily(house.app, self._turns, house.settings.data_dir, leads, believed))
            running.push_async_callback(retention.cancel)
            yield


def _nightly(house: House, leads: Callable[[], bool], believed: Callable[[], bool]) -> Nightly:
    settings = house.settings
    database = house.store.engine.url.render_as_string(hide_password=False)
    place = copy_process.Place(database, settings.secret_key, str(settings.data_dir), str(settings.backups))
    copy = partial(copy_process.nightly, place)
    return Nightly(place.record, copy, house.clock, leads=leads, believed=believed)


def watching(house: House, connected: tuple[Tells, ...], leader: Leader, turns: Executor) -> Watch:
    """The look at everything, of one process; with a mail server, the letters about it."""
    shared = house.clock if isinstance(house.clock, SharedClock) else None
    settings, store = house.settings, house.store
    local = clock(settings)
    sources = Sources(store.health, store.kind, settings.data_dir, __version__, house.clock, local, shared)
    watch = Watch(sources, connected, leader)
    if post := postman(settings.smtp_url):
        where = settings.public_url or ADDRESS
        postbox = Postbox(post, partial(_administrators, house), language(), where)
        watch.after = Letters(postbox, store, runner(turns), leader.leads)
    return watch


def _administrators(house: House) -> tuple[str, ...]:
    """Their addresses."""
    with house.store.reading() as desk:
        return tuple(o.email for o in desk.officers.all() if o.role == "admin" and o.email and not o.ended)


def postman(smtp_url: str) -> Callable[[str, str, str], Awaitable[None]] | None:
    """How the desk sends a letter; None without a mail server."""
    if not smtp_url:
        return None
    server = mail_server.server(smtp_url)

    async def post(to: str, subject: str, text: str) -> None:
        await mail.send(server, mail.Mail(to, subject, text, secrets.token_hex(8)))

    return post


class Delivers(Protocol):
    """Whatever takes committed messages of its channel."""

    name: str

    def deliver(self, messages: tuple[StoredMessage, ...]) -> None:
        """Send them as soon as it can."""


def hand_over(connected: tuple[Delivers, ...], messages: Iterable[StoredMessage]) -> None:
    """Hand queued messages to the channels that deliver; what nobody takes waits in the database for who does."""
    queued = tuple(messages)
    for channel in connected:
        channel.deliver(tuple(m for m in queued if m.contact.channel == channel.name))
