"""The program serving Telegram, to be killed; see children.py."""

import os
import signal
from datetime import UTC, datetime

from aiohttp import web
from faults.children import serve, tell

from bot import demo, wiring
from bot.app import App
from bot.channels.telegram import sending
from bot.serving import application
from bot.settings import Settings


def become(order: dict, mind: wiring.Understanding) -> None:
    """The child: everything opened anew, served until it is killed or told to end."""
    settings = Settings(**order["settings"])
    sending.APART = order["apart"]
    store = wiring.open_store(settings)
    with store.transaction() as unit:
        demo.seed(unit, datetime.now(UTC))
    clock = wiring.clock(settings)
    app = App(store, mind, wiring.catalogue(), clock)
    house = wiring.House(settings, store, app, mind, wiring.catalogue(), clock)
    site = application(house, ready=lambda: tell("ready"))
    web.run_app(site, host="127.0.0.1", port=order["port"], print=None, access_log=None, shutdown_timeout=1)


def end(child: int, word: str) -> None:
    """ "kill", or "end" in order."""
    os.kill(child, signal.SIGKILL if word == "kill" else signal.SIGTERM)


if __name__ == "__main__":
    serve(become, end)
