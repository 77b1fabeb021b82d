"""The server's socket: aiohttp behind watched connections, until the system tells it to end."""

import asyncio
import contextlib
import signal
import socket
from functools import partial

from aiohttp import web

from bot.doors.connections import Connections, room_for
from bot.doors.door import CONNECTIONS

BACKLOG = 1_024  # connections that wait for being accepted
IDLE = 75.0  # seconds a connection stays open for the next request
MOST_HEADERS, LONGEST_HEADER = 64, 8_190


class Site(web.TCPSite):
    """aiohttp's site with our protocol around its own."""

    __slots__ = ("_connections", "_door")

    def __init__(
        self, runner: web.AppRunner, host: str, port: int, connections: Connections, door: socket.socket | None = None
    ) -> None:
        super().__init__(runner, host, port, backlog=BACKLOG)
        self._connections, self._door = connections, door

    async def start(self) -> None:
        """Listen."""
        await web.BaseSite.start(self)
        server = self._runner.server
        assert server is not None  # noqa: S101 - the runner was set up
        made = partial(self._connections.protocol, server)
        loop = asyncio.get_running_loop()
        if self._door is not None:
            self._server = await loop.create_server(made, sock=self._door, backlog=self._backlog)
        else:
            self._server = await loop.create_server(made, self._host, self._port, backlog=self._backlog)


def run(application: web.Application, host: str, port: int, door: socket.socket | None = None) -> None:
    """Serve until SIGINT or SIGTERM; then everything comes to its end in order. Raises OSError for a taken port.

    `door`: a socket that listens there already (`bot.kept_door`).
    """
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(application, host, port, door))


async def serve(application: web.Application, host: str, port: int, door: socket.socket | None = None) -> None:
    """The same within a loop."""
    end, loop = asyncio.Event(), asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C cancels the task
            loop.add_signal_handler(sign, end.set)
    connections = application[CONNECTIONS]
    connections.most = room_for(connections.patience.connections)
    runner = web.AppRunner(
        application,
        access_log=None,
        keepalive_timeout=IDLE,
        max_headers=MOST_HEADERS,
        max_line_size=LONGEST_HEADER,
        max_field_size=LONGEST_HEADER,
    )
    await runner.setup()
    try:
        await Site(runner, host, port, connections, door).start()
        await end.wait()
    finally:
        await runner.cleanup()
