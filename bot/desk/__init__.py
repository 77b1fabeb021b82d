"""The officers' desk: plain pages drawn on the server, for an old office PC and for a phone."""

from bot.desk.desk import Desk, DeskSettings

__all__ = ["Desk", "DeskSettings"]
