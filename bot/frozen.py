"""`replace` for frozen dataclasses, in half the time: a turn changes a dozen of them."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

_T = TypeVar("_T")


@cache
def _parts(kind: Any) -> tuple[Callable[[Any], Any], Mapping[str, int]]:
    """What reads all fields at once, and where each of them stands."""
    names = [f.name for f in fields(kind)]
    return attrgetter(*names), {name: at for at, name in enumerate(names)}


def replace(thing: _T, /, **changes: Any) -> _T:
    """As `dataclasses.replace`, for classes of two fields and more, all of them arguments; KeyError for no field."""
    kind: Any = type(thing)
    read, places = _parts(kind)
    values = list(read(thing))
    for name, value in changes.items():
        values[places[name]] = value
    made: _T = kind(*values)
    return made
