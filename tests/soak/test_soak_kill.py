"""A hundred talks, the program killed every few turns."""

import random
import time

import pytest
from faults.stage import Left, Order, Program, assert_all_is_well, talk

TALKS = 100


@pytest.mark.soak
@pytest.mark.process
def test_a_hundred_talks_survive_being_killed_over_and_over(tmp_path):
    chance = random.Random()
    program = Program(tmp_path)
    data = tmp_path / "data"
    updates = tuple(u for n in range(1, TALKS + 1) for u in talk(f"cookie-{n}", f"0900000{n:03}"))
    kills, waiting = 0, updates
    while waiting:
        program.start(Order(str(data), waiting))
        for _ in range(min(chance.randint(0, 9), len(waiting))):
            program.until("handled")
        time.sleep(chance.uniform(0, 0.03))
        kills += program.kill()
        with Left(data) as left:
            assert left.faults() == []
            done = left.acknowledged()
        waiting = tuple(u for u in updates if u[:2] not in done)
    program.run(Order(str(data), ()))
    program.close()
    print(f"{len(updates)} updates, {kills} kills")
    assert kills > TALKS / 2
    assert_all_is_well(data, updates, kills)
