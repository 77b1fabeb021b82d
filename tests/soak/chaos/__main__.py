"""`python -m tests.soak.chaos --seed N [--minutes M] [--people P] [--kinds kill,clock]`: one run."""

import argparse
import asyncio
import shutil
import signal
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2])]


def main() -> int:
    """0 when every invariant holds; 1 with the first that does not, and the folder kept."""
    from soak.chaos.plan import plan
    from soak.chaos.report import chaos

    parser = argparse.ArgumentParser(prog="python -m tests.soak.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--minutes", type=float, default=6.0)
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--kinds", default="")
    parser.add_argument("--keep", action="store_true", help="keep the folder, whatever is found")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix=f"chaos-{given.seed}-"))
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does: no program is left running
    found = asyncio.run(chaos(plan(given.seed, given.minutes, given.people, given.kinds), folder, keep=given.keep))
    if not found and not given.keep:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
