"""Tables of figures as the desk shows them, the workbook and the report hold them; small groups hidden where they must.

Beyond the commune a number below 5 of a sensitive group (NĐ 356/2025 Điều 4) could point at somebody: the cell says
"< 5", and the people in it are added to the last group ("not said"), so that no row gives the number away. A column's
sum is the true one, unless it hides a single cell: then it leaves that one out ("≥").
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.dialogue.details import SENSITIVE_GROUPS

LEAST = 5
SMALL = f"< {LEAST}"
Cell = str | int


@dataclass(frozen=True, slots=True)
class Table:
    """A heading, columns, rows; the last row is a sum where `summed`. `note`: what must be known to read it.

    The first `texts` columns are words, the others numbers.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    texts: int = 1
    note: str = ""
    summed: bool = False


def by_group(counts: Sequence[Mapping[str, int]], groups: Sequence[str], *, beyond: bool) -> list[tuple[Cell, ...]]:
    """A row of cells for each of the counts, then the sums; each row ends with its total. `groups` ends with ""."""
    rows = [_row(count, groups, beyond=beyond) for count in counts]
    total = sum(sum(count.values()) for count in counts)
    sums: dict[str, Cell] = {}
    for at, group in enumerate(groups):
        true = sum(count.get(group, 0) for count in counts)
        hidden = [count.get(group, 0) for count, row in zip(counts, rows, strict=True) if row[at] == SMALL]
        sums[group] = true
        if hidden and true < LEAST:
            sums[group] = SMALL
        elif len(hidden) == 1:
            sums[group] = f"≥ {true - hidden[0]}"
    if beyond:  # whoever is in a sum that is not told stands in the last one, as in the rows
        told = sum(n for group, n in sums.items() if group and isinstance(n, int))
        told += sum(int(n.removeprefix("≥ ")) for n in sums.values() if isinstance(n, str) and n != SMALL)
        sums[""] = total - told
    return [*rows, (*(sums[group] for group in groups), total)]


def _row(count: Mapping[str, int], groups: Sequence[str], *, beyond: bool) -> tuple[Cell, ...]:
    small = {g for g in SENSITIVE_GROUPS if beyond and 0 < count.get(g, 0) < LEAST}
    cells: dict[str, Cell] = {g: SMALL if g in small else count.get(g, 0) for g in groups}
    cells[""] = count.get("", 0) + sum(count[g] for g in small)
    return (*(cells[g] for g in groups), sum(count.values()))


def share(part: int, whole: int, nothing: str = "–") -> str:
    """ "83%"; `nothing` where there is no whole."""
    return f"{round(100 * part / whole)}%" if whole else nothing
