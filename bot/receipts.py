"""Receipt numbers, and the letters that such codes are made of: they are read out, typed and heard by phone."""

import secrets
from itertools import product

LETTERS = "ACDEFGHJKLMNPQRTUVWXY34679"  # nothing that is read or heard as something else
_PAIRS = tuple(map("".join, product(LETTERS, repeat=2)))


def new_receipt() -> str:
    """A receipt number such as HN-7KQ4ME: 26⁶ of them, unguessable."""
    drawn, first = divmod(secrets.randbits(64), len(_PAIRS))
    drawn, second = divmod(drawn, len(_PAIRS))
    return f"HN-{_PAIRS[first]}{_PAIRS[second]}{_PAIRS[drawn % len(_PAIRS)]}"
