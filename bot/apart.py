"""Work with heavy libraries (Excel's, Word's) in a process of its own: what it loads and takes is given back with it.

The other process runs one function, named "module:function", and answers with the bytes that it makes. All that it
works on goes by a pipe, for a process's arguments can be read by everybody on the machine. It ends with whoever asked.
"""

import importlib
import json
import os
import pickle
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from bot.model import BotError

PATIENCE = 120.0  # seconds after the last of what it works on; a few on an office PC
_AT_ONCE = threading.BoundedSemaphore(2)  # each takes some 50 MB
_SETTINGS = "HOCNGHE_"  # a key may be among them: who reads strangers' files gets none
_FAULT = 3  # exit code: why stands on standard error


class ApartFault(BotError):
    """The other process made nothing; nothing of what it worked on is in the message."""


class Apart:
    """A process under way."""

    def __init__(self, target: str, process: "subprocess.Popen[bytes]") -> None:
        self._target, self._process = target, process

    def feed(self, more: bytes) -> None:
        """More of what it works on. Raises as `made` does when it has ended."""
        assert self._process.stdin is not None  # noqa: S101 - a pipe
        try:
            self._process.stdin.write(more)
        except BrokenPipeError:
            self.made()
            raise

    def made(self) -> bytes:
        """That was all: what it made. Raises OSError (a full disk) or ApartFault."""
        try:
            made, told = self._process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired as late:
            raise ApartFault(f"{self._target}: not done after {PATIENCE:.0f} s: is this machine overloaded?") from late
        if self._process.returncode == 0:
            return made
        what = ""
        if self._process.returncode == _FAULT:
            what, number = json.loads(told.splitlines()[-1])
            if number:
                raise OSError(number, os.strerror(number))
        how = f"{self._target}: its process ended with {self._process.returncode} {what}"
        raise ApartFault(f"{how}: look for memory on this machine, and whether the package is whole (pip check)")


@contextmanager
def work(target: str, *args: Any, fed: bool = False) -> Iterator[Apart]:
    """The process of `target(*args)`; with `fed` the function gets its input, a binary file, before these.

    Left early, it is killed. What goes in is pickled: the other process believes what this one tells it; what comes
    out is bytes, for it may have read a stranger's file.
    """
    with _AT_ONCE:
        process = subprocess.Popen(  # noqa: S603 - this program's own
            [sys.executable, "-P", "-m", __name__],
            env={name: value for name, value in os.environ.items() if not name.startswith(_SETTINGS)},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        try:
            started = Apart(target, process)
            started.feed(pickle.dumps((target, args, fed)))
            yield started
        finally:
            if process.poll() is None:
                process.kill()
            with suppress(BrokenPipeError):
                process.stdin.close()  # type: ignore[union-attr]
            with process:  # waits, closes
                pass


def call(target: str, *args: Any) -> bytes:
    """What `target(*args)` makes. Blocking; raises OSError or ApartFault."""
    with work(target, *args) as started:
        return started.made()


def lines(source: Iterable[bytes]) -> Iterator[Any]:
    """What was fed as lines of JSON, read in the other process."""
    return map(json.loads, source)


def line(value: Any) -> bytes:
    """One of them."""
    return json.dumps(value).encode() + b"\n"


def main() -> None:
    """The other process."""
    try:
        target, args, fed = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the process that started this one
        module, _, name = target.partition(":")
        made = getattr(importlib.import_module(module), name)(*([sys.stdin.buffer] if fed else []), *args)
    except Exception as fault:  # noqa: BLE001 - its words may hold a row: what kind it is and where are told alone
        at = traceback.extract_tb(fault.__traceback__)[-1]
        number = fault.errno if isinstance(fault, OSError) else None
        sys.stderr.write(json.dumps([f"({type(fault).__name__}, {Path(at.filename).name}:{at.lineno})", number]))
        sys.exit(_FAULT)
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()
