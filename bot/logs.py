"""Log lines with ids and without contents: ours and the libraries' through one processor.

JSON lines where nobody looks at a terminal (`HOCNGHE_LOG=json|plain`); with journald's level in front where its socket
is behind standard error. A fault of one kind is told once a minute, with how often it came since. What could name a
person or hold a key is masked whatever brought it: numbers of phones, tokens, addresses of the web beyond their host;
a traceback shows files and lines, never the fault's own words (they may quote a row or an address).
"""

import logging
import os
import re
import sys
from collections.abc import Iterable, Mapping, MutableMapping
from time import monotonic
from types import TracebackType
from typing import Any, TextIO

# Where rich is installed structlog takes its tracebacks, and with them highlighters of 500 languages: 5 MB a process.
_loaded: dict[str, Any] = sys.modules  # None there: it cannot be imported
_loaded.setdefault("rich.traceback", None)
import structlog  # noqa: E402

if _loaded["rich.traceback"] is None:
    del _loaded["rich.traceback"]
from bot.meters import METERS  # noqa: E402

AGAIN = 60.0  # seconds between two lines on one kind of fault
MOST_KINDS = 500
_LONGEST = 300  # letters of one value
_FRAMES = 12
_JOURNAL = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}
_MASKS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)(?:[^\s/@'\"]*@)?([^\s/'\"<>()]+)[^\s'\"<>()]*"), r"\1\2/…"),
    (re.compile(r"\b(?:bot)?\d{5,}:[A-Za-z0-9_-]{3,}"), "(token)"),
    (re.compile(r"(?i)/(desk/sign-in|tai|giay|paper|file|bot)(?:/|=)[^\s'\"]+"), r"/\1/…"),
    (re.compile(r"(?<![\w:.-])(?:\+?84|0)(?:[\s.-]?\d){8,10}(?![\w-])"), "(phone)"),
    (re.compile(r"\b[A-Za-z0-9_-]{28,}\b"), "(key)"),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"), "(mail)"),
)
_CONTROLS = {**dict.fromkeys((*range(32), *range(127, 160))), 0x2028: None, 0x2029: None}  # they could forge a line
_ATTRIBUTES = ("event", "level", "timestamp", "trace")


class Secrets:
    """Values of this installation that no line may hold, whatever they look like."""

    def __init__(self, values: Iterable[str]) -> None:
        self._values = tuple(sorted({v for v in values if len(v) >= 6}, key=len, reverse=True))

    def mask(self, text: str) -> str:
        """The text without them, and without what looks like a phone number, a token or an address."""
        text = text.translate(_CONTROLS)
        for value in self._values:
            if value in text:
                text = text.replace(value, "(secret)")
        for pattern, instead in _MASKS:
            text = pattern.sub(instead, text)
        return text[:_LONGEST]

    def __call__(self, _logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """As a processor of structlog."""
        for name, value in line.items():
            if name not in ("timestamp", "level", "trace") and not name.startswith("_"):
                line[name] = self._plain(value)
        return line

    def _plain(self, value: Any) -> Any:
        if isinstance(value, bool | int | float) or value is None:
            return value
        if isinstance(value, Mapping):
            return {str(k): self._plain(v) for k, v in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self._plain(v) for v in value]
        return self.mask(value if isinstance(value, str) else type(value).__name__)


class Repeats:
    """One line a minute on each kind of fault; the next one tells how many were left out."""

    def __init__(self, clock: Any = monotonic, most: int = MOST_KINDS) -> None:
        self._clock, self._most = clock, most
        self._told: dict[tuple[str, ...], tuple[float, int]] = {}

    def __call__(self, _logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """As a processor: drops what was told lately. What is no fault passes."""
        level = str(line.get("level", ""))
        METERS.log_lines[level] += 1
        if level not in ("warning", "error", "critical"):
            return line
        fault = str(line.get("fault", ""))
        METERS.fault(fault or "none")
        kind = (level, str(line.get("event", ""))[:120], fault, str(line.get("channel", "")), str(line.get("path", "")))
        now = self._clock()
        at, left_out = self._told.get(kind, (float("-inf"), 0))
        if now - at < AGAIN:
            self._told[kind] = (at, left_out + 1)
            raise structlog.DropEvent
        if len(self._told) >= self._most:
            self._told.pop(next(iter(self._told)))
        self._told[kind] = (now, 0)
        if left_out:
            line["repeated"] = left_out
        return line


def traced(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A fault as its kinds and the places it came through."""
    found = line.pop("exc_info", None)
    line.pop("stack_info", None)
    if found is True:
        found = sys.exc_info()
    fault = found[1] if isinstance(found, tuple) else found
    if isinstance(fault, BaseException):
        line.setdefault("fault", type(fault).__name__)
        line["trace"] = trace(fault)
    return line


def trace(fault: BaseException) -> str:
    """Kinds of faults and the places they came through: no words of theirs, no values."""
    told: list[str] = []
    seen: set[int] = set()
    at: BaseException | None = fault
    while at is not None and id(at) not in seen and len(told) < 4:
        seen.add(id(at))
        told.append(f"{type(at).__name__} at {_places(at.__traceback__)}")
        at = at.__cause__ or at.__context__
    return " from ".join(told)


def _places(traceback: TracebackType | None) -> str:
    frames = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        folder, _, name = code.co_filename.replace("\\", "/").rpartition("/")
        frames.append(f"{folder.rpartition('/')[2]}/{name}:{traceback.tb_lineno} {code.co_name}")
        traceback = traceback.tb_next
    return " > ".join(frames[-_FRAMES:]) or "?"


def first_line(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Of a library's line: what follows the first one quotes objects."""
    line["event"] = str(line.get("event", "")).partition("\n")[0]
    record = line.get("_record")
    if record is not None:
        line["logger"] = record.name
    return line


class _Renderer:
    """JSON or plain words; the level in journald's way in front."""

    def __init__(self, kind: str, *, journal: bool) -> None:
        self._json = structlog.processors.JSONRenderer(ensure_ascii=False) if kind == "json" else None
        self._journal = journal

    def __call__(self, logger: Any, method: str, line: MutableMapping[str, Any]) -> str:
        level = str(line.get("level", "info"))
        if self._json is not None:
            text = str(self._json(logger, method, line))
        else:
            more = " ".join(f"{k}={v!r}" for k, v in line.items() if k not in _ATTRIBUTES)
            text = f"{line.get('timestamp', '')} [{level:<8}] {line.get('event', '')}  {more}".rstrip()
            text += f"\n    {line['trace']}" if line.get("trace") else ""
        return f"<{_JOURNAL.get(level, 6)}>{text}" if self._journal else text


def to_journal(stream: TextIO, named: str | None = None) -> bool:
    """Whether journald reads this stream (systemd says in JOURNAL_STREAM which one it opened)."""
    named = os.environ.get("JOURNAL_STREAM", "") if named is None else named
    try:
        found = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return named == f"{found.st_dev}:{found.st_ino}"


def configure(kind: str = "", secrets: Iterable[str] = (), *, stream: TextIO | None = None) -> None:
    """From now on all lines of this process. `kind`: json, plain, or "" for plain on a terminal and json elsewhere."""
    out = stream or sys.stderr
    kind = kind or ("plain" if out.isatty() else "json")
    common: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        traced,
        Secrets(secrets),
    ]
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[first_line, *common],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _Renderer(kind, journal=to_journal(out)),
            ],
        )
    )
    handler.addFilter(_Few())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("bot").setLevel(logging.INFO)
    logging.captureWarnings(capture=True)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *common[:3],
            Repeats(),
            common[3],
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=lambda *_: logging.getLogger("bot"),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    sys.excepthook = _uncaught


def unhook() -> None:
    """Faults that nobody caught are the interpreter's again."""
    sys.excepthook = sys.__excepthook__


class _Few(logging.Filter):
    """The libraries' lines, by logger and first words: as seldom as ours."""

    def __init__(self) -> None:
        super().__init__()
        self._repeats = Repeats()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is told."""
        if record.name == "bot":
            return True
        kind = record.exc_info[0] if record.exc_info else None
        if kind is not None and kind.__module__ == "aiohttp.http_exceptions":
            return False  # no HTTP: whoever sends it, writes our log full; and what it sends may be a password
        fault = kind.__name__ if kind is not None else ""
        words = str(record.msg).partition("\n")[0]
        line = {"level": record.levelname.lower(), "event": f"{record.name}: {words}", "fault": fault}
        try:
            self._repeats(None, "", line)
        except structlog.DropEvent:
            return False
        return True


def _uncaught(kind: type[BaseException], fault: BaseException, traceback: TracebackType | None) -> None:
    """The interpreter would print the fault's words."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, fault, traceback)
        return
    structlog.get_logger().critical("the program ends", exc_info=fault.with_traceback(traceback))
