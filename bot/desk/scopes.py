"""Whose people an officer sees and may change, by role and places."""

from bot.store.desk_port import Officer, Scope
from intents.places import PlaceBook
from knowledge.dated import PROVINCE_DIGITS


def scope_of(officer: Officer, book: PlaceBook) -> Scope:
    """An officer: their communes. A coordinator: all communes of their provinces, changing only those not served."""
    if officer.role == "admin":
        return Scope(None)
    own = frozenset(p for p in officer.places if len(p) != PROVINCE_DIGITS)
    if officer.role == "officer":
        return Scope(own)
    provinces = {p for p in officer.places if len(p) == PROVINCE_DIGITS} | {
        book.communes.get(c, ("", ""))[1] for c in own
    }
    there = frozenset(code for code, (_name, province) in book.communes.items() if province in provinces)
    return Scope(there, helpers=False, writes="unserved")
