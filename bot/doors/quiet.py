"""Lines of other libraries' loggers without what strangers sent, and our own without what could forge a line."""

import logging
import traceback
from collections.abc import Mapping, MutableMapping
from typing import Any

LOUD = ("aiohttp.server", "asyncio", "aiohttp.client")
_CONTROLS = {**dict.fromkeys((*range(32), *range(127, 160))), 0x2028: None, 0x2029: None}
_UNCUT = frozenset({"event", "timestamp", "level", "exception", "trace"})  # written by us


class Quiet(logging.Filter):
    """A fault is told by its kind and place; a request that is no HTTP is not told at all."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is written; changes it."""
        fault = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        if fault is None:
            return True
        if type(fault).__module__ == "aiohttp.http_exceptions":
            return False  # whoever sends it, writes our log full; and what it sends may be a password
        where = "".join(traceback.format_tb(fault.__traceback__))
        record.msg, record.args, record.exc_info = f"{type(fault).__name__}\n{where}", None, None
        record.exc_text = None
        return True


def hush() -> None:
    """Once is enough; again is harmless."""
    for name in LOUD:
        logger = logging.getLogger(name)
        if not any(isinstance(f, Quiet) for f in logger.filters):
            logger.addFilter(Quiet())


def one_line(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """For structlog: no value ends a line or moves the terminal's cursor."""
    for name, value in event.items():
        if isinstance(value, str) and name not in _UNCUT:
            event[name] = value.translate(_CONTROLS)
    return event
