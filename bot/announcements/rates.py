"""How fast each channel may be written to in bulk, and what a message costs: data with sources (`channels.toml`)."""

import math
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

MOST_BATCH = 200  # rows claimed at a time when nothing caps the channel
SLICE = 0.25  # seconds of a cap that are claimed at a time


@dataclass(frozen=True, slots=True)
class Rate:
    """Messages a second in bulk (None: no cap), how many at once on the wire, rows claimed at a time."""

    per_s: float | None
    width: int
    batch: int


@dataclass(frozen=True, slots=True)
class Price:
    """Đồng a message, 0 where it stands in the contract alone; where it was looked up and when."""

    vnd: int
    source: str
    checked_on: date
    note: str


def rate(channel: str) -> Rate:
    """Of a channel; an unknown one is treated as the most careful of the known."""
    data = _data()
    known = data.get(channel) or data["zalo_bot"]
    return capped(known["per_s"] * data["share"], known["width"])


def capped(per_s: float | None, width: int) -> Rate:
    """A rate with the batch that suits it."""
    if per_s is None:
        return Rate(None, width, MOST_BATCH)
    return Rate(per_s, width, max(1, min(MOST_BATCH, math.ceil(per_s * SLICE))))


def price(name: str) -> Price:
    """ "zalo_consult" or "zbs_template"."""
    return Price(**_data()["price"][name])


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((files("bot.announcements") / "channels.toml").read_text(encoding="utf-8"))
