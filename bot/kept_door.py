"""The door that stays open while the program starts again: systemd keeps the listening socket between two processes.

Who comes meanwhile waits in the socket's queue for some seconds instead of being refused. A web server in front cannot
wait in our stead: some (Caddy 2.6) lose the body of what they try again. systemd.service(5), FileDescriptorStoreMax=;
sd_notify(3), FDSTORE=1.
"""

import os
import socket
from contextlib import suppress

_FIRST = 3  # sd_listen_fds(3): the first kept descriptor
_BACKLOG = 1_024


def opened(host: str, port: int) -> socket.socket | None:
    """The listening socket for `host:port`, handed to systemd to keep; None where no systemd offers to.

    Raises OSError for a taken port.
    """
    manager = os.environ.get("NOTIFY_SOCKET", "")
    if not manager or not hasattr(socket, "send_fds"):
        return None
    found = None
    for name, kept in _handed_over():
        if found is None and kept.getsockname()[:2] == (host, port):
            found = kept
        else:  # it was started elsewhere before: nobody shall wait there for ever
            kept.close()
            _tell(manager, f"FDSTOREREMOVE=1\nFDNAME={name}")
    if found:
        return found
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    door = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    _tell(manager, f"FDSTORE=1\nFDNAME={host.replace(':', '_')}-{port}", door.fileno())
    return door


def _tell(manager: str, text: str, *descriptors: int) -> None:
    """A message to systemd; what it does not take is no reason not to serve."""
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as wire:
        wire.connect(manager.replace("@", "\0", 1) if manager.startswith("@") else manager)
        socket.send_fds(wire, [text.encode()], descriptors)


def _handed_over() -> list[tuple[str, socket.socket]]:
    """What systemd kept for this process, each with its name; asked once."""
    if os.environ.pop("LISTEN_PID", "") != str(os.getpid()):
        return []
    names = os.environ.pop("LISTEN_FDNAMES", "").split(":")
    return [
        (names[at] if at < len(names) else "", socket.socket(fileno=_FIRST + at))
        for at in range(int(os.environ.pop("LISTEN_FDS", "0")))
    ]
