"""The plan of a run, drawn from its seed alone: which database, how many people, what breaks when."""

import random
from dataclasses import dataclass

HOUR, DAY = 3600.0, 86_400.0
HANG = 60.0  # seconds: longer than the lease of the process that does what one of all has to do (45 s)


@dataclass(frozen=True)
class Act:
    """One disturbance: `at` seconds after the first message, lasting `seconds` where it lasts."""

    at: float
    what: str
    who: str = ""
    seconds: float = 0.0

    def __str__(self) -> str:
        return f"{self.at:6.1f} s  {self.what:<14} {self.who:<8} {f'{self.seconds:.1f} s' if self.seconds else ''}"


@dataclass(frozen=True)
class Plan:
    """All of it. `minutes`: of people writing; settling comes after."""

    seed: int
    minutes: float
    people: int
    postgres: bool
    acts: tuple[Act, ...]
    rides: bool = False  # Telegram's replies ride in the webhook's own answer
    pace: float = 1.0  # of people's pauses; a smoke has no time

    def lines(self) -> list[str]:
        """As it is printed."""
        database = "PostgreSQL, two serve, one worker" if self.postgres else "SQLite, one serve"
        way = "replies ride in webhooks' answers" if self.rides else "replies through the API"
        head = f"seed {self.seed}: {database}; {self.people} people in {self.minutes:g} minutes; Telegram's {way}"
        return [head, *map(str, self.acts)]


def plan(seed: int, minutes: float, people: int, kinds: str = "", pace: float = 1.0) -> Plan:
    """Odd seeds run on SQLite, even ones on PostgreSQL. `kinds`: these disturbances alone (with commas)."""
    chance, seconds, postgres = random.Random(seed), minutes * 60, seed % 2 == 0
    machines = ["one", "two", "worker"] if postgres else ["one"]
    wanted = _often(minutes, postgres=postgres)
    if kinds:
        wanted = {k: n or 1 for k, n in wanted.items() if k in kinds.split(",")}
    acts = []
    for what, times in wanted.items():
        for number in range(times):
            # Spread over the run, so that each kind meets early and late; none in the last tenth.
            at = seconds * (0.08 + 0.80 * (number + chance.random()) / max(1, times))
            who = chance.choice(machines) if what in ("kill", "term", "stop", "hang") else ""
            acts.append(Act(round(at, 1), what, who, _lasts(what, chance, postgres=postgres)))
    rides = seed // 2 % 4 == 0  # as nobody has it who did not ask for it
    return Plan(seed, minutes, people, postgres, tuple(sorted(acts, key=lambda a: a.at)), rides, pace)


def _often(minutes: float, *, postgres: bool) -> dict[str, int]:
    """How often each kind comes, for so many minutes."""
    some, few = max(1, round(minutes * 0.9)), max(1, round(minutes * 0.4))
    return {
        "kill": some, "term": few, "stop": few, "hang": int(postgres), "database": few, "full": 0 if postgres else few,
        "clock": few, "peer_slow": few, "peer_500": some, "peer_cut": few, "peer_down": few,
        "flood": few, "redeliver": some,
    }  # fmt: skip


def _lasts(what: str, chance: random.Random, *, postgres: bool) -> float:
    """Seconds; of `clock` how far the program's clock is moved, for some twenty seconds."""
    if what == "clock":
        return chance.choice((2 * HOUR, -2 * HOUR, DAY))
    if what == "hang":
        return HANG
    longest = {"stop": 20 if postgres else 8, "database": 10, "full": 8, "peer_slow": 8, "peer_down": 6, "flood": 5}
    return round(chance.uniform(2, longest[what]), 1) if what in longest else 0.0
