"""A program to be killed, loaded once: it becomes a child for each order, and says what becomes of it.

An order is a line of JSON on standard input; the next line says how the child ends.
"""

import json
import os
import sys
import traceback
from collections.abc import Callable

import intents.catalogue
from bot import wiring
from bot.app import App
from bot.model import Contact, Incoming
from bot.settings import Settings
from bot.store.memory import MemoryStore
from intents.recogniser import Recognition


class Deaf:
    """Understands no free text: the talks here are answers to a form, and training would take a minute."""

    def recognise(self, text: str) -> Recognition:
        return Recognition("unknown", ())


def tell(*words: object) -> None:
    """One line, at once and whole."""
    os.write(1, (" ".join(str(w) for w in words) + "\n").encode())


def serve(become: Callable[[dict, wiring.Understanding], None], end: Callable[[int, str], None]) -> None:
    """Load, take a turn so that all is warm, then one child an order.

    `become(order, mind)`: the child, which opens everything anew; `end(child, word)`: sends it the signal it is to get.
    """
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
        end(child, sys.stdin.readline().strip())  # not waited for yet: the number is still the child's own
        _, status = os.waitpid(child, 0)
        tell("ended", os.waitstatus_to_exitcode(status))
