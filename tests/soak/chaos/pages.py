"""Pages of the web chat that stay open: a stream of replies that is read and opened anew, a second tab that hangs."""

import asyncio
import json
import random
import socket
from contextlib import suppress
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector
from soak.chaos.ports import World
from soak.chaos.records import Person

from bot.channels.web.visitors import COOKIE

SHARE = 0.2  # of the people on the web
SILENT = 45.0  # seconds without a heartbeat until a browser's network gives the connection up
SMALL = 2048  # bytes that a hanging tab takes


class Page:
    """One person's page, open from their first message to the end of the run; `shown` replies by number."""

    def __init__(self, world: World, person: Person, chance: random.Random) -> None:
        self._world, self._person, self._chance = world, person, chance
        number = person.number
        self._headers = {
            "Cookie": f"{COOKIE}={person.key}",
            "X-Forwarded-For": f"10.{number // 62500 % 250}.{number // 250 % 250}.{number % 250 + 1}",
        }
        self._hanging: socket.socket | None = None

    async def stay(self) -> None:
        """Until cancelled."""
        timeout = ClientTimeout(total=None, connect=5, sock_read=SILENT)
        async with ClientSession(timeout=timeout, connector=TCPConnector(limit=0)) as client:
            try:
                while True:
                    with suppress(ClientError, OSError, TimeoutError):
                        await self._open(client)
                    await asyncio.sleep(self._chance.uniform(0.3, 2.0))
            finally:
                if self._hanging is not None:
                    self._hanging.close()

    async def _open(self, client: ClientSession) -> None:
        url, shown = self._chance.choice(self._world.machines).url, self._person.shown
        if self._hanging is None and self._chance.random() < 0.3:
            self._hanging = await asyncio.to_thread(self._tab, url)
        last = {"Last-Event-ID": str(max(shown))} if shown else {}  # as the page asks, and then the browser
        seen_here = set[int]()
        async with client.get(f"{url}/chat/events?after=0", headers=self._headers | last) as answer:
            number, kind = 0, ""
            async for raw in answer.content:
                line = raw.decode().rstrip("\n")
                if line.startswith("id: "):
                    number = int(line[4:])
                elif line.startswith("event: "):
                    kind = line[7:]
                elif line.startswith("data: ") and kind == "reply":
                    self._person.shown_twice += number in seen_here
                    seen_here.add(number)
                    shown[number] = json.loads(line[6:])["text"]

    def _tab(self, url: str) -> socket.socket | None:
        """Asks for the stream and never reads a byte of it."""
        there = urlsplit(url)
        hanging = socket.socket()
        hanging.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
        hanging.settimeout(5)
        try:
            hanging.connect((there.hostname, there.port))
            head = "".join(f"{name}: {value}\r\n" for name, value in self._headers.items())
            hanging.sendall(f"GET /chat/events HTTP/1.1\r\nHost: {there.netloc}\r\n{head}\r\n".encode())
        except OSError:
            hanging.close()
            return None
        return hanging
