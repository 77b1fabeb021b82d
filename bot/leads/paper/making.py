"""A paper made in a process of its own: its libraries take 70 MB, which the server shall not hold on to."""

import asyncio
import json
import sys
from collections.abc import Mapping
from weakref import WeakKeyDictionary

from bot.model import BotError

AT_ONCE = 2
PATIENCE = 30.0  # seconds; a second on an office PC
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


class PaperFault(BotError):
    """The paper could not be made; nothing of what stands on it is in the message."""


def printable(known: Mapping[str, str]) -> dict[str, str]:
    """Values without the characters that fit no file."""
    return {name: "".join(c for c in value if c.isprintable()) for name, value in known.items()}


async def make(kind: str, known: Mapping[str, str], title: str) -> bytes:
    """The file ("pdf" or "docx"). What stands on it goes by a pipe, never by the command line. Raises PaperFault."""
    asked = json.dumps({"known": printable(known), "title": title}).encode()
    loop = asyncio.get_running_loop()
    async with _turns.setdefault(loop, asyncio.Semaphore(AT_ONCE)):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot.leads.paper", kind,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            made, _ = await asyncio.wait_for(process.communicate(asked), PATIENCE)
        except BaseException:  # too slow, or the browser went away
            process.kill()
            await process.wait()
            raise
    if process.returncode != 0 or not made:
        raise PaperFault(
            f"paper {kind}: its process ended with {process.returncode}: is the package whole? (pip check)"
        )
    return made
