"""What may still be sent to somebody, and at whose cost: pure, over what the store knows of them.

Zalo counts from the person's last interaction: 48 hours free (as many replies as it says are left), then paid until
seven days are over, then approved templates alone. What is left of the free replies is read in Zalo's answers, never
guessed: before the first answer of a window nothing is known (docs/zalo.md, section 3).
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal

from bot.store.channel_port import Reach

# reply: in a talk that the person leads; announcement: a consultation message of ours; uid, phone: a ZBS template.
Kind = Literal["reply", "announcement", "template_uid", "template_phone"]
# free: a consultation message that costs nothing; paid: one from the package; template: only a template reaches them;
# later: not before `not_before`; no: not at all.
Way = Literal["free", "paid", "template", "later", "no"]

FREE, WINDOW = timedelta(hours=48), timedelta(days=7)
# An event that Zalo delivers late is noted as seen when it comes: at most its last retry after one hour.
MARGIN = timedelta(hours=1, minutes=15)
NIGHT_ENDS, NIGHT_BEGINS = time(6, 5), time(22)  # templates; five minutes for clocks and the morning's rush
SILENT, UNREACHABLE = "no interaction in 7 days", "unreachable"  # how the reports of a decision begin
OUT_OF_WINDOW = ("template -",)  # reasons for unreachable that a template can get round


@dataclass(frozen=True, slots=True)
class Decision:
    """`left`: free replies left as Zalo said, None where it did not. `why` is a word for a report."""

    way: Way
    why: str
    left: int | None = None
    not_before: datetime | None = None


def may_send(reach: Reach | None, kind: Kind, at: datetime, *, templates: bool = False) -> Decision:
    """`at` is local (its hours are night or not); `templates`: whether they are switched on here.

    A template by phone may go to somebody whom the channel has never seen (`reach` None). Raises nothing.
    """
    if refusal := _unwanted(reach, kind, at):
        return refusal
    if kind in ("template_uid", "template_phone"):
        return _template(at, "asked for") if templates else Decision("no", "templates are switched off")
    if reach is None:
        return Decision("no", "never seen")
    since = at - reach.seen_at + MARGIN
    if since > WINDOW or reach.unreachable_why.startswith(OUT_OF_WINDOW):
        why = SILENT
        return _template(at, why) if templates else Decision("no", f"{why}; templates are switched off")
    if since > FREE:
        return Decision("paid", "48 hours are over")
    fresh = reach.quota is not None and reach.quota.read_at >= reach.seen_at
    left = reach.quota.left if reach.quota is not None and fresh else None
    if left == 0:
        return Decision("paid", "the free replies are used up", 0)
    return Decision("free", "within 48 hours", left)


def _unwanted(reach: Reach | None, kind: Kind, at: datetime) -> Decision | None:
    """What the person, or an officer who is writing to them, stands against."""
    if reach is None:
        return None
    if reach.unreachable_at is not None and not reach.unreachable_why.startswith(OUT_OF_WINDOW):
        return Decision("no", f"{UNREACHABLE}: {reach.unreachable_why}")
    if kind == "reply":
        return None
    if reach.stopped_at is not None:
        return Decision("no", "wants no announcements")
    if reach.paused_until is not None and reach.paused_until > at:
        return Decision("later", "an officer is writing", not_before=reach.paused_until)
    return None


def _template(at: datetime, why: str) -> Decision:
    """Never at night: the morning's first moment instead."""
    if NIGHT_ENDS <= at.time() < NIGHT_BEGINS:
        return Decision("template", why)
    return Decision("later", "night", not_before=next_morning(at))


def next_morning(at: datetime) -> datetime:
    """The first moment after `at` at which a night has ended."""
    day = at.date() + timedelta(days=at.time() >= NIGHT_ENDS)
    return datetime.combine(day, NIGHT_ENDS, at.tzinfo)
