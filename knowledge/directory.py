"""Trades, contacts and programmes of the past."""

from dataclasses import dataclass
from datetime import date

from knowledge.dated import Source, Text

# Families of trades; reports count those of fields, woods and waters apart.
GROUPS = (
    "crops", "livestock", "fishery", "forestry", "garment", "craft", "food", "construction", "mechanics", "electrical",
    "machinery", "office", "tourism", "care", "services",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trade:
    """An occupation that is taught. `names`: everyday names; `dialect`: regional ones; `leads_to`: the work after it.

    `levels`: the levels at which a place's policy supports it (`trung_cap`, `cao_dang`); empty: short courses
    (sơ cấp, under three months) as everywhere. `usual_length` only where a source gives it.
    """

    id: str
    name: Text
    group: str
    names: tuple[str, ...]
    dialect: tuple[str, ...]
    leads_to: Text
    usual_length: str = ""
    levels: tuple[str, ...] = ()
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to ask: an office, a site or a number. `phone` is the id of a parameter with unit `phone`."""

    id: str
    name: Text
    what: Text
    phone: str
    url: str
    topics: tuple[str, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class Superseded:
    """A programme, law or office of the past as people name it, and what stands in its place since `since`.

    `alone`: names that count only when the message is about nothing else ("huyện", "1956" may be a home or a year).
    `unless`: phrases that look like a name without tone marks but commonly mean something else ("có thể học nghề").
    """

    id: str
    names: tuple[str, ...]
    since: date
    text: Text
    topic: str
    sources: tuple[Source, ...]
    alone: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
