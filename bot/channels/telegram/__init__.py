"""Telegram: private chats with one bot, by polling or by a webhook."""

from bot.channels.telegram.channel import Account, Telegram

__all__ = ["Account", "Telegram"]
