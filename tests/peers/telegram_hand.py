"""Chat through the peer from a terminal: your lines are a person's messages, what the program sends is printed."""

import argparse
import asyncio
import sys
import threading

from peers.telegram import TelegramPeer
from peers.telegram_state import Sent

PERSON = 9000001
HELP = """Lines you type are messages. Also: /tap LABEL (an inline button or a key), /contact (your own number),
/other (somebody else's contact), /voice, /photo, /sticker, /location, /block, /unblock, /as NUMBER (be somebody
else), /end. /start and other commands go to the program as they are."""
MEDIA = ("voice", "photo", "sticker")


def main() -> None:
    """The entry of `python -m tests.peers.telegram`."""
    parser = argparse.ArgumentParser(prog="python -m tests.peers.telegram", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    try:
        asyncio.run(_talk(given.port))
    except KeyboardInterrupt:
        print()


async def _talk(port: int) -> None:
    lines: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def read() -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(lines.put_nowait, line.strip())
        loop.call_soon_threadsafe(lines.put_nowait, "/end")

    person = PERSON
    async with TelegramPeer(port=port) as peer:
        peer.world.watchers.append(_show)
        print(f"# Telegram at {peer.url}. Start the program with:", flush=True)
        for key, value in peer.environment().items():
            print(f"{key}={value}")
        print(f"# {HELP}".replace("\n", "\n# "), flush=True)
        # A daemon, so that Ctrl-C does not wait for one more line.
        threading.Thread(target=read, daemon=True).start()
        while (line := await lines.get()) != "/end":
            word, _, rest = line.partition(" ")
            if word == "/as" and rest.isascii() and rest.isdigit():
                person = int(rest)
            elif line:
                await _do(peer, person, line)


async def _do(peer: TelegramPeer, person: int, line: str) -> None:
    word, _, rest = line.removeprefix("/").partition(" ")
    other = {
        "contact": peer.shares_contact,
        "location": peer.shares_location,
        "block": peer.blocks,
        "unblock": peer.unblocks,
    }
    try:
        if not line.startswith("/"):
            await peer.says(person, line)
        elif word == "tap":
            await peer.taps(person, rest)
        elif word == "other":
            await peer.shares_contact(person, own=False)
        elif word in MEDIA:
            await peer.sends(person, word)
        elif word in other:
            await other[word](person)
        else:
            await peer.says(person, line)
    except (LookupError, ValueError) as fault:
        print(f"# {fault}", flush=True)


def _show(sent: Sent) -> None:
    kind = {"sendMessage": "", "sendPhoto": "[photo] "}.get(sent.method, "[edited] ")
    print(f"> {kind}{sent.text}", flush=True)
    if sent.keyboard:
        if sent.keyboard.kind == "remove":
            print(">   (keys removed)", flush=True)
        for row in sent.keyboard.rows:
            print(">   " + " ".join(f"[{b.label}]" for b in row) + f"  {sent.keyboard.kind}", flush=True)
