"""What may still be sent to somebody on their channel, as the officer reads it: how long, at whose cost, or why not."""

from dataclasses import dataclass
from datetime import datetime

from bot.channels.zalo_oa.window import FREE, MARGIN, UNREACHABLE, WINDOW, may_send
from bot.i18n import Language
from bot.store.channel_port import Reach

ZALO_OA, WEB = "zalo_oa", "web"
_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Window:
    """`text` is shown; `open` False: nothing can be sent, the text says why; `warn`: it costs, or soon ends."""

    text: str
    open: bool = True
    warn: bool = False


def window(channel: str, reach: Reach, now: datetime, say: Language) -> Window:
    """Zalo's Official Account counts hours and replies; elsewhere only somebody who left cannot be reached."""
    if channel == ZALO_OA:
        return _zalo(reach, now, say)
    if reach.unreachable_at is not None:
        return Window(say.say("inbox.window.unreachable"), open=False, warn=True)
    if channel == WEB:
        return Window(say.say("inbox.window.web"), warn=True)
    return Window(say.say("inbox.window.none"))


def _zalo(reach: Reach, now: datetime, say: Language) -> Window:
    decided = may_send(reach, "reply", now)
    if decided.way == "free":
        hours = int((FREE - MARGIN - (now - reach.seen_at)).total_seconds() // _HOUR)
        text = say.say("inbox.window.free", n=hours) if hours else say.say("inbox.window.free_minutes")
        if decided.left is not None:
            text += say.say("inbox.window.left", n=decided.left)
        return Window(text, warn=hours < 6)
    if decided.way == "paid":
        hours = int((WINDOW - MARGIN - (now - reach.seen_at)).total_seconds() // _HOUR)
        return Window(say.say("inbox.window.paid", n=max(hours, 0)), warn=True)
    key = "unreachable" if decided.why.startswith(UNREACHABLE) else "over"
    return Window(say.say(f"inbox.window.{key}"), open=False, warn=True)
