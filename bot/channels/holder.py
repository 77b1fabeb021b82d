"""Who holds a claim: a process of one of the machines that share the database."""

import os
import secrets
import socket


def new_holder() -> str:
    """ "machine:process:random": another one for each outbox, so that a number used again is told apart."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"


def surely_gone(holder: str, *, mine: str) -> bool:
    """Whether its process has ended: on this machine the system knows; of another machine nobody does."""
    machine, _, rest = holder.rpartition(":")[0].rpartition(":")
    own_machine, _, own_process = mine.rpartition(":")[0].rpartition(":")
    if holder == mine or machine != own_machine or not rest.isdigit():
        return False
    return rest == own_process or not _runs(int(rest))


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it is somebody else's
        return True
    return True
