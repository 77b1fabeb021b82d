"""The door that stays open while the program starts again: systemd keeps the listening socket between two processes.

Who comes meanwhile waits in the socket's queue for some seconds instead of being refused. A web server in front cannot
wait in our stead: some (Caddy 2.6) lose the body of what they try again. systemd.service(5), FileDescriptorStoreMax=;
sd_notify(3), FDSTORE=1.
"""

import os
import socket
from contextlib import suppress

_FIRST = 3  # sd_listen_fds(3): the first kept descriptor
_NAME = "hocnghe"
_BACKLOG = 1_024


def opened(host: str, port: int) -> socket.socket | None:
    """The listening socket for `host:port`, handed to systemd to keep; None where no systemd offers to.

    Raises OSError for a taken port.
    """
    manager = os.environ.get("NOTIFY_SOCKET", "")
    if not manager or not hasattr(socket, "send_fds"):
        return None
    found = _handed_over(host, port)
    if found:
        return found
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    door = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as wire:
        wire.connect(manager.replace("@", "\0", 1) if manager.startswith("@") else manager)
        socket.send_fds(wire, [f"FDSTORE=1\nFDNAME={_NAME}".encode()], [door.fileno()])
    return door


def _handed_over(host: str, port: int) -> socket.socket | None:
    """What systemd kept, when it listens where we are to; what listens elsewhere is given back."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return None
    found = None
    for number in range(_FIRST, _FIRST + int(os.environ.get("LISTEN_FDS", "0"))):
        kept = socket.socket(fileno=number)
        if found is None and kept.getsockname()[:2] == (host, port):
            found = kept
        else:
            kept.close()
    for name in ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"):
        os.environ.pop(name, None)
    return found
