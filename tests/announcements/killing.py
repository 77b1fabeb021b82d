"""An announcement through a stub on loopback by workers that are killed (SIGKILL) over and over."""

import json
import random
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import datetime

from store.factories import KEY

from bot.bench.announce import filled, states_of
from bot.bench.servers import Server
from bot.store.crypto import Cipher
from bot.store.records import VIETNAM
from bot.store.sql_desk_store import SqlDeskStore

LEASE = 130  # seconds; the next worker's clock is so much ahead


@dataclass
class Told:
    """What was left: rows by state, what the stub took, how often a worker was killed."""

    states: dict[str, int]
    taken: int
    doubled: int
    kills: int


def killed_over_and_over(
    store: SqlDeskStore, url: str, stub: Server, recipients: int, kills: int, per_s: float | None = None
) -> Told:
    """Until `kills` workers were killed at random moments, then to the end by one that nobody kills."""
    now = datetime.now(VIETNAM)
    noon = now.replace(hour=8, minute=0, second=0)
    number = filled(store, Cipher(KEY), recipients, noon)
    order = {"url": url, "key": KEY, "stub": stub.url, "per_s": per_s}
    done = 0
    for turn in range(kills):
        process = _started(order, (noon - now).total_seconds() + turn * LEASE)
        goal = _calls(stub) + random.randint(1, max(2, recipients // (kills + 1)))
        while _calls(stub) < goal and process.poll() is None:
            time.sleep(0.01)
        time.sleep(random.uniform(0, 0.03))
        process.kill()
        process.wait()
        done += 1
    assert _started(order, (noon - now).total_seconds() + (kills + 1) * LEASE).wait(timeout=600) == 0
    told = json.loads(stub.get("/count"))
    return Told(states_of(store, number, noon), told["chats"], told["doubled"], done)


def _started(order: dict, offset: float) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "bot.bench.bulk_worker", "ours", json.dumps({**order, "offset": offset})]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _calls(stub: Server) -> int:
    return int(json.loads(stub.get("/count"))["calls"])


def assert_all_is_well(told: Told, recipients: int, in_flight: int) -> None:
    """Nobody lost, nobody twice; of unknown fate are at most those in flight at each kill."""
    assert sum(told.states.values()) == recipients
    assert told.states.keys() <= {"sent", "failed", "unknown"}
    assert told.doubled == 0
    unknown = told.states.get("unknown", 0)
    assert unknown <= told.kills * in_flight
    assert told.states.get("sent", 0) <= told.taken <= told.states.get("sent", 0) + unknown
