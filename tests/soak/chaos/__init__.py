"""The chaos run: a crowd on four channels, officers at the desk, everything that breaks, then every row recounted."""

import sys
from pathlib import Path

_TESTS = Path(__file__).parents[2]
for _place in (_TESTS, _TESTS.parent):  # started by hand from the root: pytest puts `tests` on the path, so do we
    if str(_place) not in sys.path:
        sys.path.append(str(_place))
