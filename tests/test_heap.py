"""One heap for all threads: looked at in the process's own map of memory."""

import gc
import platform
import subprocess
import sys
import weakref

import pytest

from bot import heap

LOOK = """
import re, sys, threading
from bot import heap
if sys.argv[1] == "one":
    heap.one_arena()
held, there = [], threading.Barrier(5)
def take():
    held.append([bytearray(900) for _ in range(5000)])
    there.wait()
    there.wait()
for _ in range(4):
    threading.Thread(target=take, daemon=True).start()
there.wait()
arena = 64 << 20  # what glibc sets aside for a thread's heap, on an address that is a multiple of it
starts = [int(line.split("-")[0], 16) for line in open("/proc/self/maps") if " rw-p 00000000 00:00 0 \\n" in line]
print(sum(start % arena == 0 for start in starts))
there.wait()
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library keeps its memory in its own way")
def test_threads_share_one_heap():
    counted = [
        int(subprocess.run([sys.executable, "-c", LOOK, how], capture_output=True, text=True, check=True).stdout)
        for how in ("each", "one")
    ]
    assert counted[0] >= 3
    assert counted[1] == 0


def test_what_a_workbook_leaves_in_circles_goes():
    class Sheet:
        pass

    sheet = Sheet()
    sheet.book = [sheet]
    left = weakref.ref(sheet)
    gc.disable()
    try:
        del sheet
        assert left() is not None
        heap.tidy()
        assert left() is None
    finally:
        gc.enable()
