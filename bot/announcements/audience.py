"""Who gets an announcement, through which contact, and who does not and why. Pure.

Reasons: no_consent, helper (waits for the person's own word), registered (has this class), no_contact (was entered at
the office or has no chat), web_only, not_connected, opted_out, unreachable, window (Zalo's windows are over), paid
(Zalo would charge for it), monthly_cap, language, same_contact (another person of the same phone gets it).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.announcements import waves
from bot.store.announcement_port import Announcement, Candidate, Planned, Reachable

MOST_A_MONTH = 8  # announcements to one contact within 30 days: people leave who are written to more
WEB = ("web", "terminal")
# The reason that helps most is shown: one contact that may be written to is enough.
_BY_HOPE = (
    "monthly_cap", "paid", "window", "unreachable", "opted_out", "language", "not_connected", "web_only",
    "no_contact",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Way:
    """What a channel says of writing to a contact: `why` is "" when it may be done; `paid`: the platform charges."""

    why: str = ""
    paid: bool = False


Ways = Callable[[Reachable, datetime], Way]  # a channel's own rules (`bot.channels.outreach`)


@dataclass(frozen=True, slots=True)
class Terms:
    """`lines`: the channel accounts that are connected; `ways`: what they allow; `here`: the class's commune.

    `near`: communes of its province; `free`: its free seats, None when they are not counted.
    """

    lines: frozenset[tuple[str, str]]
    ways: Ways
    here: str = ""
    near: frozenset[str] = frozenset()
    free: int | None = None


def planned(one: Announcement, candidates: Iterable[Candidate], terms: Terms, now: datetime) -> list[Planned]:
    """One row a person, those who get it first, in the order of the waves."""
    order = sorted(candidates, key=lambda c: waves.order(c, terms.here, terms.near))
    taken: set[int] = set()
    sent: list[tuple[Candidate, Reachable]] = []
    left: list[Planned] = []
    for candidate in order:
        contact, why = route(one, candidate, terms, now)
        if contact is not None and contact.id in taken:
            contact, why = None, "same_contact"
        if contact is None:
            left.append(Planned(candidate.person, None, "", "", "vi", 0, why))
        else:
            taken.add(contact.id)
            sent.append((candidate, contact))
    size = waves.size(terms.free) if one.waves else 0
    rows = [
        Planned(c.person, to.id, to.channel, to.account, to.language, waves.number(place, size))
        for place, (c, to) in enumerate(sent)
    ]
    return rows + left


def route(one: Announcement, who: Candidate, terms: Terms, now: datetime) -> tuple[Reachable | None, str]:
    """The contact that this person is written to at, else the reason."""
    if who.registered:
        return None, "registered"
    if who.waits_for_word:
        return None, "helper"
    if not who.agreed:
        return None, "no_consent"
    looked = [(contact, *_judged(one, contact, terms, now)) for contact in who.contacts]
    fine = [(contact, paid) for contact, why, paid in looked if not why]
    if fine:  # nothing to pay first, then where they were last
        return min(fine, key=lambda pair: (pair[1], -pair[0].seen_at.timestamp()))[0], ""
    reasons = {why for _contact, why, _paid in looked} or {"no_contact"}
    return None, min(reasons, key=_BY_HOPE.index)


def _judged(one: Announcement, to: Reachable, terms: Terms, now: datetime) -> tuple[str, bool]:
    """(why not, whether it is paid for)."""
    if to.stopped or one.kind in to.stopped_kinds:
        return "opted_out", False
    if to.channel in WEB:
        return "web_only", False
    if (to.channel, to.account) not in terms.lines:
        return "not_connected", False
    if one.language and to.language != one.language:
        return "language", False
    way = terms.ways(to, now)
    if way.why:
        return way.why, False
    if way.paid and not one.paid:
        return "paid", True
    if to.sent_lately >= MOST_A_MONTH:
        return "monthly_cap", False
    return "", way.paid
