"""The web server of one process: web chat, health, background work."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Executor, ThreadPoolExecutor

import structlog
from aiohttp import web

from bot import __version__, connecting, jobs
from bot.announcing import Announcer
from bot.app import new_receipt
from bot.channels.outreach import terms_of
from bot.channels.port import Base, Channel
from bot.channels.web import Gate, WebChat
from bot.connecting import channels
from bot.desk import Desk, DeskSettings, in_chat
from bot.desk.in_chat_announcing import InChat
from bot.leads import mail
from bot.posting import Posting
from bot.store.port import StoredMessage
from bot.wiring import House

BODY_LIMIT = 128 * 1024


def configure_logs() -> None:
    """Lines with ids and without contents: a traceback never prints the values of variables."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        ]
    )


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
    configure_logs()
    app = web.Application(client_max_size=BODY_LIMIT)
    secure = house.settings.public_url.startswith("https://")
    proxies = tuple(filter(None, (p.strip() for p in house.settings.trusted_proxies.split(","))))
    gate = Gate(trusted_proxies=proxies)
    WebChat(house.app, turns, demo=demo, secure_cookies=secure, clock=house.clock, gate=gate).setup(app)
    desk(house, turns, gate, house.settings.public_url or address, demo=demo).setup(app)
    base = Base(house.app, house.store, turns, house.clock, house.settings.public_url)
    connected = channels(house.settings, base)
    for channel in connected:
        channel.setup(app)
    posting = Posting(house, lambda messages: _push(connected, tuple(messages)))
    posting.setup(app)
    announcer = Announcer(house, connected)
    app.router.add_get("/healthz", lambda request: _health(request, house, turns, connected, announcer))

    async def background(_app: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(jobs.daily(house.app, turns, house.settings.data_dir))
        for channel in connected:
            await channel.start()
        await posting.start()
        await announcer.start()
        ready()
        yield
        await announcer.stop()
        await posting.stop()
        for channel in connected:
            await channel.stop()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        turns.shutdown(wait=True)
        house.close()

    app.cleanup_ctx.append(background)
    return app


def _push(connected: tuple[Channel, ...], messages: tuple[StoredMessage, ...]) -> None:
    """Hand queued messages to the channels that deliver; what nobody takes waits in the database for the next start."""
    for channel in connected:
        channel.deliver(tuple(m for m in messages if m.contact.channel == channel.name))


def _letters(smtp_url: str) -> Callable[[str, str, str], Awaitable[None]] | None:
    """How the desk sends a letter; None without a mail server."""
    if not smtp_url:
        return None
    server = mail.server(smtp_url)

    async def post(to: str, subject: str, text: str) -> None:
        await mail.send(server, mail.Mail(to, subject, text, secrets.token_hex(8)))

    return post


def desk(house: House, turns: Executor, gate: Gate, base: str, *, demo: bool) -> Desk:
    """The officers' desk; from now on the assistant knows an officer's words, too."""
    book = house.understanding.book
    terms = terms_of(connecting.lines(house.settings), book.communes)
    house.app.aside = in_chat.aside(base, InChat(book, terms))
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
        terms=terms,
    )
    return Desk(house.store, turns, house.clock, settings)


async def _health(
    _request: web.Request,
    house: House,
    turns: ThreadPoolExecutor,
    connected: tuple[Channel, ...],
    announcer: Announcer,
) -> web.Response:
    """200 when the process takes turns, the database answers and every channel lives; else 503 with what fails."""

    def database() -> int:
        with house.store.transaction() as unit:
            return len(unit.served())

    try:
        served = await asyncio.wait_for(asyncio.get_running_loop().run_in_executor(turns, database), timeout=5)
    except Exception as fault:  # noqa: BLE001 - whatever it is, the answer is "not healthy"
        return web.json_response({"ok": False, "database": type(fault).__name__}, status=503)
    told = {channel.name: dict(channel.health()) for channel in connected}
    well = all(health.get("ok") for health in told.values())
    body = {"ok": well, "version": __version__, "served_places": served, **({"channels": told} if told else {})}
    body |= {"announcing": announcer.health()} if told else {}
    return web.json_response(body, status=200 if well else 503)
