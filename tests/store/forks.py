"""Work in a child that may die of it."""

import os


def in_a_child(work):
    """How the child ended: 0, its exit code, or the negative number of the signal that killed it."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
