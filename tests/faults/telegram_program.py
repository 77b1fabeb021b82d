"""The program serving Telegram, to be killed: loaded once, a child for each order (JSON) on standard input."""

import json
import os
import signal
import sys
import traceback
from datetime import UTC, datetime

from aiohttp import web
from faults.program import Deaf, tell

import intents.catalogue
from bot import demo, wiring
from bot.app import App
from bot.channels.telegram import sending
from bot.model import Contact, Incoming
from bot.serving import application
from bot.settings import Settings
from bot.store.memory import MemoryStore


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


def main() -> None:
    """Load, take a turn so that all is warm, then one child an order; the next line is "kill" or "end"."""
    intents.catalogue.build = lambda *_args, **_options: Deaf()
    mind = wiring.understanding(wiring.catalogue(), demo=True)
    warm = App(MemoryStore(), mind, wiring.catalogue(), wiring.clock(Settings()))
    warm.handle(Incoming("u1", Contact("web", "site", "warm"), warm.clock(), "chào em"))
    tell("loaded")
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                become(json.loads(line), mind)
            except BaseException:  # noqa: BLE001 - told, and the process ends
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        tell("child", child)
        word = sys.stdin.readline().strip()
        os.kill(child, signal.SIGKILL if word == "kill" else signal.SIGTERM)
        _, status = os.waitpid(child, 0)
        tell("ended", os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
