"""The floors: `python -m bot.bench.echoes ptb|aiohttp PORT STUB_URL` answers every text with itself."""

import asyncio
import sys
from typing import Any

from aiohttp import ClientSession, web

from bot.bench.updates import SECRET, TOKEN

PATH = "/webhooks/telegram"


def ptb(port: int, stub: str) -> None:
    """python-telegram-bot behind its own webhook, with its default settings."""
    from telegram import Update
    from telegram.ext import Application, MessageHandler, filters

    async def echo(update: Update, _context: Any) -> None:
        if update.effective_message is not None:
            await update.effective_message.reply_text(update.effective_message.text or "")

    built = Application.builder().token(TOKEN).base_url(f"{stub}/bot").build()
    built.add_handler(MessageHandler(filters.TEXT, echo))
    built.run_webhook(
        listen="127.0.0.1",
        port=port,
        url_path=PATH.removeprefix("/"),
        webhook_url=f"https://127.0.0.1:{port}{PATH}",
        secret_token=SECRET,
    )


def bare(port: int, stub: str) -> None:
    """aiohttp on both sides, and nothing between: the least that a turn through the API can cost in Python."""
    asyncio.set_event_loop(asyncio.new_event_loop())

    async def hook(request: web.Request) -> web.Response:
        message = (await request.json())["message"]
        body = {"chat_id": message["chat"]["id"], "text": message["text"]}
        async with request.app[client].post(f"{stub}/bot{TOKEN}/sendMessage", json=body) as answer:
            await answer.read()
        return web.Response()

    async def session(site: web.Application) -> Any:
        async with ClientSession() as opened:
            site[client] = opened
            yield

    client = web.AppKey("client", ClientSession)
    site = web.Application()
    site.router.add_post(PATH, hook)
    site.cleanup_ctx.append(session)
    web.run_app(site, host="127.0.0.1", port=port, print=None, access_log=None)


if __name__ == "__main__":
    {"ptb": ptb, "aiohttp": bare}[sys.argv[1]](int(sys.argv[2]), sys.argv[3])
