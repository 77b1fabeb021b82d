"""The web server of one process: web chat, health, background work."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial

from aiohttp import web

from bot import ADDRESS, jobs
from bot.channels.inbound import runner
from bot.channels.outreach import terms_of
from bot.channels.port import Base
from bot.channels.web import Elsewhere, Gate, WebChat, papers
from bot.connecting import channels
from bot.desk import Desk, DeskSettings, in_chat
from bot.desk.desk import Push
from bot.desk.in_chat_announcing import ChatAnnouncing
from bot.dialogue.asking import topic_of
from bot.doors.door import Doors
from bot.health.doors import HealthDoors
from bot.leads import reaching, webhook
from bot.receipts import new_receipt
from bot.services import Services, hand_over, postman
from bot.store.port import StoredMessage
from bot.wiring import House, farming, plans
from intents.places import PlaceBook

BODY_LIMIT = 128 * 1024


def application(
    house: House,
    *,
    demo: bool = False,
    address: str = ADDRESS,
    ready: Callable[[], None] = lambda: None,
) -> web.Application:
    """The aiohttp application over a built house; closes the house when it stops. `address`: where it listens."""
    # One thread for turns: SQLite has one writer, and what people say stays in the order it came.
    turns = ThreadPoolExecutor(1, thread_name_prefix="turns")
    app = web.Application(client_max_size=BODY_LIMIT)
    secure = house.settings.public_url.startswith("https://")
    proxies = reaching.networks(house.settings.trusted_proxies)
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
    services = Services(house, connected, turns, push, copies=not demo)
    others = house.store.engine.dialect.name != "sqlite"
    services.beside += (Elsewhere(chat, house.store, runner(turns), others=others),)
    built = desk(house, turns, gate, house.settings.public_url or address, demo=demo, push=push)
    built.watch = services.watch
    built.setup(app)
    HealthDoors(services.watch, proxies, house.settings.monitors).setup(app)
    services.posting.setup(app)
    app.cleanup_ctx.append(lambda _app: _running(house, turns, services, push, ready))
    return app


async def _running(
    house: House,
    turns: ThreadPoolExecutor,
    services: Services,
    push: Push,
    ready: Callable[[], None],
) -> AsyncIterator[None]:
    """All of it while the server runs; then the turns' thread and the house."""
    house.app.elsewhere = partial(_push_from_a_turn, asyncio.get_running_loop(), push)
    async with services.started():
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
        post=postman(house.settings.smtp_url),
        hook=webhook.trial(house.clock, reaching.networks(house.settings.forward_inside)),
        trade_names=house.understanding.trade_names,
        exports=house.settings.data_dir / "exports",
        after_erasure=lambda: jobs.after_erasures(house.store, house.settings.data_dir, house.settings.backups),
        understanding=house.understanding,
        farming=farming(house.knowledge),
        plans=plans(house.knowledge, house.clock().date()),
        office=house.app.office,
        push=push,
        understood=lambda text: topic_of(text, house.understanding),
        terms=terms,
    )
    built = Desk(house.store, turns, house.clock, settings)
    house.app.aside = in_chat.aside(base, built.tools, ChatAnnouncing(book, terms))
    house.app.overheard = in_chat.overheard
    return built
