"""Trades and places as plain data: `intents` knows no other package, so they are handed in."""

from collections.abc import Mapping
from dataclasses import dataclass

from intents.places import PlaceBook


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """`trades`: id -> (canonical name, everyday names…)."""

    trades: Mapping[str, tuple[str, ...]]
    places: PlaceBook
