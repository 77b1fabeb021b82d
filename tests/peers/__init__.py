"""Strict stand-ins for the services we talk to, on loopback: `peers` in a test, `tests.peers` from a terminal."""

import sys
from pathlib import Path

if __name__ == "tests.peers":  # started by hand from the root: pytest puts this folder's parent on the path, so do we
    sys.path.append(str(Path(__file__).parents[1]))
