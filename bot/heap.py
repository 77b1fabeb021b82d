"""Memory of a process that serves for months."""

import contextlib
import ctypes
import gc
import sys

_ARENA_MAX = -8  # M_ARENA_MAX of glibc's malloc.h


def one_arena() -> None:
    """Let all threads share one heap; before the first thread starts. Where the C library is not glibc nothing is done.

    glibc gives each thread a heap of its own, and none gives back what the others could use: 20 MB after an hour with
    workbooks. Only one thread computes at a time, so that sharing costs nothing (https://man7.org/linux/man-pages/man3/
    mallopt.3.html).
    """
    _glibc("mallopt", _ARENA_MAX, 1)


def tidy() -> None:
    """After something large (a workbook, a copy of the data): what it left in circles goes, free memory is given back.

    Some 20 ms; the collector by itself would wait for many more objects.
    """
    gc.collect()
    _glibc("malloc_trim", 0)


def _glibc(name: str, *arguments: int) -> None:
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            getattr(ctypes.CDLL(None), name)(*arguments)
