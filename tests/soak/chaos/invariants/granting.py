"""Zalo's refresh token works once: none is spent in vain, whatever became of the database meanwhile."""

from datetime import timedelta

from soak.chaos.evidence import Evidence

SPENT = frozenset({-14014, -118})
BEFORE, AFTER = timedelta(seconds=1), timedelta(seconds=15)  # of a grant: asked for; answered and written down


def no_token_in_vain(e: Evidence) -> list[str]:
    """A spent token is shown only after a process was killed, or hung, with the new one in its hands."""
    faults, granted = [], None
    for at, code in e.renewals:
        if code == 0:
            granted = at
        elif code in SPENT and granted is not None:
            if not any(granted - BEFORE <= harm <= granted + AFTER for harm in e.run.harms):
                faults.append(f"a spent token was shown at {at:%H:%M:%S}; the last was granted at {granted:%H:%M:%S}")
            granted = None
    return faults


CHECKS = (no_token_in_vain,)
