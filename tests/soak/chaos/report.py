"""A run, its invariants, and what is said of them."""

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from soak.chaos.evidence import Evidence, opened
from soak.chaos.invariants import announcing, answering, granting, owning, private, reaching, registering, whole
from soak.chaos.plan import Plan
from soak.chaos.run import Town

GROUPS = (answering, registering, reaching, announcing, granting, owning, private, whole)
SHOWN = 8
Say = Callable[[str], None]


def broken(evidence: Evidence) -> list[tuple[str, list[str]]]:
    """(name, what is wrong) of every invariant that does not hold."""
    found = []
    for group in GROUPS:
        for check in group.CHECKS:
            faults = check(evidence)
            if faults:
                found.append((f"{group.__name__.rpartition('.')[2]}.{check.__name__}", faults))
    return found


async def chaos(plan: Plan, folder: Path, *, keep: bool = False, say: Say = print) -> list[tuple[str, list[str]]]:
    """Run the plan, recount, tell; the broken invariants."""
    say(plan.lines()[0])
    town, found = Town(plan, folder, say), [("run", ["it did not come to its end"])]
    begun = time.monotonic()
    try:
        await town.live()
        evidence = opened(town)
        found = broken(evidence)
        _tell(town, evidence, say, time.monotonic() - begun)
    finally:
        town.clean(keep=keep or bool(found))
    for name, faults in found:
        say(f"BROKEN {name}: {len(faults)}")
        for fault in faults[:SHOWN]:
            say(f"    {fault}")
    say(f"seed {plan.seed}: {'FAILED, see ' + str(folder) if found else 'every invariant holds'}")
    return found


def _tell(town: Town, e: Evidence, say: Say, seconds: float) -> None:
    told = sum(len(p.told) for p in e.people)
    fates = Counter(r["fate"] or "web" for r in e.rows["messages"] if r["outgoing"])
    states = Counter(r["state"] for r in e.rows["announcement_recipients"])
    took = f"{seconds:.0f} s (day {town.took['day']:.0f}, settling {town.took['settling']:.0f})"
    desk = dict(Counter(o["status"] for o in e.run.officers))
    done = f"taught {e.run.taught}, imported {e.run.imported}, exported {e.run.exported}"
    memory = {n: round(mib) for n, mib in e.most_mib.items()}
    say(f"MiB every ten seconds: { ({n: [mib for _, mib in m.weights] for n, m in town.machines.items()}) }")
    say(
        f"{told} messages of {len(e.people)} people in {took}; answers {dict(fates)}, "
        f"{len(e.vain)} in an answer refused or lost; "
        f"{len(e.rows['leads'])} leads; {e.run.kills} kills, {e.starts} starts; "
        f"{sum(not code for _, code in e.renewals)} tokens, {e.run.logins} logins by hand; "
        f"announced {e.run.announced}: {dict(states)}; officers' requests {desk}, {done}; memory {memory} MiB"
    )
    for line in e.run.events:
        if "failed" in line:
            say(line)
