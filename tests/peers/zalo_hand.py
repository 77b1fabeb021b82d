"""Chat through the peer from a terminal: your lines are a person's messages, what the program sends is printed."""

import argparse
import asyncio
import sys
import threading

from peers.zalo import ZaloPeer
from peers.zalo_ledger import Sent

HELP = """# Lines you type are messages. Also: /follow, /unfollow, /tap <title of a button>, /image, /location,
# /sticker, /info (answers request_user_info), /as <name> (be somebody else), /again (Zalo retries what failed)."""
SHARED = ("image", "location", "sticker", "voice", "unsupported")


def main() -> None:
    """The entry of `python -m tests.peers.zalo`."""
    parser = argparse.ArgumentParser(prog="python -m tests.peers.zalo", description=__doc__)
    parser.add_argument("product", nargs="?", choices=("bot", "oa"), default="oa")
    parser.add_argument(
        "--webhook", default="", help="URL of the program; oa: needed (default: port 8080), bot: else polling"
    )
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--name", default="An", help="who you are")
    given = parser.parse_args()
    try:
        asyncio.run(_talk(given.product, given.webhook, given.port, given.name))
    except KeyboardInterrupt:
        print()


async def _talk(product, webhook: str, port: int, name: str) -> None:
    lines: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def read() -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(lines.put_nowait, line.strip())
        loop.call_soon_threadsafe(lines.put_nowait, "/end")

    oa_webhook = webhook or "http://127.0.0.1:8080/webhooks/zalo-oa"
    async with ZaloPeer(product=product, oa_webhook=oa_webhook, echoes=True, port=port) as peer:
        if product == "bot" and webhook:
            peer.desk.set_webhook(webhook, peer.credentials.bot_secret)
        peer.ledger.watchers.append(_show)
        print(f"# Zalo ({product}) at {peer.url}. Start the program with:", flush=True)
        other = "ZALO_BOT" if product == "oa" else "ZALO_OA"  # also ZALO_OAUTH_URL
        for key, value in peer.environment().items():
            if other not in key:
                print(f"{key}={value}")
        print(HELP, flush=True)
        # A daemon, so that Ctrl-C does not wait for one more line.
        threading.Thread(target=read, daemon=True).start()
        while (line := await lines.get()) != "/end":
            if line.startswith("/as "):
                name = line[4:]
            elif line:
                await _do(peer, name, line)


async def _do(peer: ZaloPeer, name: str, line: str) -> None:
    word, _, rest = line.removeprefix("/").partition(" ")
    try:
        if not line.startswith("/"):
            done = await peer.says(name, line)
        elif word == "tap":
            done = await peer.taps(name, rest)
        elif word in SHARED:
            done = await peer.sends(name, word)
        elif word in ("follow", "unfollow"):
            done = await (peer.follow(name) if word == "follow" else peer.unfollow(name))
        elif word == "info":
            done = await peer.submits(name)
        elif word == "again":
            print(f"# tried again: {[d.status for d in await peer.mail.again()]}", flush=True)
            return
        else:
            print(HELP, flush=True)
            return
    except LookupError as fault:
        print(f"# {fault}", flush=True)
        return
    if not done.queued and done.status != 200:
        print(f"# not delivered: the program answered {done.status or 'nothing in time'} (/again retries)", flush=True)


def _show(sent: Sent) -> None:
    print(f"> [{sent.kind}] {sent.text}", flush=True)
    for button in sent.buttons:
        print(f">   [{button.title}] {button.type} {button.payload}", flush=True)
