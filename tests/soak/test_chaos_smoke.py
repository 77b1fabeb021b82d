"""The whole chaos run in small: sixty people, SQLite, the program killed."""

import pytest
from soak.chaos.plan import plan
from soak.chaos.report import chaos

SEED, MINUTES, PEOPLE = 3, 0.1, 60


@pytest.mark.process
async def test_sixty_people_survive_kills(tmp_path, capsys):
    found = await chaos(plan(SEED, MINUTES, PEOPLE, "kill,redeliver", pace=0.1), tmp_path)
    told = capsys.readouterr().out
    assert found == [], told
    assert "1 kills" in told
