"""What is written is there after a power cut."""

import os
from pathlib import Path


def to_disk(path: Path) -> None:
    """A file, or the names in a folder, outlive a power cut from now on; Windows has no such call."""
    if os.name == "posix":
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
