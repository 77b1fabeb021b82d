"""Bars as numbers for an SVG that the template draws: no script, no picture from elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, TOP, HEIGHT, FOOT = 480, 24, 120, 28  # units of the drawing


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar with its number above (or beside) it and its name below (or before) it."""

    label: str
    value: int
    x: float
    y: float
    width: float
    height: float


def columns(values: Sequence[tuple[str, int]]) -> tuple[Bar, ...]:
    """Upright bars, evenly spaced, the highest as high as the drawing; a value above 0 is always seen."""
    most = max((v for _label, v in values), default=0) or 1
    step = WIDTH / max(1, len(values))
    bars = []
    for n, (label, value) in enumerate(values):
        height = max(3.0, HEIGHT * value / most) if value else 0.0
        bars.append(Bar(label, value, round(n * step + step * 0.15, 1), round(TOP + HEIGHT - height, 1),
                        round(step * 0.7, 1), round(height, 1)))  # fmt: skip
    return tuple(bars)


def rows(values: Sequence[tuple[str, int]]) -> tuple[Bar, ...]:
    """Lying bars under their names, one below another."""
    most = max((v for _label, v in values), default=0) or 1
    room = WIDTH - 60
    return tuple(
        Bar(label, value, 0, n * 46 + 22, round(max(3.0, room * value / most), 1) if value else 0, 16)
        for n, (label, value) in enumerate(values)
    )
