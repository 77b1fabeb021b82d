"""What many tests share: the real knowledge and understanding, built once; no network beyond loopback."""

import ipaddress
import socket

import pytest

from bot import wiring


@pytest.fixture(autouse=True)
def _only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reaching out is a failure with a message, not a hidden dependency."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_loopback(str(host)):
            raise AssertionError(f"a test tried to reach {address}: tests speak to loopback only")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(scope="session")
def catalogue():
    """The knowledge that ships with the program."""
    return wiring.catalogue()


@pytest.fixture(scope="session")
def understanding(catalogue):
    """The understanding that ships with the program, with the demonstration's commune."""
    return wiring.understanding(catalogue, demo=True)
