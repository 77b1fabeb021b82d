"""`replace` for frozen dataclasses, in a third of the time: a turn changes a dozen of them."""

from dataclasses import fields
from functools import cache
from typing import Any, TypeVar

_T = TypeVar("_T")


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind))


def replace(thing: _T, /, **changes: Any) -> _T:
    """As `dataclasses.replace`, for classes all of whose fields are arguments; TypeError for an unknown field."""
    kind: Any = type(thing)
    values = {name: getattr(thing, name) for name in _names(kind)}
    values.update(changes)
    made: _T = kind(**values)
    return made
