"""The web chat: a page for small phones, its JSON interface and its stream of replies."""

from bot.channels.web.chat import WebChat
from bot.channels.web.elsewhere import Elsewhere
from bot.channels.web.limits import Gate

__all__ = ["Elsewhere", "Gate", "WebChat"]
