"""Streams of replies to the open pages: one hub, a bounded queue a stream, heartbeats, an end at shutdown."""

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bot.channels.web.limits import Gate
from bot.channels.web.refusals import Refused
from bot.channels.web.talks import reply_json
from bot.store.port import StoredMessage

HEARTBEAT_SECONDS = 20.0
RETRY_MS = 3_000
MOST_QUEUED = 100
MOST_WAITED = 10  # seconds that a page refused a stream is asked to wait
SILENT_MS = 60_000  # a phone that has not acknowledged a heartbeat for so long is gone


@dataclass(frozen=True, slots=True)
class Event:
    """One server-sent event; `message` is the reply that it carries."""

    name: str
    data: dict[str, Any]
    message: StoredMessage | None = None

    def encoded(self) -> bytes:
        """As it goes over the wire; replies carry the id that `Last-Event-ID` resumes from."""
        head = f"id: {self.message.id}\n" if self.message else ""
        return f"{head}event: {self.name}\ndata: {json.dumps(self.data, ensure_ascii=False)}\n\n".encode()


def replied(message: StoredMessage) -> Event:
    """The event `reply`."""
    return Event("reply", reply_json(message), message)


@dataclass(eq=False, slots=True)
class Stream:
    """One open page; None in the queue ends it.

    `known`: replies that were queued, `written`: those that it got. Not by the newest number: a process that is slower
    may commit a reply with a smaller one (PostgreSQL).
    """

    cookie: str
    address: str
    transport: asyncio.Transport | None
    known: set[int] = field(default_factory=set)
    written: set[int] = field(default_factory=set)
    queue: asyncio.Queue[Event | None] = field(default_factory=lambda: asyncio.Queue(MOST_QUEUED))

    def gone(self) -> bool:
        """The browser has closed its end."""
        return self.transport is None or self.transport.is_closing()

    def put(self, event: Event | None) -> None:
        """A page that does not read loses its stream; it comes back and asks for what it missed."""
        if event is not None and event.message is not None:
            if event.message.id in self.known:
                return
            self.known.add(event.message.id)
        if self.queue.full():
            while not self.queue.empty():
                self.queue.get_nowait()
            event = None
        self.queue.put_nowait(event)


class Hub:
    """All open streams of this process."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._streams: dict[str, list[Stream]] = {}

    def open(self, cookie: str, address: str, transport: asyncio.Transport | None) -> Stream:
        """A new stream. Raises Refused (429) for an address with too many, or with too many in all.

        Of one browser the oldest gives way: a phone that lost its network leaves streams behind that look alive.
        """
        self._sweep()
        mine = self._streams.setdefault(cookie, [])
        while len(mine) >= self._gate.streams_a_cookie:
            oldest = mine.pop(0)
            oldest.put(Event("moved", {}))
            oldest.put(None)
        theirs = sum(s.address == address for some in self._streams.values() for s in some)
        if theirs >= self._gate.streams_an_address or len(self) >= self._gate.streams:
            if not mine:
                del self._streams[cookie]
            raise Refused(429, "too_many_streams", "crowded", wait=MOST_WAITED)
        stream = Stream(cookie, address, transport)
        mine.append(stream)
        _notice_silence(transport)
        return stream

    def close(self, stream: Stream) -> None:
        """Forget a stream; again is harmless."""
        mine = self._streams.get(stream.cookie, [])
        if stream in mine:
            mine.remove(stream)
        if not mine:
            self._streams.pop(stream.cookie, None)

    def cookies(self) -> tuple[str, ...]:
        """Whose pages are open."""
        return tuple(self._streams)

    def publish(self, cookie: str, *events: Event) -> None:
        """To every open page of one browser, in this order."""
        for stream in self._streams.get(cookie, ()):
            for event in events:
                stream.put(event)

    def end(self, cookie: str | None = None) -> None:
        """End one browser's streams, or all."""
        for mine in [self._streams.get(cookie, [])] if cookie is not None else list(self._streams.values()):
            for stream in mine:
                stream.put(None)

    def _sweep(self) -> None:
        for stream in [s for mine in self._streams.values() for s in mine if s.gone()]:
            stream.put(None)
            self.close(stream)

    def __len__(self) -> int:
        return sum(len(mine) for mine in self._streams.values())


def _notice_silence(transport: asyncio.Transport | None) -> None:
    sock = transport.get_extra_info("socket") if transport else None
    if sock is not None and hasattr(socket, "TCP_USER_TIMEOUT") and sock.family in (socket.AF_INET, socket.AF_INET6):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENT_MS)


async def pump(
    stream: Stream, response: web.StreamResponse, sent: Callable[[list[StoredMessage]], Awaitable[None]]
) -> None:
    """Write what comes until the stream ends or the page goes; `sent` is told of every reply after it was written."""
    while True:
        try:
            event = await asyncio.wait_for(stream.queue.get(), HEARTBEAT_SECONDS)
        except TimeoutError:
            await response.write(b": still here\n\n")
            continue
        if event is None:
            return
        await write(stream, response, [event], sent)


async def write(
    stream: Stream,
    response: web.StreamResponse,
    events: list[Event],
    sent: Callable[[list[StoredMessage]], Awaitable[None]],
) -> None:
    """Write events, each reply once a stream."""
    fresh = [e for e in events if e.message is None or e.message.id not in stream.written]
    if not fresh:
        return
    await response.write(b"".join(e.encoded() for e in fresh))
    messages = [e.message for e in fresh if e.message is not None]
    if messages:
        stream.written.update(m.id for m in messages)
        await sent(messages)
