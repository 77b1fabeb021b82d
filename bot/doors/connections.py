"""Connections of strangers: how many there may be, and how long one may take over what it sends or reads.

A connection that waits, sends slowly or never says what it wants gives way to a new one; one whose request is being
answered never does. So whoever holds thousands open, holds up nobody.
"""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import cast

SWEEP = 5.0  # seconds between looks at slow connections
SPARE_FILES = 200  # descriptors for the database, the platforms, workbooks
WANTED_FILES = 8_192
_TIMED_OUT = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds for the head of a request from its first byte on, for its body, for reading an answer; how many
    connections in all and of one address (not that of a trusted proxy, behind which everybody is)."""

    head: float = 20.0
    body: float = 60.0
    upload: float = 300.0
    unread: float = 300.0
    connections: int = 2_000
    of_an_address: int = 200


class Watched(asyncio.Protocol):
    """One connection, between the loop and aiohttp's own protocol."""

    __slots__ = ("_all", "_inner", "_timer", "address", "busy", "heard", "paused", "transport")

    def __init__(self, inner: asyncio.Protocol, everybody: "Connections") -> None:
        self._inner = inner
        self._all = everybody
        self._timer: asyncio.TimerHandle | None = None
        self.transport: asyncio.Transport | None = None
        self.address = ""
        self.busy = False  # a whole request is here and is being answered
        self.heard = 0.0  # when the first byte of a request came that is not whole yet; 0 = nothing came
        self.paused = 0.0  # since when what we wrote is not read; 0 = it is

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Counted; too many of one address, or in all: the oldest that waits gives way."""
        self.transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        self.address = self._all.household(str(peer[0])) if peer else ""
        _notice_silence(self.transport, self._all.patience.unread)
        self._inner.connection_made(transport)
        if not self._all.opened(self):
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Bytes for aiohttp."""
        if not self.busy and not self.heard and self._timer is None:  # else it is a body, which has its own time
            self.heard = self._all.now()
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        """The other side says no more."""
        return self._inner.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """Over."""
        self._stop_timer()
        self._all.closed(self)
        self._inner.connection_lost(exc)

    def pause_writing(self) -> None:
        """The other side does not read."""
        self.paused = self._all.now()
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        """It reads again."""
        self.paused = 0.0
        self._inner.resume_writing()

    def begin(self, whole: bool, body: float) -> None:  # noqa: FBT001 - told by the middleware alone
        """The head of a request came; its body has so many seconds to come, unless it is here already."""
        self.heard = 0.0
        if whole:
            self.whole()
        else:
            self._timer = asyncio.get_running_loop().call_later(body, self.cut)

    def whole(self) -> None:
        """The body is here, too: from now on it is our time that passes."""
        self._stop_timer()
        self.busy = True
        self._all.moved(self)

    def end(self) -> None:
        """Answered."""
        self._stop_timer()
        self.busy, self.heard = False, 0.0
        self._all.moved(self)

    def cut(self) -> None:
        """Too slow: told so, if it listens, and closed."""
        if self.transport is None or self.transport.is_closing():
            return
        self.transport.write(_TIMED_OUT)
        if self.transport.get_write_buffer_size():  # nor does it read
            self.transport.abort()
        else:
            self.transport.close()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class Connections:
    """All of this process. `household`: an address as it is counted ("" = not counted by address)."""

    def __init__(self, patience: Patience, household: Callable[[str], str]) -> None:
        self.patience = patience
        self.household = household
        self.most = patience.connections
        self._all: dict[Watched, None] = {}  # those that were used last stand last
        self._of: dict[str, dict[Watched, None]] = {}
        self._sweeper: asyncio.TimerHandle | None = None

    def now(self) -> float:
        """The loop's steady clock."""
        return asyncio.get_running_loop().time()

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Watched]:
        return iter(tuple(self._all))

    def opened(self, one: Watched) -> bool:
        """Whether there is room, made if need be."""
        theirs = self._of.setdefault(one.address, {})
        crowded = bool(one.address) and len(theirs) >= self.patience.of_an_address
        room = not crowded or _one_gives_way(theirs)
        room = room and (len(self._all) < self.most or _one_gives_way(self._all))
        self._all[one] = theirs[one] = None
        if self._sweeper is None:
            self._sweeper = asyncio.get_running_loop().call_later(SWEEP, self._sweep)
        return room

    def closed(self, one: Watched) -> None:
        """It is gone."""
        self._all.pop(one, None)
        if (theirs := self._of.get(one.address)) is not None:
            theirs.pop(one, None)
            if not theirs:
                del self._of[one.address]

    def moved(self, one: Watched) -> None:
        """It was used just now."""
        for some in (self._all, self._of.get(one.address, {})):
            if one in some:
                del some[one]
                some[one] = None

    def protocol(self, inner: Callable[[], asyncio.Protocol]) -> Watched:
        """For the loop's `create_server`."""
        return Watched(inner(), self)

    def _sweep(self) -> None:
        """Ends heads that do not come to their end, and answers that nobody reads."""
        now, patience = self.now(), self.patience
        for one in self:
            if one.heard and not one.busy and now - one.heard > patience.head:
                one.cut()
            elif one.paused and now - one.paused > patience.unread and one.transport is not None:
                one.transport.abort()
        self._sweeper = asyncio.get_running_loop().call_later(SWEEP, self._sweep) if self._all else None


def _one_gives_way(some: dict[Watched, None]) -> bool:
    """The one that has waited longest; False when all are being answered."""
    for one in some:
        if not one.busy and one.transport is not None:
            one.transport.abort()
            some.pop(one)
            return True
    return False


def _notice_silence(transport: asyncio.Transport, seconds: float) -> None:
    """What is written and not acknowledged for so long ends the connection (Linux)."""
    sock = transport.get_extra_info("socket")
    if sock is not None and hasattr(socket, "TCP_USER_TIMEOUT") and sock.family in (socket.AF_INET, socket.AF_INET6):
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(seconds * 1000))


def room_for(wanted: int) -> int:
    """How many connections the system lets us have; asks it for more open files first, where it can."""
    try:
        import resource
    except ImportError:  # Windows knows no such limit
        return wanted
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < WANTED_FILES:
        more = WANTED_FILES if hard == resource.RLIM_INFINITY else min(hard, WANTED_FILES)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (more, hard))
        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return wanted if soft == resource.RLIM_INFINITY else max(10, min(wanted, soft - SPARE_FILES))
