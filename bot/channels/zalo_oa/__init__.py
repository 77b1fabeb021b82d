"""The Official Account (docs/zalo.md, section 2): signed events in, consultation messages out."""

from bot.channels.zalo_oa.channel import CARD, Account, ZaloOa

__all__ = ["CARD", "Account", "ZaloOa"]
