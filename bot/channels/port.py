"""What serving asks of a channel that talks to a platform."""

from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from aiohttp import web

from bot.app import App
from bot.channels.inbound import runner
from bot.store.channel_port import ChannelStore
from bot.store.port import StoredMessage

if TYPE_CHECKING:
    from bot.channels.outbox import Outcome


@dataclass(frozen=True, slots=True)
class Line:
    """Whose messages are sent: a channel and our account there."""

    channel: str
    account: str


@dataclass(frozen=True, slots=True)
class Base:
    """What every channel is built on. `public_url`: where the program is reached from outside, "" when it is not.

    `doors`: whether messages come in here, by webhook or poller; a worker only sends.
    """

    app: App
    store: ChannelStore
    executor: Executor
    clock: Callable[[], datetime]
    public_url: str = ""
    doors: bool = True

    @property
    def run(self) -> Callable[..., Awaitable[Any]]:
        """`await run(work, *arguments)`: blocking work on the turns' executor."""
        return runner(self.executor)


class Channel(Protocol):
    """Routes before the server starts; work between start and stop."""

    name: str
    line: Line

    def setup(self, application: web.Application) -> None:
        """Add the webhook's route, if it has one."""

    async def start(self) -> None:
        """Begin: the outbox, the poller or the webhook's registration. A fault of the platform is told, not raised."""

    async def stop(self) -> None:
        """End in order: no more messages in, those on the wire to their end."""

    def deliver(self, messages: tuple[StoredMessage, ...]) -> None:
        """Committed messages that no message of the person's led to (notices): sent as soon as the channel can."""

    def people(self) -> int:
        """How many of people's own messages are under way: announcements let them go first."""

    async def send(self, message: StoredMessage) -> "Outcome":
        """One message onto the wire, now and beside the outbox (announcements); never raises."""

    def health(self) -> Mapping[str, Any]:
        """For /healthz: `ok`, `mode`, `trouble` (what a human has to do), `counts` (of what was sent).

        Never a token.
        """
