"""Before it is sent: how many get it, who does not and why, how long it takes, what it costs. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot import hours
from bot.announcements import waves
from bot.announcements.rates import Price, price, rate
from bot.effects import Json
from bot.store.announcement_port import Announcement, Planned

APPROVAL_FROM = 500  # people: from then on a second officer looks at it


@dataclass(frozen=True, slots=True)
class Preflight:
    """`channels`: people by channel; `reasons`: who does not get it; `waves`: their sizes.

    `begins`, `ends`: local; with waves `ends` is the first wave's. `templates`: people outside Zalo's windows whom only
    a paid template could reach, at `template_price` each.
    """

    people: int
    channels: Mapping[str, int]
    reasons: Mapping[str, int]
    waves: tuple[int, ...]
    begins: datetime
    ends: datetime
    seconds: float
    paid: int
    templates: int
    consult_price: Price
    template_price: Price
    approval: bool

    @property
    def left_out(self) -> int:
        """Those who do not get it."""
        return sum(self.reasons.values())

    def to_json(self) -> dict[str, Json]:
        """For `hocnghe announce --json`."""
        return {
            "recipients": self.people,
            "channels": dict(self.channels),
            "excluded": dict(self.reasons),
            "waves": list(self.waves),
            "begins": self.begins.isoformat(),
            "first_wave_ends" if len(self.waves) > 1 else "ends": self.ends.isoformat(),
            "seconds": round(self.seconds, 1),
            "paid_messages": self.paid,
            "needs_approval": self.approval,
        }


def looked_at(one: Announcement, rows: Iterable[Planned], now: datetime) -> Preflight:
    """The figures of a plan, before or after it is frozen. `now` is local."""
    channels: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    sizes: Counter[int] = Counter()
    first: Counter[str] = Counter()
    for row in rows:
        if row.why:
            reasons[row.why] += 1
            continue
        channels[row.channel] += 1
        sizes[row.wave] += 1
        first[row.channel] += row.wave == 1
    seconds = max((n / (rate(channel).per_s or n or 1) for channel, n in first.items()), default=0.0)
    begins = hours.next_awake(max(one.start_at.astimezone(now.tzinfo), now) if one.start_at else now)
    people = sum(channels.values())
    return Preflight(
        people=people,
        channels=dict(channels),
        reasons=dict(reasons.most_common()),
        waves=tuple(sizes[n] for n in sorted(sizes)),
        begins=begins,
        ends=hours.lasts(begins, seconds),
        seconds=seconds,
        paid=reasons["paid"] if not one.paid else 0,
        templates=reasons["window"],
        consult_price=price("zalo_consult"),
        template_price=price("zbs_template"),
        approval=people >= APPROVAL_FROM,
    )


def wave_gap() -> float:
    """Hours between two waves."""
    return waves.PAUSE.total_seconds() / 3600
