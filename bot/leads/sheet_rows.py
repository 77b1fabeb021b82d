"""Rows of a worksheet written as text: openpyxl builds and walks an XML tree for every cell.

That, and its trying every cell as a value first, is half of what an export of a commune's list takes.
"""

from collections.abc import Iterable, Iterator
from typing import Any
from xml.sax.saxutils import escape

from openpyxl.utils import get_column_letter
from openpyxl.worksheet._writer import WorksheetWriter

_ATTRIBUTE = {'"': "&quot;"}


class RowWriter(WorksheetWriter):
    """As openpyxl's, for cells that hold a text or a whole number and have neither link nor comment."""

    def write_row(self, xf: Any, row: Any, row_idx: int) -> None:
        """One row. Where openpyxl writes through another library (lxml) it writes as it does by itself."""
        put = getattr(xf, "_file", None)
        if put is None:
            super().write_row(xf, row, row_idx)
            return
        sheet: Any = self.ws
        known = {"r": row_idx, **dict(sheet.row_dimensions.get(row_idx, {}))}
        attributes = "".join(f' {name}="{escape(str(value), _ATTRIBUTE)}"' for name, value in known.items())
        put(f"<row{attributes}>{''.join(map(_cell, row))}</row>")


def placed(cells: Iterable[Any], row: int) -> Iterator[Any]:
    """Cells of a row told where they stand; None is a gap. Takes the place of a sheet's `_values_to_row`."""
    for column, cell in enumerate(cells, 1):
        if cell is not None:
            cell.column, cell.row = column, row
            yield cell


def _cell(cell: Any) -> str:
    head = f'<c r="{get_column_letter(cell.column)}{cell.row}"' + (f' s="{cell.style_id}"' if cell.has_style else "")
    value = cell._value
    if value is None:
        return f"{head}/>"
    if isinstance(value, str):
        return f'{head} t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    return f'{head} t="n"><v>{int(value)}</v></c>'
