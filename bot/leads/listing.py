"""Who stands on a sheet and in which order, read in portions: a list of 100,000 never stands in memory as a whole."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.leads.columns import GROUP_ORDER, shown_group
from bot.model import LEAD_OVER
from bot.store.people_port import Key
from bot.store.port import LeadRecord
from bot.store.sql_people import SheetStore

PORTION = 500


@dataclass(frozen=True, slots=True)
class Listing:
    """A sheet's rows, grouped: `counts` of (commune, trade, target group) are known before the first row is read."""

    total: int
    counts: Mapping[tuple[str, str, str], int]
    records: Iterable[LeadRecord] = field(repr=False)
    leads: tuple[int, ...] = ()

    def of_trade(self, commune: str, trade: str) -> int:
        """People down for a trade in a commune."""
        return sum(n for (c, t, _), n in self.counts.items() if (c, t) == (commune, trade))


def everybody(key: Key) -> bool:
    """The commune's own list: everything on it, withdrawn ones too, so that a round trip loses nothing."""
    return bool(key.id)


def to_forward(consent: str) -> Callable[[Key], bool]:
    """Who may be shown to a recipient: agreed to `consent`, still on the list, and not waiting for their own word."""
    return lambda k: consent in k.agreed and k.verification != "waiting_person" and k.state not in LEAD_OVER


def read(
    store: SheetStore,
    communes: Sequence[str],
    keep: Callable[[Key], bool] = everybody,
    *,
    forwarded: bool = False,
) -> Listing:
    """The registrations of these communes that `keep` keeps, by commune, trade, target group and time."""
    found: list[tuple[str, str, int, int, str]] = []
    after = 0
    while True:
        with store.people() as unit:
            portion = unit.sheet.keys(communes, after=after)
        if not portion:
            break
        after = portion[-1].id
        for key in filter(keep, portion):
            group = shown_group(key.group, key.agreed, forwarded=forwarded)
            found.append((key.commune, key.trade_text, _rank(group), key.id, group))
    found.sort()
    counts = Counter((commune, trade, group) for commune, trade, _, _, group in found)
    leads = tuple(lead for _, _, _, lead, _ in found)
    return Listing(len(leads), counts, _records(store, leads), leads)


def of(records: Sequence[LeadRecord], *, forwarded: bool = False) -> Listing:
    """A listing of records that are in memory already."""

    def group(record: LeadRecord) -> str:
        return shown_group(str(record.details.get("target_group", "")), record.agreed, forwarded=forwarded)

    ordered = sorted(records, key=lambda r: (r.applicant.commune, r.trade_text, _rank(group(r)), r.registered_at))
    counts = Counter((r.applicant.commune, r.trade_text, group(r)) for r in ordered)
    return Listing(len(ordered), counts, ordered)


def _records(store: SheetStore, leads: Sequence[int]) -> Iterator[LeadRecord]:
    for start in range(0, len(leads), PORTION):
        with store.people() as unit:
            portion = unit.sheet.records(leads[start : start + PORTION])
        yield from portion


def _rank(group: str) -> int:
    return GROUP_ORDER.index(group) if group in GROUP_ORDER else len(GROUP_ORDER)
