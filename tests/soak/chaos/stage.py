"""The processes of a run: started, watched, started again when they end, measured."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp.test_utils import unused_port
from soak.chaos.program import AHEAD

ROOT = Path(__file__).parents[3]
PROGRAM = Path(__file__).with_name("program.py")
BREATH = 0.4  # seconds until the supervisor starts a process again
PATIENCE = 90.0


@dataclass
class Machine:
    """One program in a folder of its own, as on its own machine; its supervisor starts it again whenever it ends."""

    name: str
    kind: str
    folder: Path
    environment: dict[str, str]
    port: int = field(default_factory=unused_port)
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0
    kills: int = 0
    endings: list[int] = field(default_factory=list)
    most_kib: int = 0
    weights: list[tuple[float, int]] = field(default_factory=list)  # (seconds, MiB), every ten seconds
    _watch: asyncio.Task[None] | None = None
    _over: bool = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder.parent / f"{self.name}.log"

    @property
    def command(self) -> list[str]:
        command = [sys.executable, str(PROGRAM), self.kind]
        return [*command, "--port", str(self.port)] if self.kind == "serve" else command

    def start(self) -> None:
        """Begin, and stay there."""
        self._begin()
        self._watch = asyncio.create_task(self._supervise())

    def _begin(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        clean = {k: v for k, v in os.environ.items() if not k.startswith("HOCNGHE_")} | self.environment
        clean |= {"HOCNGHE_DATA_DIR": str(self.folder), "PYTHONUNBUFFERED": "1"}
        clean["PYTHONPATH"] = os.pathsep.join((str(ROOT), str(ROOT / "tests")))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, cwd=self.folder.parent, env=clean, stdout=log, stderr=log)
        self.starts += 1

    async def _supervise(self) -> None:
        while True:
            assert self.process is not None
            ended = self.process.poll()
            if ended is not None and not self._over:
                self.endings.append(ended)
                await asyncio.sleep(BREATH)
                self._begin()
            self._weigh()
            await asyncio.sleep(0.2)

    def _weigh(self) -> None:
        """Resident memory, the most of all; a process that is just ending has none."""
        assert self.process is not None
        with contextlib.suppress(OSError, StopIteration):
            lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
            kib = int(next(ln for ln in lines if ln.startswith("VmRSS")).split()[1])
            self.most_kib = max(self.most_kib, kib)
            now = time.monotonic()
            if not self.weights or now - self.weights[-1][0] >= 10:
                self.weights.append((now, kib // 1024))

    async def ready(self) -> None:
        """Until it says in its log that it runs."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            told = self.log.read_bytes()
            if b"/desk" in told or b"background work runs" in told:
                return
            await asyncio.sleep(0.1)
        raise RuntimeError(f"{self.name} did not start: {self.log.read_text()[-2000:]}")

    def signal(self, number: int) -> bool:
        """False when it is not there just now."""
        if self.process is None or self.process.poll() is not None:
            return False
        self.kills += number == signal.SIGKILL
        self.process.send_signal(number)
        return True

    async def end(self) -> int:
        """SIGTERM, and its orderly end."""
        self._over = True
        if self._watch is not None:
            self._watch.cancel()
        assert self.process is not None
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            return await asyncio.to_thread(self.process.wait, 40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return -signal.SIGKILL


def environment(clock: Path, *more: dict[str, str]) -> dict[str, str]:
    """The settings that all machines of a run share."""
    shared = {AHEAD: str(clock), "HOCNGHE_TRUSTED_PROXIES": "127.0.0.1/32"}
    for one in more:
        shared |= one
    return shared
