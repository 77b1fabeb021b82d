"""An hour of life in some minutes, on SQLite and on PostgreSQL (docs/chaos.md)."""

import pytest
from soak.chaos.plan import plan
from soak.chaos.report import chaos

MINUTES, PEOPLE = 5.0, 2000


@pytest.mark.soak
@pytest.mark.process
@pytest.mark.parametrize("seed", [1, 2])
async def test_every_invariant_holds_after_chaos(tmp_path, seed):
    assert await chaos(plan(seed, MINUTES, PEOPLE), tmp_path) == []
