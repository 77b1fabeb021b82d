"""The listening socket outlives the process: handed to systemd at the start, taken back at the next one."""

import os
import socket
import subprocess
import sys

import pytest

from bot import kept_door

AGAIN = """
import os, sys
os.environ["LISTEN_PID"] = str(os.getpid())
from bot import kept_door
door = kept_door.opened("127.0.0.1", int(sys.argv[1]))
print(door.fileno(), door.getsockname()[1])
"""


def started_with(kept: int, port: int) -> list[str]:
    """A next process that systemd hands `kept` to: the number and the port of the door it serves at."""
    environment = {**os.environ, "LISTEN_FDS": "1", "LISTEN_FDNAMES": "127.0.0.1-1"}
    command = [sys.executable, "-c", AGAIN, str(port)]
    hand = {"pass_fds": (3,), "preexec_fn": lambda: os.dup2(kept, 3)}
    return subprocess.run(command, env=environment, **hand, capture_output=True, text=True, check=True).stdout.split()


@pytest.fixture
def manager(tmp_path, monkeypatch):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as wire:
        wire.settimeout(5)
        wire.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield wire


def test_without_systemd_there_is_no_kept_door(monkeypatch):
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert kept_door.opened("127.0.0.1", 0) is None


def test_the_door_is_handed_over_and_whoever_knocks_waits_for_the_next_process(manager):
    door = kept_door.opened("127.0.0.1", 0)
    port = door.getsockname()[1]
    told, (kept, *_), _, _ = socket.recv_fds(manager, 100, 4)
    assert told.startswith(b"FDSTORE=1")
    door.close()  # the process ends; systemd still holds it
    with socket.create_connection(("127.0.0.1", port), timeout=1):
        assert started_with(kept, port) == ["3", str(port)]
    os.close(kept)


def test_a_door_elsewhere_is_given_back(manager):
    with socket.create_server(("127.0.0.1", 0)) as old, socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        free.close()
        assert started_with(old.fileno(), port)[1] == str(port)
    assert manager.recv(100) == b"FDSTOREREMOVE=1\nFDNAME=127.0.0.1-1"
    assert manager.recv(100).startswith(b"FDSTORE=1")


def test_a_taken_port_is_a_fault(manager):
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(OSError, match="in use"):
        kept_door.opened("127.0.0.1", other.getsockname()[1])
