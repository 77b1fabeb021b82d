"""What most tests of copies begin with."""

import pytest
from backup.backup_stage import ON_TELEGRAM, opened
from store.factories import NEIGHBOUR, consent, happen, lead, person, reply, turn


@pytest.fixture
def store(tmp_path):
    made = opened(tmp_path / "data.sqlite3")
    happen(made, lead(), consent())
    happen(made, lead("HN-BBBBBB", person(2)), consent(), contact=NEIGHBOUR)
    with made.transaction() as unit:
        turn(unit, "u1", "chào em", reply("chưa gửi"), contact=ON_TELEGRAM)
    yield made
    made.close()
