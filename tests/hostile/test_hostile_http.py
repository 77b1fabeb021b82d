"""Below the routes: what is no HTTP, two requests in one, who sends or reads slowly, who holds thousands open."""

import asyncio
import gzip
import itertools
import json
import re
import socket
import zlib

import pytest
import pytest_asyncio
from aiohttp import ClientSession
from hostile.conftest import MAIL, without_limits
from hostile.hostile_stage import copied, raw, served, text_of

from bot.channels.web.limits import Gate
from bot.doors import connections, door
from bot.doors.connections import Patience

pytestmark = pytest.mark.asyncio(loop_scope="module")
CHAT = b"POST /chat/messages HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
GET = b"GET /static/chat/none HTTP/1.1\r\nHost: x\r\n\r\n"
TIGHT = Patience(head=0.4, body=1.3, upload=1.3, unread=0.6, connections=60, of_an_address=40)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tight(understanding, catalogue, empty_house, tmp_path_factory):
    """The application with little patience: two seconds show what takes minutes else."""
    folder = tmp_path_factory.mktemp("tight")
    with without_limits(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(door, "Patience", lambda: TIGHT)
        patch.setattr(connections, "SWEEP", 0.1)
        async with served(understanding, catalogue, copied(empty_house, folder), folder, smtp_url=MAIL) as stage:
            yield stage


SMUGGLED = (
    b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + GET,
    b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + GET,
    b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!" + GET,
    b"Content-Length: 5, 5\r\n\r\nhello" + GET,
    b"Content-Length: +5\r\n\r\nhello" + GET,
    b"Content-Length: 0x5\r\n\r\nhello" + GET,
    b"Content-Length: -1\r\n\r\n" + GET,
    b"Content-Length : 5\r\n\r\nhello" + GET,
    b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + GET,
    b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + GET,
    b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n" + GET,
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + GET,
    b"Transfer-Encoding: chunked\r\n\r\n5;x=\n\r\nhello\r\n0\r\n\r\n" + GET,
    b"Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n" + GET,
    b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 17 + b"\r\nhello" + GET,
    b"X: a\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + GET,
    b"X: a\rY: b\r\n\r\n" + GET,
    b" Folded: x\r\n\r\n" + GET,
    b"X\x00: a\r\n\r\n" + GET,
    b"X: \x00\r\n\r\n" + GET,
)


@pytest.mark.parametrize("rest", SMUGGLED, ids=range(len(SMUGGLED)))
async def test_a_body_of_two_lengths_never_hides_a_second_request(stage, rest):
    """One refusal, then the connection ends: what follows is never taken for a request of its own."""
    answer = await raw(stage.port, CHAT + rest, wait=1)
    assert answer.count(b"HTTP/1.") <= 1
    assert b" 404 " not in answer
    assert not answer or b" 4" in answer[:13]


BROKEN = (
    b"\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\x00\x01",
    b"GET / HTTP/1.1\r\nA\r\n\r\n", b"\x00" * 99,
    b"GET http://elsewhere.example/ HTTP/1.1\r\nHost: x\r\n\r\n", b"CONNECT a.example:25 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /%ZZ HTTP/1.1\r\nHost: x\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"<script>alert(1)</script> / HTTP/1.1\r\n\r\n", b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 9000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X%d: a\r\n" % n for n in range(300)) + b"\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nCookie: hocnghe=\x01\x02\r\n\r\n", b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
)  # fmt: skip


async def test_what_is_no_http_is_refused_and_written_down_nowhere(stage, told):
    """All at the same time: for some it waits long for more."""
    answers = await asyncio.gather(*(raw(stage.port, sent, wait=0.7) for sent in BROKEN))
    for sent, answer in zip(BROKEN, answers, strict=True):
        assert b" 500 " not in answer[:20], sent
        assert b"Traceback" not in answer, sent
        assert b"<script>" not in answer or b"text/plain" in answer, sent
    assert any(b" 400 " in answer[:20] for answer in answers)
    assert "aiohttp" not in told.getvalue()


async def test_a_websocket_is_not_spoken_here(stage):
    shake = b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
    shake += b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    for path in (b"/", b"/chat/events", b"/desk", b"/webhooks/telegram"):
        answer = await raw(stage.port, b"GET " + path + b" HTTP/1.1\r\nHost: x\r\n" + shake, b"\x81\x05hello", wait=0.5)
        assert b" 101 " not in answer[:20]


def asked(**told):
    return json.dumps({"id": "0f000000-0000-4000-8000-000000000001", "text": "xin chào", **told}).encode()


def bodies():
    yield from (b"[" * 50_000, b'{"a":' * 15_000, b"\xff\xfe{}", b"\x00", b'{"id":1}', b"1" * 90_000, b"nul", b"NaN")
    yield asked(text="a\x00b")
    yield asked(text="\ud83d")
    yield asked(text="\u202e" * 500)
    yield asked(text="x" * 1_000_000)
    yield asked(id="0f000000-0000-4000-8000-00000000000\u0661")
    yield b'{"id":"0f000000-0000-4000-8000-000000000002","id":"x","text":"a","text":"b"}'
    yield b'{"__proto__":{"a":1},"id":"0f000000-0000-4000-8000-000000000003","text":"xin"}'
    yield asked(choice="x" * 500)
    yield asked(text=None, choice="useful:yes:\x00")


async def test_odd_bodies_are_refused_one_by_one(stage):
    async with ClientSession() as session:
        for number, body in enumerate(bodies()):
            async with session.post(
                f"{stage.url}/chat/messages", data=body, headers={"Content-Type": "application/json"}
            ) as a:
                assert a.status in (200, 202, 400, 413), number
                assert "Traceback" not in await a.text()


async def test_a_packed_body_is_measured_unpacked(stage):
    """64 MB of nothing in 64 KB: refused after the first of it."""
    for name, bomb in (
        ("gzip", gzip.compress(bytes(64 * 1024 * 1024), 9)),
        ("deflate", zlib.compress(bytes(64 * 1024 * 1024), 9)),
    ):
        for path, kind in (
            ("/chat/messages", "application/json"),
            ("/desk/sign-in", "application/x-www-form-urlencoded"),
        ):
            told = {"Content-Encoding": name, "Content-Type": kind}
            async with (
                ClientSession() as session,
                session.post(f"{stage.url}{path}", data=bomb, headers=told) as answer,
            ):
                assert answer.status in (400, 413), (name, path)
        told = {**stage.signed("telegram", b"", None), "Content-Encoding": name}
        async with (
            ClientSession() as session,
            session.post(f"{stage.url}/webhooks/telegram", data=bomb, headers=told) as a,
        ):
            assert a.status in (400, 413)


async def timed(work):
    begun = asyncio.get_running_loop().time()
    answer = await work
    return answer, asyncio.get_running_loop().time() - begun


FORM = b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 9000\r\n\r\n"
SLOW = (
    b"GET / HTTP/1.1\r\nHost: x\r\nX: ",
    CHAT + b"Content-Length: 9000\r\n\r\n",
    CHAT + b"Transfer-Encoding: chunked\r\n\r\n2000\r\n",
    *(
        b"POST " + path + b" HTTP/1.1\r\nHost: x\r\n" + FORM
        for path in (b"/webhooks/zalo-oa", b"/desk/sign-in", b"/papers/7KQ4ME-99999999999-" + b"0" * 32)
    ),
)


async def test_heads_and_bodies_that_do_not_end_are_ended(tight):
    """A letter every tenth of a second, on and on."""
    slow = [timed(raw(tight.port, head, *(b"a" for _ in range(15)), pause=0.1, wait=3)) for head in SLOW]
    for (answer, took), head in zip(await asyncio.gather(*slow), SLOW, strict=True):
        assert took < 2.5, head
        assert took > 1.2 or not head.startswith(b"POST /chat"), "a body has more time than a head"
        assert answer == b"" or answer.startswith((b"HTTP/1.1 408", b"HTTP/1.1 4"))


async def test_who_holds_everything_open_holds_up_nobody(tight):
    """Sixty connections are allowed here; two hundred are opened from several addresses, none says what it wants."""
    held = []
    for number in range(200):
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", tight.port, local_addr=(f"127.0.{number % 7}.{2 + number % 5}", 0)
        )
        writer.write(b"POST /chat/messages HTTP/1.1\r\nHost: x\r\n" if number % 2 else b"G")
        held.append((reader, writer))
    assert len(tight.built[door.CONNECTIONS]) <= TIGHT.connections
    (status, _), took = await timed(tight.hook("zalo-bot", text_of("zalo-bot", "xin chào", 1)))
    assert (status, took < 2) == (200, True)
    for _reader, writer in held:
        writer.close()


async def test_of_one_address_some_may_be_open_and_the_oldest_gives_way(tight):
    held = [await asyncio.open_connection("127.0.0.1", tight.port, local_addr=("127.0.9.9", 0)) for _ in range(60)]
    await asyncio.sleep(0.05)
    first, last = held[0][0], held[-1]
    assert await first.read(1) == b""
    last[1].write(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    assert b" 404 " in await asyncio.wait_for(last[0].read(), 2)
    for _reader, writer in held:
        writer.close()


async def test_an_answer_that_nobody_reads_is_given_up(tight):
    """It asks for megabytes and takes none of them."""
    script = re.search(r'src="(/static/chat/[^"]+)"', (await (await tight.browser().get("/")).text()))[1]
    _reader, writer = await asyncio.open_connection("127.0.0.1", tight.port, limit=1)
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    writer.transport.pause_reading()
    writer.write(f"GET {script} HTTP/1.1\r\nHost: x\r\n\r\n".encode() * 4_000)
    await asyncio.sleep(0.4)
    ours = sock.getsockname()
    assert ours in open_ones(tight)
    await asyncio.sleep(2.2)
    assert ours not in open_ones(tight)
    writer.transport.abort()


def open_ones(stage):
    return {one.transport.get_extra_info("peername") for one in stage.built[door.CONNECTIONS]}


async def test_each_door_has_its_limit_and_says_how_long_to_wait(
    understanding, catalogue, empty_house, tmp_path, monkeypatch
):
    few = Gate(
        address_requests_a_minute=5, address_files_a_minute=3, address_looks_a_minute=4, address_forged_a_minute=2
    )
    monkeypatch.setattr("bot.serving.Gate", lambda trusted_proxies=(): few)
    async with (
        served(understanding, catalogue, copied(empty_house, tmp_path), tmp_path) as stage,
        ClientSession() as session,
    ):
        for path, allowed in (("/files/" + "0" * 32, 3), ("/healthz", 4), ("/nothing", 5)):
            answers = [await session.get(stage.url + path) for _ in range(allowed + 1)]
            assert [a.status for a in answers[-2:]] != [429, 429], path
            assert answers[-1].status == 429
            assert int(answers[-1].headers["Retry-After"]) > 0
            for answer in answers:
                answer.release()
        forged = [
            await stage.hook("zalo-bot", text_of("zalo-bot", "x"), **{"X-Bot-Api-Secret-Token": "x"}) for _ in range(4)
        ]
        assert [status for status, _ in forged] == [403, 403, 429, 429]
        genuine = await stage.hook("zalo-bot", text_of("zalo-bot", "xin chào", 77))
        assert genuine[0] == 200, "a forger uses up nobody's limit"


async def test_streams_have_a_limit_in_all(understanding, catalogue, empty_house, tmp_path, monkeypatch):
    """And a page without a stream still gets its replies with its own message."""
    monkeypatch.setattr("bot.serving.Gate", lambda trusted_proxies=(): Gate(streams=2))
    async with served(understanding, catalogue, copied(empty_house, tmp_path), tmp_path) as stage:
        pages = [stage.browser() for _ in range(3)]
        streams = [await page.get("/chat/events") for page in pages]
        assert [stream.status for stream in streams] == [200, 200, 429]
        for stream in streams:
            stream.close()
        said = await pages[2].client.post("/chat/messages", data=asked(), headers={"Content-Type": "application/json"})
        assert (await said.json())["replies"]


async def test_an_address_is_believed_of_trusted_proxies_alone(
    understanding, catalogue, empty_house, tmp_path, monkeypatch
):
    few = Gate(address_looks_a_minute=2)
    monkeypatch.setattr("bot.serving.Gate", lambda trusted_proxies=(): few)
    async with (
        served(understanding, catalogue, copied(empty_house, tmp_path), tmp_path) as stage,
        ClientSession() as session,
    ):
        seen = []
        for number, name in itertools.product(range(2), ("X-Forwarded-For", "Forwarded", "X-Real-IP")):
            headers = {name: f"203.0.113.{number}"}
            async with session.get(f"{stage.url}/healthz", headers=headers) as answer:
                seen.append(answer.status)
        assert seen[2:] == [429] * 4


async def test_a_household_of_ipv6_is_one_and_ipv4_within_it_its_own():
    from bot.channels.web.visitors import household

    assert household("2001:db8:1:2::1") == household("2001:db8:1:2:ffff::9") != household("2001:db8:1:3::1")
    assert household("::ffff:192.0.2.1") == household("192.0.2.1") != household("::ffff:192.0.2.2")
    assert household("fe80::1%eth0") == household("fe80::2")
    assert household("unknown") == household("") == ""
