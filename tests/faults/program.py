"""A program that takes turns until it is killed; the fault tests start it as a process of its own.

Orders are those of stage.py (`Order`), the word after one is "kill" or "wait". The child says on standard output where
it is, and stands still where the order wants it.
"""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from faults.children import serve, tell

from bot import demo, wiring
from bot.app import App
from bot.model import Contact, Incoming
from bot.settings import Settings
from bot.store.port import Store, StoredMessage, UnitOfWork

CHANNEL, ACCOUNT = "web", "site"


class Halting:
    """The real store, but a marked transaction stands still when all is done but the commit."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.halt = False
        self.begun = 0

    @contextmanager
    def transaction(self) -> Iterator[UnitOfWork]:
        self.begun += 1
        with self.store.transaction() as unit:
            yield unit
            if self.halt:
                halt("commit")


def halt(where: str) -> None:
    """Say where it is and wait to be killed."""
    tell("halted", where)
    time.sleep(60)
    raise SystemExit("nobody killed this program")


class Platform:
    """The network's stand-in: what was sent and which updates were acknowledged, in files that outlive the program."""

    def __init__(self, folder: Path) -> None:
        self.sent, self.acknowledged = folder / "sent.log", folder / "acknowledged.log"

    def send(self, message: StoredMessage) -> None:
        _append(self.sent, f"{message.id} {message.contact.id} {message.update_id}")

    def acknowledge(self, contact: str, update: str) -> None:
        _append(self.acknowledged, f"{contact} {update}")


def _append(path: Path, line: str) -> None:
    with path.open("a") as file:
        file.write(f"{line}\n")


def obey(order: dict, app: App, store: Halting, platform: Platform) -> None:
    """Send what was left unsent, then take every update: handle, send, mark, acknowledge."""
    if order["resend"]:
        with store.transaction() as unit:
            left = unit.unsent(CHANNEL)
        _deliver(left, app, platform)
    tell("started")
    for contact, update, said in order["updates"]:
        stop = order["halt"] if [contact, update] == order["halt_at"] else ""
        store.halt, store.begun = stop == "commit", 0
        tapped = said if ":" in said else None
        incoming = Incoming(update, Contact(CHANNEL, ACCOUNT, contact), app.clock(), "" if tapped else said, tapped)
        handled = app.handle(incoming)
        again = "again" if handled.duplicate else "new"
        tell("handled", contact, update, again, *(m.id for m in handled.messages), "in", store.begun)
        if stop == "send":
            halt("send")
        _deliver(handled.messages, app, platform)
        platform.acknowledge(contact, update)


def _deliver(messages: tuple[StoredMessage, ...], app: App, platform: Platform) -> None:
    for message in messages:
        if message.sent_at is None:
            platform.send(message)
    app.sent(messages)


def become(order: dict, mind: wiring.Understanding) -> None:
    """The child: open everything anew, as a program that starts."""
    folder = Path(order["folder"])
    store = Halting(wiring.open_store(Settings(data_dir=folder)))
    with store.transaction() as unit:
        demo.seed(unit, datetime.now(UTC))
    clock = wiring.clock(Settings())
    obey(order, App(store, mind, wiring.catalogue(), clock), store, Platform(folder))


def end(child: int, word: str) -> None:
    """ "kill", or "wait" until it is through."""
    if word == "kill":
        os.kill(child, signal.SIGKILL)


if __name__ == "__main__":
    serve(become, end)
