"""The Official Account (zalo.md §2–§4): signed events in, consultation messages out."""

from bot.channels.zalo_oa.channel import CARD, Account, ZaloOa

__all__ = ["CARD", "Account", "ZaloOa"]
