"""Whether a platform can be reached: when it last answered, since when it does not, and the kind of fault."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any


class Reaching:
    """Told by whoever sends or polls; a refusal of one message is an answer, too."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._answered: datetime | None = None
        self._failing: datetime | None = None
        self._error = ""

    def answered(self) -> None:
        """The platform took or refused what was asked."""
        self._answered, self._failing = self._clock(), None

    def failed(self, why: str) -> None:
        """No connection, no answer, or nothing may be sent at all. `why`: a word, never an address."""
        self._failing, self._error = self._failing or self._clock(), why

    def told(self) -> Mapping[str, Any]:
        """For `health()`: `last_success`, `failing_since` (ISO), `last_error`; what is not known is left out."""
        known = {
            "last_success": self._answered.isoformat() if self._answered else "",
            "failing_since": self._failing.isoformat() if self._failing else "",
            "last_error": self._error,
        }
        return {name: value for name, value in known.items() if value}
