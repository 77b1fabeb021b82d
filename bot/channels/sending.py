"""What every channel with an outbox does alike: take messages, say how many are under way, send beside the outbox."""

from typing import Generic, Protocol, TypeVar

from bot.channels.inbound import Inbound
from bot.channels.outbox import Outbox, Outcome
from bot.store.port import StoredMessage


class Sends(Protocol):
    """One message onto the wire; never raises."""

    async def send(self, message: StoredMessage) -> Outcome:
        """Its fate."""


_Sender = TypeVar("_Sender", bound=Sends | None)


class WithOutbox(Generic[_Sender]):
    """The part of the port `Channel` that needs no platform. `_sender` is there once the channel has started."""

    name: str
    outbox: Outbox
    _inbound: Inbound
    _sender: _Sender

    def deliver(self, messages: tuple[StoredMessage, ...]) -> None:
        """Into the outbox, as replies are."""
        self.outbox.put(messages)

    def people(self) -> int:
        """Turns that are not through, answers that are not out."""
        return self._inbound.busy + self.outbox.waiting

    async def send(self, message: StoredMessage) -> Outcome:
        """Beside the outbox."""
        if self._sender is None:
            raise RuntimeError(f"{self.name}: a message before start(): start the channel first")
        return await self._sender.send(message)
