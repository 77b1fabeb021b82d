"""Reading what a platform posts: any JSON may come, of any shape; nothing here raises."""

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

MOST_TEXT = 4000
LONGEST_UPDATE = 80  # as the store keeps it


def part(body: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The object under a key, an empty one when there is none."""
    value = body.get(key)
    return value if isinstance(value, dict) else {}


def text(value: Any) -> str:
    """A string, cut; "" for anything else."""
    return value[:MOST_TEXT] if isinstance(value, str) else ""


def ident(value: Any) -> str:
    """An id: a string, or the number that some library made of it; "" for what can be none."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**40:
        return str(value)
    return value if isinstance(value, str) and re.fullmatch(r"[!-~]{1,200}", value) else ""


def moment(value: Any, otherwise: datetime) -> datetime:
    """Milliseconds since 1970 as a string or a number."""
    try:
        return datetime.fromtimestamp(int(value) / 1000, tz=UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return otherwise


def update_id(own: Any, *otherwise: Any) -> str:
    """The message's own id; for an event without one what names it besides, with colons between."""
    made = ident(own) or ":".join(ident(value) for value in otherwise)
    return made if len(made) <= LONGEST_UPDATE else hashlib.sha256(made.encode()).hexdigest()
