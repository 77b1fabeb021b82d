"""A cable to a TCP server that can be pulled out: connections are cut and refused, or nothing comes through."""

import asyncio
import contextlib


class Cable:
    """Listens on loopback and passes bytes on. `cut()`: as if the server had stopped; `hang()`: as if it were stuck."""

    def __init__(self, host: str, port: int) -> None:
        self._to = host, port
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._flows = asyncio.Event()
        self._flows.set()
        self.port = 0

    async def __aenter__(self) -> "Cable":
        await self.mend()
        return self

    async def __aexit__(self, *fault: object) -> None:
        await self.cut()

    async def mend(self) -> None:
        """It is there again, at the same port."""
        self._flows.set()
        if self._server is None:
            self._server = await asyncio.start_server(self._pass, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in tuple(self._writers):
            with contextlib.suppress(Exception):
                writer.transport.abort()

    def hang(self) -> None:
        self._flows.clear()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, here = await asyncio.open_connection(*self._to)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, here}
        try:
            await asyncio.gather(self._copy(reader, here), self._copy(there, writer))
        finally:
            self._writers -= {writer, here}

    async def _copy(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                await self._flows.wait()
                target.write(data)
                await target.drain()
        with contextlib.suppress(Exception):
            target.transport.abort()
