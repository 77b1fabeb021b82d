"""What a running program counts for `/metrics`: plain numbers in memory, a dictionary step each; no library, no I/O.

One `METERS` a process: whoever scrapes asks every process. Labels come from small fixed sets; nothing here names a
person, a message or an address.
"""

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from time import perf_counter

BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)  # seconds; 10 s is the promise
_DECISIONS = {
    "answered": "answer",
    "clarified": "clarify",
    "unanswered": "unknown",
    "screened": "form",
    "begun": "form",
    "sent": "form",
    "into": "form",
    "on": "form",
    "off": "form",
}
MOST_FAULTS = 60  # kinds of faults that are counted by name; the others together
LONG_WAIT = 0.05  # seconds: whoever waits longer for the database's write lock is counted


def decision(tally: str) -> str:
    """answer | clarify | unknown | form | other, by the first word of a turn's tally (`bot.dialogue.counting`)."""
    return _DECISIONS.get(tally.partition(" ")[0].partition("@")[0].partition(".")[0], "other")


@dataclass(slots=True)
class Histogram:
    """How many took how long: `counts[n]` up to `BOUNDS[n]` seconds, the last one longer."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    seconds: float = 0.0

    def add(self, seconds: float) -> None:
        """One more."""
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds


@dataclass(slots=True)
class Outside:
    """The `Date` of an outside service's last answer, as it was written, and when it came (of `perf_counter`)."""

    date: str = ""
    at: float = float("-inf")


@dataclass(slots=True)
class Meters:
    """`turns`: (channel, decision); `repeated`: updates that had been handled before; `failed`: turns that raised.

    `lock_waits`: [all, long ones, seconds] of waiting for SQLite's write lock.
    """

    turns: Counter[tuple[str, str]] = field(default_factory=Counter)
    latency: dict[str, Histogram] = field(default_factory=dict)
    repeated: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    responses: Counter[str] = field(default_factory=Counter)
    log_lines: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    database: Counter[str] = field(default_factory=Counter)
    lock_waits: list[float] = field(default_factory=lambda: [0, 0, 0.0])
    outside: Outside = field(default_factory=Outside)

    def turn(self, channel: str, tally: str, seconds: float, *, duplicate: bool) -> None:
        """One message is through: `seconds` from its arrival here to the commit."""
        if duplicate:
            self.repeated[channel] += 1
            return
        self.turns[channel, decision(tally)] += 1
        histogram = self.latency.get(channel)
        if histogram is None:
            histogram = self.latency[channel] = Histogram()
        histogram.add(seconds)

    def fault(self, name: str) -> None:
        """A fault of this kind was told in the log."""
        known = name in self.faults or len(self.faults) < MOST_FAULTS
        self.faults[name if known else "other"] += 1

    def waited(self, seconds: float) -> None:
        """For the write lock."""
        waits = self.lock_waits
        waits[0] += 1
        waits[2] += seconds
        if seconds > LONG_WAIT:
            waits[1] += 1

    def answered(self, date: str) -> None:
        """An outside service answered with this `Date`: once a minute it is kept, to see whether our clock is right."""
        now = perf_counter()
        if date and now - self.outside.at > 60:
            self.outside = Outside(date, now)


METERS = Meters()
