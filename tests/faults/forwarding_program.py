"""Forwards what is due until it is killed: `FOLDER PORT HALT MINUTES…`, as a process of its own.

HALT: "claimed" stands still when the first mail is about to go, "sent" when it was taken and nothing is marked yet,
"none" never. MINUTES: how far its clock is ahead at each look at what is due, by a runner of its own each time (a lease
of a killed process has to run out). Says "mail N" as each goes, and its settled figures after each look.
"""

import asyncio
import json
import os
import sys
import time
from datetime import timedelta
from pathlib import Path

from leads.mailbox import office, run
from store.factories import NOW, sqlite_store

from bot.leads.forwarding import Forwarder, NetWire
from bot.leads.mail import Mail
from bot.mail_server import MailServer


def tell(*words: object) -> None:
    """One line, at once and whole."""
    os.write(1, (" ".join(str(w) for w in words) + "\n").encode())


def halt(where: str) -> None:
    """Say where it is and wait to be killed."""
    tell("halted", where)
    time.sleep(60)
    raise SystemExit("nobody killed this program")


class Halting(NetWire):
    """The real wire, standing still where the test wants it."""

    def __init__(self, port: int, where: str) -> None:
        super().__init__(MailServer("127.0.0.1", port, "xa@mau.example", security="none"))
        self.where = where

    async def mail(self, letter: Mail) -> None:
        if self.where == "claimed":
            halt("claimed")
        await super().mail(letter)
        tell("mail", letter.id)
        if self.where == "sent":
            halt("sent")


async def main(folder: str, port: str, where: str, *minutes: str) -> None:
    store = sqlite_store(Path(folder) / "hocnghe.sqlite3")
    wire = Halting(int(port), where)
    for ahead in minutes:
        now = NOW + timedelta(minutes=int(ahead))
        await Forwarder(store, run, wire, office, lambda now=now: now).tick()
        with store.people() as unit:
            tell("figures", json.dumps(dict(unit.forwarding.counts())))


asyncio.run(main(*sys.argv[1:]))
