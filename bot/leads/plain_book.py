"""A table as a workbook: every cell a text, so that nothing somebody typed is a formula and no phone loses its zero."""

import os
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path

from bot.model import BotError

_WIDEST = 60


def write(path: Path, titles: Sequence[str], lines: Iterable[Sequence[str]]) -> int:
    """Write (mode 600, a file that is there is replaced); how many lines. Raises BotError when it cannot."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    from bot.leads.list_book import text

    book = Workbook(write_only=True)
    sheet = book.create_sheet("HocNghe")
    for column, title in enumerate(titles):
        sheet.column_dimensions[chr(ord("A") + column)].width = min(_WIDEST, max(14, len(title) + 6))
    done = -1
    for line in chain((titles,), lines):
        cells = []
        for value in line:
            cell = WriteOnlyCell(sheet, value=text(value) or None)
            if value:
                cell.data_type, cell.number_format = "s", "@"
            cells.append(cell)
        sheet.append(cells)
        done += 1
    try:
        path.unlink(missing_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        book.save(path)
    except OSError as fault:
        what = f"{path}: cannot be written: {fault.strerror}: choose another folder, close the file."
        raise BotError(what) from fault
    return done
