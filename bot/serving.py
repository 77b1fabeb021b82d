"""The web server of one process: web chat, health, background work."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Protocol

from aiohttp import web

from bot import __version__, jobs
from bot.announcing import Announcer
from bot.app import new_receipt
from bot.channels.inbound import runner
from bot.channels.outreach import terms_of
from bot.channels.port import Base
from bot.channels.web import Elsewhere, Gate, WebChat, papers
from bot.connecting import channels
from bot.desk import Desk, DeskSettings, in_chat
from bot.desk.desk import Push
from bot.desk.in_chat_announcing import InChat
from bot.dialogue.engine import MOST_READ
from bot.doors.door import Doors
from bot.health.clock import SharedClock
from bot.health.doors import HealthDoors
from bot.health.letters import Letters, Postbox
from bot.health.watch import Sources, Tells, Watch
from bot.i18n import language
from bot.leading import Leader
from bot.leads import mail, reaching, webhook
from bot.nightly import Nightly
from bot.posting import Posting
from bot.store.port import StoredMessage
from bot.wiring import House, clock, farming, plans
from intents.places import PlaceBook

# Whether this process erases what is too old for all (`bot.leading`), and whether its clock is believed (`bot.health`).
Retires = tuple[Callable[[], bool], Callable[[], bool]]
BODY_LIMIT = 128 * 1024
FEW_WORDS = 2  # "Xã Nà", a number: answers to a form, no questions


def application(
    house: House,
    *,
    demo: bool = False,
    address: str = "http://127.0.0.1:8080",
    ready: Callable[[], None] = lambda: None,
) -> web.Application:
    """The aiohttp application over a built house; closes the house when it stops. `address`: where it listens."""
    # One thread for turns: SQLite has one writer, and what people say stays in the order it came.
    turns = ThreadPoolExecutor(1, thread_name_prefix="turns")
    app = web.Application(client_max_size=BODY_LIMIT)
    secure = house.settings.public_url.startswith("https://")
    proxies = tuple(filter(None, (p.strip() for p in house.settings.trusted_proxies.split(","))))
    gate = Gate(trusted_proxies=proxies)
    Doors(gate, secure=secure).setup(app)
    house.app.paper = papers.link(house.store, house.settings.public_url)
    book = house.understanding.book
    papers.Papers(house.store, lambda code: _names(book, code), house.clock, gate).setup(app)
    chat = WebChat(house.app, turns, demo=demo, secure_cookies=secure, clock=house.clock, gate=gate)
    chat.setup(app)
    connected = channels(house.settings, Base(house.app, house.store, turns, house.clock, house.settings.public_url))
    for channel in connected:
        channel.setup(app)
    push = partial(hand_over, (chat, *connected))
    leader = Leader(house.store, runner(turns), house.clock)
    watch = watching(house, connected, leader, turns)
    built = desk(house, turns, gate, house.settings.public_url or address, demo=demo, push=push)
    built.watch = watch
    built.setup(app)
    HealthDoors(watch, proxies, house.settings.monitors).setup(app)
    posting = Posting(house, push, leader.leads, watch.sends)
    posting.setup(app)
    announcer = Announcer(house, connected, leads=leader.leads, believed=watch.sends)
    elsewhere = Elsewhere(chat, house.store, runner(turns))
    services: tuple[Service, ...] = (leader, watch, *connected, elsewhere, posting, announcer)
    if not demo:
        services += (nightly(house, leader, watch),)
    app.cleanup_ctx.append(lambda _app: _running(house, turns, services, (leader.leads, watch.erases), push, ready))
    return app


def watching(house: House, connected: tuple[Tells, ...], leader: Leader, turns: Executor) -> Watch:
    """The look at everything, of one process; with a mail server, the letters about it."""
    shared = house.clock if isinstance(house.clock, SharedClock) else None
    settings, store = house.settings, house.store
    local = clock(settings)
    sources = Sources(store.health, store.kind, settings.data_dir, __version__, house.clock, local, shared)
    watch = Watch(sources, connected, leader)
    if post := _letters(settings.smtp_url):
        where = settings.public_url or "http://127.0.0.1:8080"
        postbox = Postbox(post, partial(_administrators, house), language(), where)
        watch.after = Letters(postbox, store, runner(turns), leader.leads)
    return watch


def _administrators(house: House) -> tuple[str, ...]:
    """Their addresses."""
    with house.store.reading() as desk:
        return tuple(o.email for o in desk.officers.all() if o.role == "admin" and o.email and not o.ended)


def nightly(house: House, leader: Leader, watch: Watch) -> Nightly:
    """Copies of the data, by the process that leads."""
    return Nightly(house.store, house.settings, house.clock, leads=leader.leads, believed=watch.erases)


class Service(Protocol):
    """What runs while the server does."""

    async def start(self) -> None:
        """Begin."""

    async def stop(self) -> None:
        """End in order."""


@contextlib.asynccontextmanager
async def started(
    house: House, turns: ThreadPoolExecutor, services: tuple[Service, ...], retires: Retires
) -> AsyncIterator[None]:
    """Retention and these services: started in this order, ended in the other."""
    for service in services:
        await service.start()
    task = asyncio.create_task(jobs.daily(house.app, turns, house.settings.data_dir, *retires))
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    for service in reversed(services):
        await service.stop()


async def _running(
    house: House,
    turns: ThreadPoolExecutor,
    services: tuple[Service, ...],
    retires: Retires,
    push: Push,
    ready: Callable[[], None],
) -> AsyncIterator[None]:
    """All of it while the server runs; then the turns' thread and the house."""
    house.app.elsewhere = partial(_push_from_a_turn, asyncio.get_running_loop(), push)
    async with started(house, turns, services, retires):
        ready()
        yield
    turns.shutdown(wait=True)
    house.close()


def _names(book: PlaceBook, code: str) -> tuple[str, str]:
    """A commune's name and its province's."""
    name, province = book.communes.get(code, (code, ""))
    return name, book.provinces.get(province, "")


def _push_from_a_turn(loop: asyncio.AbstractEventLoop, push: Push, messages: tuple[StoredMessage, ...]) -> None:
    """Turns have a thread of their own; channels live on the loop's."""
    loop.call_soon_threadsafe(push, messages)


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


def _letters(smtp_url: str) -> Callable[[str, str, str], Awaitable[None]] | None:
    """How the desk sends a letter; None without a mail server."""
    if not smtp_url:
        return None
    server = mail.server(smtp_url)

    async def post(to: str, subject: str, text: str) -> None:
        await mail.send(server, mail.Mail(to, subject, text, secrets.token_hex(8)))

    return post


def _hook(clock: Callable[[], datetime], inside: Iterable[str] = ()) -> Callable[[str, str], Awaitable[None]]:
    """How the desk tries out another program: the same signed message as a list, about nobody."""

    async def post(address: str, key: str) -> None:
        async with reaching.session(inside) as session:
            await webhook.post(session, address, key, 0, {"event": "test"}, clock())

    return post


def desk(house: House, turns: Executor, gate: Gate, base: str, *, demo: bool, push: Push) -> Desk:
    """The officers' desk; from now on the assistant knows an officer's words, too. `push`: to the channels."""
    book = house.understanding.book
    terms = terms_of(house.settings.lines(), book.communes)
    settings = DeskSettings(
        base=base,
        book=book,
        trades={t.id: t.name for t in house.knowledge.trades()},
        receipts=new_receipt,
        demo=demo,
        secure_cookies=base.startswith("https://"),
        gate=gate,
        telegram=house.settings.telegram_name,
        zalo_oa=house.settings.zalo_oa_id,
        post=_letters(house.settings.smtp_url),
        hook=_hook(house.clock, reaching.networks(house.settings.forward_inside)),
        trade_names=house.understanding.trade_names,
        exports=house.settings.data_dir / "exports",
        after_erasure=lambda: jobs.after_erasures(house.store, house.settings.data_dir, house.settings.backups),
        understanding=house.understanding,
        farming=farming(house.knowledge),
        plans=plans(house.knowledge, house.clock().date()),
        office=house.app.office,
        push=push,
        understood=lambda text: _topic(house, text),
        terms=terms,
    )
    built = Desk(house.store, turns, house.clock, settings)
    house.app.aside = in_chat.aside(base, built.tools, InChat(book, terms))
    house.app.overheard = in_chat.overheard
    return built


def _topic(house: House, text: str) -> str:
    """What the assistant reads in a text, for the officer's eyes: a topic, "?" at a loss, "" for a few words."""
    found = house.understanding.recogniser.recognise(text[:MOST_READ])
    if found.decision == "answer":
        return found.best
    return "?" if len(text.split()) > FEW_WORDS else ""
