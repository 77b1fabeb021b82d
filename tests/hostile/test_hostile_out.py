"""What we send out: to nobody inside, whatever a name resolves to; no header, no line of a log that somebody typed."""

import logging
import socket
from datetime import datetime

import pytest
import structlog
from aiohttp import ClientSession, TCPConnector, web
from aiohttp.abc import AbstractResolver
from aiohttp.test_utils import TestServer

from bot.channels import http
from bot.leads import mail, reaching, webhook
from bot.leads.mail import Attachment, Mail
from bot.leads.webhook import HookPermanent
from bot.mail_server import MailServer, plausible
from bot.store.records import VIETNAM

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=VIETNAM)
INSIDE = (
    "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "255.255.255.255",
    "224.0.0.1",
    "198.18.0.1", "192.0.2.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2001:db8::1",
)  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_not_reached(address):
    assert not reaching.outside(address)
    with pytest.raises(reaching.Inside):
        reaching.guarded(())((socket.AF_INET, socket.SOCK_STREAM, 0, "", (address, 443)))


def test_the_world_is_reached_and_what_is_allowed():
    for address in ("1.1.1.1", "203.113.0.1", "2400:cb00::1", "64:ff9b::101:101"):
        assert reaching.outside(address)
    assert reaching.outside("192.168.1.20", ("192.168.1.20/32",))
    assert not reaching.outside("192.168.1.21", ("192.168.1.20/32",))
    assert reaching.outside("::ffff:192.168.1.20", ("192.168.1.20/32",))


class Rebinding(AbstractResolver):
    """A name that is the world's for who looks first, and ours for who connects."""

    def __init__(self) -> None:
        self.asked = 0

    async def resolve(self, host, port=0, family=socket.AF_INET):
        self.asked += 1
        return [{"hostname": host, "host": "127.0.0.1", "port": port, "family": family, "proto": 0, "flags": 0}]

    async def close(self) -> None:
        """Nothing."""


async def test_a_name_that_answers_otherwise_the_second_time_leads_nowhere():
    reached = []

    async def here(request: web.Request) -> web.Response:
        reached.append(request.path)
        return web.Response()

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", here)
    async with TestServer(app) as server:
        connector = TCPConnector(resolver=Rebinding(), socket_factory=reaching.guarded(()))
        async with ClientSession(connector=connector) as session:
            for address in (f"https://may.example:{server.port}/in", f"http://127.0.0.1:{server.port}/in"):
                with pytest.raises(HookPermanent, match="inside"):
                    await webhook.post(session, address, "key", 1, {}, NOW)
        async with reaching.session(("127.0.0.1/32",)) as session:
            await webhook.post(session, f"http://127.0.0.1:{server.port}/allowed", "key", 1, {}, NOW)
    assert reached == ["/allowed"]


async def test_nobody_is_sent_on_elsewhere():
    reached = []

    async def onward(request: web.Request) -> web.Response:
        reached.append(request.path)
        raise web.HTTPFound("/secret") if request.path != "/secret" else web.HTTPOk(text="secret")

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", onward)
    async with TestServer(app) as server:
        at = f"http://127.0.0.1:{server.port}/picture"
        async with reaching.session(("127.0.0.0/8",)) as session:
            with pytest.raises(HookPermanent, match="302"):
                await webhook.post(session, at, "key", 1, {}, NOW)
            assert await http.fetch(session, at, timeout=5, most=1000) == b""
    assert reached == ["/picture", "/picture"]


@pytest.mark.parametrize(
    "address",
    ["file:///etc/passwd", "gopher://x", "http://elsewhere.example/", "https://user@x.example/",
     "https://", "//x.example",
     "https://x.example:99999/",
     "javascript:alert(1)", "http://127.0.0.1.example/", "http://2130706433/",
     "ftp://127.0.0.1/"],
)  # fmt: skip
def test_what_is_no_address_of_ours_is_refused_before_it_is_kept(address):
    assert not webhook.allowed(address)


HIDDEN = ("=?utf-8?q?a=0d=0aBcc:x?=", "=?utf-8?b?YQ0KQmNjOiB4?=")  # line ends within encoded words
LINES = (
    "x\r\nBcc: all@elsewhere.example",
    "x\nContent-Type: text/html",
    "x\r\n\r\n<b>",
    "x\x00y",
    "x\u2028y",
    "ế" * 300,
)


@pytest.mark.parametrize("odd", LINES + HIDDEN)
def test_no_letter_gets_a_header_that_somebody_typed(odd):
    server = MailServer("127.0.0.1", 25, "xa@example.org", security="none")
    letter = Mail("a@example.org", odd, odd, "abc", (Attachment(odd, b"x"),))
    raw = mail._message(server, letter)
    head = raw.split(b"\r\n\r\n", 1)[0].decode().lower().split("\r\n")
    names = [line.split(":")[0] for line in head if line[:1] not in (" ", "\t")]
    assert "bcc" not in names
    assert names.count("content-type") == names.count("subject") == 1
    for address in (f"a@b.vn{odd}", f"a{odd}@b.vn"):
        assert not plausible(address) or not set(odd) & set("\r\n\x00")


def test_no_line_of_the_log_is_forged(told):
    structlog.get_logger().info("an event", name="a\r\n2026-11-28 [info] all is well\x1b[2J\x9b2J\u2028b", other=1)
    assert "an event" in told.getvalue()
    assert len(told.getvalue().splitlines()) == 1
    assert not set(told.getvalue().rstrip("\n")) & {"\r", "\x1b", "\x9b", "\u2028"}


def test_other_libraries_tell_kinds_of_faults_and_no_values(told):
    phone = "0900" + "000001"
    for name in ("aiohttp.server", "asyncio", "aiohttp.client"):
        try:
            raise ValueError(phone)
        except ValueError:
            logging.getLogger(name).exception("Task of %s", phone)
    assert "ValueError" in told.getvalue()
    assert phone not in told.getvalue()
