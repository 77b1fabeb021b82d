"""Processes of a bench: started, waited for, their CPU read, ended."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bot.model import BotError

PATIENCE = 120.0  # seconds until a server must answer
_TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class ServerFault(BotError):
    """A server of the bench that does not answer."""


class Server:
    """A child process that listens on `port` of this machine."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self._process = process
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    def cpu(self) -> float:
        """Seconds of CPU so far, user and system (Linux)."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICK

    def resident(self) -> int:
        """Bytes of memory in use (Linux)."""
        pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def get(self, path: str) -> bytes:
        """The body of a page, whatever its status."""
        request = urllib.request.Request(self.url + path)  # noqa: S310 - loopback
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
                return bytes(answer.read())
        except urllib.error.HTTPError as refused:
            return bytes(refused.read())

    def wait(self, path: str) -> None:
        """Until it answers; raises ServerFault when it does not."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                self.get(path)
            except OSError:
                if self._process.poll() is not None:
                    break
                time.sleep(0.05)
            else:
                return
        raise ServerFault(f"bench: {self._process.args!r}: does not answer on {self.url}: run it by hand to see why.")


@contextmanager
def started(*command: str, env: Mapping[str, str] | None = None, ready: str = "/") -> Iterator[Server]:
    """`python -m command… PORT…` with "{port}" put in; ended at the end."""
    port = _free_port()
    filled = [part.replace("{port}", str(port)) for part in command]
    surroundings = {**os.environ, **{k: v.replace("{port}", str(port)) for k, v in (env or {}).items()}}
    process = subprocess.Popen(  # noqa: S603 - our own modules
        [sys.executable, "-m", *filled], env=surroundings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    server = Server(process, port)
    try:
        server.wait(ready)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
