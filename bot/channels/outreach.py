"""What each channel says of writing to somebody unasked: the platforms' own rules, for announcements and reminders."""

from collections.abc import Mapping
from datetime import datetime

from bot.announcements.audience import Terms, Way
from bot.announcements.steps import TermsOf
from bot.channels.zalo_oa import window
from bot.channels.zalo_oa.window import Decision
from bot.leads.following import Answer
from bot.store.announcement_port import Announcement, Reachable
from bot.store.channel_port import Reach
from bot.store.sql_announcing import Announcing

ZALO_OA = "zalo_oa"
# Telegram and the Zalo bot take a message to whoever has written to them and not left. The web page is a screen that
# others sit at: never.
ANY_TIME = frozenset({"telegram", "zalo_bot"})


def decided(channel: str, reach: Reach, now: datetime) -> Decision:
    """The one rule for reminders and announcements. `now` is local."""
    if channel == ZALO_OA:
        return window.may_send(reach, "announcement", now)
    if channel not in ANY_TIME or reach.unreachable_at is not None:
        return Decision("no", window.UNREACHABLE)
    if reach.paused_until is not None and reach.paused_until > now:
        return Decision("later", "an officer is writing", not_before=reach.paused_until)
    return Decision("free", "")


def unasked(channel: str, reach: Reach, now: datetime) -> Answer:
    """Whether a chat may be reminded, at no cost. While an officer is writing: later, whatever else is so."""
    if reach.paused_until is not None and reach.paused_until > now:
        return "later"
    way = decided(channel, reach, now).way
    return "yes" if way == "free" else "later" if way == "later" else "no"


def ways(to: Reachable, now: datetime) -> Way:
    """Whether an announcement may go there. Later (an officer is writing, night) is no reason: its row waits."""
    reach = Reach(to.seen_at, None, to.unreachable_at, to.unreachable_why, to.paused_until, to.quota)
    found = decided(to.channel, reach, now)
    if found.way in ("free", "paid", "later"):
        return Way(paid=found.way == "paid")
    return Way("window" if found.why.startswith(window.SILENT) or found.way == "template" else "unreachable")


def terms_of(lines: frozenset[tuple[str, str]], communes: Mapping[str, tuple[str, str]]) -> TermsOf:
    """What an audience is judged by. `communes`: code -> (name, province's code)."""

    def made(unit: Announcing, one: Announcement) -> Terms:
        course = unit.course(one.course)
        here = course.commune if course else one.communes[0]
        province = communes.get(here, ("", ""))[1]
        near = frozenset(code for code, (_name, of) in communes.items() if of == province)
        return Terms(lines, ways, here, near, unit.free(one.course))

    return made
