"""A real SMTP server on loopback, a receiver of webhooks, and a list to forward."""

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import web
from aiosmtpd.smtp import SMTP
from store.factories import COMMUNE, NOW, consent, happen, lead, person

from bot.effects import LeadWithdrawn
from bot.i18n import language
from bot.leads.forwarding import Forwarder, NetWire
from bot.leads.parcels import Office
from bot.mail_server import MailServer
from bot.model import Contact
from bot.store.people_port import Recipient

PUBLIC = "https://hocnghe.example"
ADDRESS = "nhan@truong-nghe.example"
SENDER = "xa@mau.example"


@dataclass
class Mailbox:
    """What arrived. `answers`: to the next messages, instead of taking them; "cut" takes it and breaks off."""

    port: int = 0
    letters: list[Any] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    refused_rcpt: str = ""

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:  # noqa: N802 - aiosmtpd's name
        if self.refused_rcpt:
            return self.refused_rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802
        answer = self.answers.pop(0) if self.answers else ""
        if answer and answer != "cut":
            return answer
        self.letters.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        if answer == "cut":
            server.transport.abort()
        return "250 taken"

    def server(self, **changes: Any) -> MailServer:
        return MailServer("127.0.0.1", self.port, SENDER, **{"security": "none", **changes})


@asynccontextmanager
async def smtp() -> AsyncIterator[Mailbox]:
    box = Mailbox()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(box, hostname="mail.example", loop=loop), "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    yield box
    server.close()
    await server.wait_closed()


@dataclass
class Hooks:
    """Requests of the webhook; `statuses` are given to the next ones."""

    url: str = ""
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        self.got.append((dict(request.headers), await request.read()))
        status = self.statuses.pop(0) if self.statuses else 204
        return web.Response(status=status, headers={"Location": "/in"} if status == 302 else {})


@asynccontextmanager
async def receiver() -> AsyncIterator[Hooks]:
    hooks = Hooks()
    app = web.Application()
    app.router.add_post("/in", hooks.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    hooks.url = f"http://127.0.0.1:{runner.addresses[0][1]}/in"
    yield hooks
    await runner.cleanup()


class Clock:
    """A clock that the test turns."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def office(code: str) -> Office:
    return Office({code: "Xã Mẫu"} if code else {}, PUBLIC, language())


async def run(work, *arguments):
    return work(*arguments)


def forwarder(store, server, clock, *, wire=None, office_of=office) -> Forwarder:
    return Forwarder(store, run, wire or NetWire(server, ("127.0.0.0/8",)), office_of, clock)


def fill(store) -> None:
    """Five on the list: two may be forwarded; one did not agree, one waits for their own word, one withdrew."""
    for n, (agrees, changes) in enumerate(
        [(True, {}), (True, {}), (False, {}), (True, {"verification": "waiting_person"}), (True, {})], 1
    ):
        receipt = f"HN-AAAAA{n}"
        given = (consent("list", receipt=receipt), consent("forward", agrees, receipt))
        happen(store, lead(receipt, person(n), **changes), *given, contact=Contact("web", "site", f"c{n}"))
    happen(store, LeadWithdrawn("HN-AAAAA5"), contact=Contact("web", "site", "c5"))


def enter(store, clock, **changes: Any) -> int:
    """A recipient, and a delivery asked for now; the recipient's number."""
    kept = Recipient(COMMUNE, "Trường nghề Mẫu", **{"address": ADDRESS, "purpose": "mở lớp", **changes})
    with store.people() as unit:
        number = unit.forwarding.save(kept, clock())
        unit.forwarding.ask(unit.forwarding.recipient(number), "officer", clock())
    return number


def states(store) -> list[tuple[str, str]]:
    with store.people() as unit:
        return [(d.state, d.why) for d in reversed(unit.forwarding.deliveries())]
