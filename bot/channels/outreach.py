"""What each channel says of writing to somebody unasked: the platforms' own rules, for an announcement's audience."""

from collections.abc import Mapping
from datetime import datetime

from bot.announcements.audience import Terms, Way
from bot.announcements.steps import TermsOf
from bot.channels.zalo_oa import window
from bot.store.announcement_port import Announcement, Reachable
from bot.store.channel_port import Reach
from bot.store.sql_announcing import Announcing

ZALO_OA = "zalo_oa"
_LATER = "later"  # an officer is writing, night: its row waits


def ways(to: Reachable, now: datetime) -> Way:
    """`now` is local. Telegram and the Zalo bot take a message to whoever has written to them and not left."""
    if to.channel == ZALO_OA:
        return _zalo(to, now)
    return Way("unreachable") if to.unreachable_at is not None else Way()


def _zalo(to: Reachable, now: datetime) -> Way:
    reach = Reach(to.seen_at, None, to.unreachable_at, to.unreachable_why, to.paused_until, to.quota)
    decided = window.may_send(reach, "announcement", now)
    if decided.way in ("free", "paid", _LATER):
        return Way(paid=decided.way == "paid")
    return Way("window" if "7 days" in decided.why or decided.way == "template" else "unreachable")


def terms_of(lines: frozenset[tuple[str, str]], communes: Mapping[str, tuple[str, str]]) -> TermsOf:
    """What an audience is judged by. `communes`: code -> (name, province's code)."""

    def made(unit: Announcing, one: Announcement) -> Terms:
        course = unit.course(one.course)
        here = course.commune if course else one.communes[0]
        province = communes.get(here, ("", ""))[1]
        near = frozenset(code for code, (_name, of) in communes.items() if of == province)
        return Terms(lines, ways, here, near, unit.free(one.course))

    return made
