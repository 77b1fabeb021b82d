"""Whole turns (HTTP in, signature, seen, understand, decide, commit to SQLite, answer) beside bare echoes."""

import asyncio
import json
import math
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientSession, TCPConnector

from bot.bench import updates
from bot.bench.servers import Server, started
from bot.bench.updates import Post

CONNECTIONS = 40
ROUNDS = 3  # the best of so many
WARM = 400
Make = Callable[[int, int, str], Post]


@dataclass(frozen=True, slots=True)
class Figures:
    """Turns a second, CPU of the server's process a turn, time until the webhook was answered."""

    per_s: float
    cpu_us: float
    p50_ms: float
    p99_ms: float

    def to_json(self) -> dict[str, float]:
        """Rounded for printing."""
        return {
            "per_s": round(self.per_s, 1),
            "cpu_us": round(self.cpu_us, 1),
            "p50_ms": round(self.p50_ms, 3),
            "p99_ms": round(self.p99_ms, 3),
        }


@dataclass(frozen=True, slots=True)
class Contest:
    """A server to measure: how it is started beside the stub, and what is posted to it."""

    name: str
    start: Callable[[Server], AbstractContextManager[Server]]
    make: Make


@dataclass(frozen=True, slots=True)
class Entry:
    """A contest under way: its server, the platform's side, the numbers of its updates."""

    contest: Contest
    server: Server
    stub: Server
    numbers: Iterator[int]


def measure(texts: Sequence[str], turns: int, *, tell: Callable[[str], None] = lambda _name: None) -> dict[str, Any]:
    """The figures of all contests in the shape of `hocnghe bench turns --json`."""
    with ExitStack() as running:
        entered = [_enter(contest, running) for contest in contests() if contest.name != "ptb_echo" or _has_ptb()]
        for entry in entered:
            _round(entry, texts, min(WARM, turns))
        rounds = {entry.contest.name: list[Figures]() for entry in entered}
        for at in range(ROUNDS):  # in turn, so that a machine that becomes slower does so for all of them
            for entry in entered:
                tell(f"{entry.contest.name} {at + 1}/{ROUNDS}")
                rounds[entry.contest.name].append(_round(entry, texts, turns))
    found = {name: min(some, key=lambda figures: figures.cpu_us) for name, some in rounds.items()}
    ours, ptb = found["hocnghe"], found.get("ptb_echo")
    told: dict[str, Any] = {**ours.to_json()}
    told["floors"] = {name: found[name].to_json() for name in ("ptb_echo", "aiohttp_echo") if name in found}
    told["also"] = {name: found[name].to_json() for name in ("reply_in_response", "zalo_oa")}
    told["ratio_ptb"] = round(ptb.cpu_us / ours.cpu_us, 3) if ptb else None
    return told


def contests() -> tuple[Contest, ...]:
    """Ours through the API first, then the floors, then our other ways."""
    return (
        Contest("hocnghe", lambda stub: _ours(stub, answers=False), updates.telegram),
        Contest("ptb_echo", lambda stub: _echo("ptb", stub), updates.telegram),
        Contest("aiohttp_echo", lambda stub: _echo("aiohttp", stub), updates.telegram),
        Contest("reply_in_response", lambda stub: _ours(stub, answers=True), _somebody_new),
        Contest("zalo_oa", lambda stub: _ours(stub, answers=False), updates.zalo),
    )


def _somebody_new(number: int, _chat: int, text: str) -> Post:
    """Each message from another chat: a reply rides only when the chat's last message is a second old."""
    return updates.telegram(number, 10_000 + number, text)


def _echo(kind: str, stub: Server) -> AbstractContextManager[Server]:
    return started("bot.bench.echoes", kind, "{port}", stub.url)


def _ours(stub: Server, *, answers: bool) -> AbstractContextManager[Server]:
    folder = tempfile.mkdtemp(prefix="hocnghe-bench-")
    env = {
        "HOCNGHE_DATA_DIR": folder,
        "HOCNGHE_PUBLIC_URL": "http://127.0.0.1:{port}",
        "HOCNGHE_TELEGRAM_TOKEN": updates.TOKEN,
        "HOCNGHE_TELEGRAM_API_URL": stub.url,
        "HOCNGHE_TELEGRAM_WEBHOOK_SECRET": updates.SECRET,
        "HOCNGHE_TELEGRAM_REPLY_IN_WEBHOOK": str(answers).lower(),
        "HOCNGHE_ZALO_OA_APP_ID": updates.APP,
        "HOCNGHE_ZALO_OA_APP_SECRET": updates.APP_SECRET,
        "HOCNGHE_ZALO_OA_WEBHOOK_KEY": updates.WEBHOOK_KEY,
        "HOCNGHE_ZALO_OA_REFRESH_TOKEN": "bench-r",
        "HOCNGHE_ZALO_OA_API_URL": stub.url,
        "HOCNGHE_ZALO_OAUTH_URL": stub.url,
    }
    return started("bot", "serve", "--port", "{port}", env=env, ready="/healthz")


def _enter(contest: Contest, running: ExitStack) -> Entry:
    stub = running.enter_context(started("bot.bench.stub", "{port}", ready="/count"))
    return Entry(contest, running.enter_context(contest.start(stub)), stub, _numbers())


def _numbers() -> Iterator[int]:
    number = 0
    while True:
        number += 1
        yield number


def _round(entry: Entry, texts: Sequence[str], turns: int) -> Figures:
    server, make = entry.server, entry.contest.make
    posts = [make(next(entry.numbers), 1000 + at % CONNECTIONS, texts[at % len(texts)]) for at in range(turns)]
    lanes = [posts[lane::CONNECTIONS] for lane in range(CONNECTIONS)]
    before, began = server.cpu(), time.perf_counter()
    times = sorted(asyncio.run(_post(server.url, lanes)))
    quiet(entry.stub)
    spent, took = server.cpu() - before, time.perf_counter() - began
    return Figures(
        turns / took,
        spent / turns * 1e6,
        times[len(times) // 2] * 1000,
        times[min(len(times) - 1, math.ceil(len(times) * 0.99) - 1)] * 1000,
    )


async def _post(url: str, lanes: Sequence[Sequence[Post]]) -> list[float]:
    async with ClientSession(url, connector=TCPConnector(limit=CONNECTIONS)) as client:
        done = await asyncio.gather(*(_lane(client, lane) for lane in lanes))
    return [took for lane in done for took in lane]


async def _lane(client: ClientSession, posts: Sequence[Post]) -> list[float]:
    times = []
    for post in posts:
        began = time.perf_counter()
        async with client.post(post.path, data=post.body, headers=post.headers) as answer:
            await answer.read()
            answer.raise_for_status()
        times.append(time.perf_counter() - began)
    return times


def quiet(stub: Server) -> None:
    """Until nothing more is sent: what waits in an outbox or a queue belongs to these turns."""
    last, still = -1, 0
    while still < 3:
        count = json.loads(stub.get("/count"))["sent"]
        still = still + 1 if count == last else 0
        last = count
        time.sleep(0.1)


def _has_ptb() -> bool:
    try:
        import telegram  # noqa: F401 - whether it is there
        import tornado  # noqa: F401 - what its webhook runs on
    except ImportError:
        return False
    return True


def lines(told: Mapping[str, Any]) -> list[str]:
    """For reading: one line a server."""
    rows: dict[str, Any] = {"hocnghe": {k: told[k] for k in ("per_s", "cpu_us", "p50_ms", "p99_ms")}}
    rows |= {**told["floors"], **told["also"]}
    named = [f"{name}\t" + "\t".join(f"{k} {v}" for k, v in row.items()) for name, row in rows.items()]
    return [*named, f"ratio_ptb\t{told['ratio_ptb']}"]
