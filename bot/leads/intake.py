"""What the desk and the shell do with a previewed workbook, and how a recipient is made: small steps over a unit."""

import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast, get_args

from bot.leads import webhook
from bot.leads.parcels import NAMED_BY_CONSENT
from bot.mail_server import plausible
from bot.model import BotError
from bot.store.people_port import Every, Planned, Recipient
from bot.store.sql_people import IntakeUnit
from intents.normalise import fold

GETS = ("link", "attached", "figures")


@dataclass(frozen=True, slots=True)
class Applied:
    """How many were put on the list, and how many rows there were written over."""

    added: int
    changed: int


def apply(
    unit: IntakeUnit,
    plan: Iterable[Planned],
    who: str,
    now: datetime,
    *,
    receipts: Callable[[], str],
    also: frozenset[int] = frozenset(),
) -> Applied:
    """Do what the plan says, within the caller's transaction.

    New rows are added, changed ones written over, the same and those of other communes left alone. Duplicates are left
    alone, too, unless their row number is in `also`: an officer has looked and says that it is somebody else.
    """
    added = changed = 0
    for planned in plan:
        if planned.fate == "changed":
            unit.intake.change(planned, who, now)
            changed += 1
        elif planned.fate == "new" or (planned.fate == "duplicate" and planned.row.row in also):
            unit.intake.add(planned.row, planned.row.receipt or receipts(), who, now)
            added += 1
    return Applied(added, changed)


def counted(plan: Sequence[Planned]) -> Mapping[str, int]:
    """How many rows have which fate."""
    return Counter(planned.fate for planned in plan)


def trade_of(names: Mapping[str, Iterable[str]]) -> Callable[[str], str]:
    """A trade's id by any of its names, tone marks or not; "" for one that is in no book."""
    by_name = {fold(name): trade for trade, said in names.items() for name in said}

    def found(name: str) -> str:
        folded = fold(name)
        return by_name.get(folded) or by_name.get(folded.removeprefix("nghe ").removeprefix("lop "), "")

    return found


def recipient(commune: str, name: str, address: str, every: str, gets: str) -> Recipient:
    """A recipient as an officer enters it; raises BotError saying what to mend.

    `gets`: "link" (to the list), "attached" (the list itself) or "figures". One that gets the list is a training
    provider, which the consent names; any other office gets figures.
    """
    if gets not in GETS:
        raise BotError(f"what the recipient gets: {gets}: give one of {', '.join(GETS)}.")
    if every not in get_args(Every):
        raise BotError(f"how often: {every}: give one of {', '.join(get_args(Every))}.")
    hook = address.startswith(("http://", "https://"))
    if hook and not webhook.allowed(address):
        raise BotError("the webhook's address: must be https, with a host and without a user name.")
    if not hook and not plausible(address):
        raise BotError("the recipient's address: is no e-mail address: write it as name@host.")
    if not name.strip() or len(name) > 200:
        raise BotError("the recipient's name: give one of up to 200 letters.")
    return Recipient(
        commune,
        name.strip(),
        address,
        way="webhook" if hook else "email",
        every=cast(Every, every),
        kind="office" if gets == "figures" else next(iter(NAMED_BY_CONSENT)),
        consent="" if gets == "figures" else "forward",
        attach=gets == "attached",
        secret=secrets.token_urlsafe(32) if hook else "",
    )
