"""The Zalo Bot Platform (docs/zalo.md, section 1): a bot of a personal account, made in minutes."""

from bot.channels.zalo_bot.channel import Account, ZaloBot

__all__ = ["Account", "ZaloBot"]
