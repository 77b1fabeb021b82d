"""The commune's list as a workbook an officer opens in Excel: text phones, no formulas, A4 landscape, lines to sign.

What stands in it is said here, row by row as it is read; `list_book` draws it, in a process of its own.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

from bot import apart
from bot.i18n import Language
from bot.leads import WORK
from bot.leads import listing as listings
from bot.leads.columns import GROUP_ORDER, PRINTED, WIDTHS, cells
from bot.leads.listing import Listing
from bot.store.port import LeadRecord

HEADING_ROW = 4
Line = tuple[str, Any]  # as `list_book.draw` reads them


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above the list. `communes`: code -> name; with several, each has a heading row of its own.

    `forwarded`: for somebody outside the commune; sensitive columns and what only officers need stay empty.
    """

    communes: Mapping[str, str]
    on: date
    say: Language
    forwarded: bool = False

    @property
    def title(self) -> str:
        """The commune, or how many."""
        names = list(self.communes.values())
        return names[0] if len(names) == 1 else self.say.say("sheet.communes", n=len(names))


def write(path: Path, records: Sequence[LeadRecord], *, commune: str, on: date, say: Language) -> None:
    """One commune's list of records that are in memory. Overwrites `path`; mode 600."""
    code = records[0].applicant.commune if records else ""
    stream(path, listings.of(records), Head({code: commune}, on, say))


def stream(path: Path, listing: Listing, head: Head, progress: Callable[[int], None] = lambda _done: None) -> int:
    """Write the list row by row and the figures after it; how many people. `path` is whole or as it was; mode 600.

    `progress` is told how many rows are done, every 500. Raises OSError where the file cannot be written, ApartFault.
    """
    done = 0

    def told(number: int) -> None:
        nonlocal done
        done = number
        progress(number)

    _draw(path, lines(listing, head, told))
    return done


def figures(path: Path, listing: Listing, head: Head) -> None:
    """How many people want which trade, without anybody's name: for recipients that no consent names."""
    _draw(path, _figures(listing, head))


def lines(listing: Listing, head: Head, progress: Callable[[int], None]) -> Iterator[Line]:
    """The list and the figures."""
    yield from _list(listing, head, progress)
    yield from _figures(listing, head)


def _draw(path: Path, told: Iterable[Line]) -> None:
    """Saved as `path` when all went well. What is half written stands in a folder beside it (mode 700, `WORK` in its
    name), not in the machine's temporary folder: a killed program leaves names where they are swept.
    """
    begun = time.time()
    with (
        tempfile.TemporaryDirectory(prefix=WORK, dir=path.parent) as folder,
        apart.work("bot.leads.list_book:write", folder, fed=True) as drawing,
    ):
        for line in chain(told, [("saved", "")]):
            drawing.feed(apart.line(line))
        saved = Path(os.fsdecode(drawing.made()))
        os.utime(saved, (begun, begun))  # whoever is erased from now on may be in it: `jobs.sweep_exports`
        saved.replace(path)


def _list(listing: Listing, head: Head, progress: Callable[[int], None]) -> Iterator[Line]:
    say = head.say.say
    columns = [say(f"sheet.column.{key}") for key in WIDTHS]
    yield _sheet(head, ("sheet.title", "sheet.heading"), columns, list(WIDTHS.values()), over=len(PRINTED))
    row, number, place, trade = HEADING_ROW, 0, "", None
    for number, record in enumerate(listing.records, 1):
        commune = record.applicant.commune
        if commune != place and len(head.communes) > 1:
            yield "bold", head.communes.get(commune, commune)
            row, trade = row + 1, None
        place = commune
        if record.trade_text != trade:
            trade = record.trade_text
            yield "bold", say("sheet.trade", trade=trade, n=listing.of_trade(commune, trade))
            row += 1
        yield "person", cells(record, number, head.say, forwarded=head.forwarded)
        row += 1
        if number % listings.PORTION == 0:
            progress(number)
    progress(number)
    yield from _to_sign(head)
    yield "ends", (len(PRINTED), row + 6)


def _sheet(head: Head, titles: tuple[str, str], columns: Sequence[str], widths: Sequence[int], *, over: int) -> Line:
    """A sheet's beginning; `titles`: texts of its name and of its heading, `over` so many columns."""
    say = head.say.say
    name, heading = map(say, titles)
    as_of = say("sheet.as_of", day=head.say.short_day(head.on))
    top = (say("sheet.office", commune=head.title), heading, as_of)
    return "sheet", {"title": name, "head": top, "over": over, "columns": columns, "widths": widths}


def _to_sign(head: Head) -> Iterator[Line]:
    say = head.say.say
    gap = [None] * (len(PRINTED) // 2 + 1)
    yield "cells", []
    for left, right, style in (
        (say("sheet.made_by"), say("sheet.signed_by"), "bold"),
        (say("sheet.sign_here"), say("sheet.sign_here"), "italic"),
    ):
        yield "cells", [None, (left, style), *gap, (right, style)]


def _figures(listing: Listing, head: Head) -> Iterator[Line]:
    """People per trade and target group; groups that nobody is in are left out."""
    say = head.say.say
    present = {group for _, _, group in listing.counts}
    groups = [g for g in GROUP_ORDER if g in present]
    labels = [say(f"group.{g}") if g else say("sheet.figures.unsaid") for g in groups]
    several = len(head.communes) > 1
    first, wide = ([say("sheet.figures.place")], [22]) if several else ([], [])
    columns = [*first, say("sheet.column.trade"), *labels, say("sheet.figures.total")]
    widths = [*wide, 26, *(13 for _ in groups), 10]
    yield _sheet(head, ("sheet.figures.title", "sheet.figures.heading"), columns, widths, over=len(columns))
    for commune, trade in sorted({(c, t) for c, t, _ in listing.counts}):
        counts = [listing.counts.get((commune, trade, g), 0) for g in groups]
        names = [head.communes.get(commune, commune), trade] if several else [trade]
        yield "person", [*names, *counts, sum(counts)]
    sums = [sum(n for (_, _, g), n in listing.counts.items() if g == group) for group in groups]
    lead = ["", say("sheet.figures.total")] if several else [say("sheet.figures.total")]
    yield "person", [*lead, *sums, listing.total]
    yield "ends", (len(columns), HEADING_ROW + 1 + len(listing.counts))
