"""Many people on Telegram, the program killed over and over, by webhook and by polling."""

import random

import pytest
from faults.stage import Program
from faults.test_telegram_kill import SCRIPT, survive


@pytest.mark.soak
@pytest.mark.process
@pytest.mark.parametrize(("webhook", "apart"), [(True, 0), (True, 1), (False, 1)], ids=["riding", "sending", "polling"])
async def test_thirty_people_are_each_answered_once(tmp_path, webhook, apart):
    program = Program(tmp_path, SCRIPT)
    try:
        await survive(program, tmp_path / "data", random.Random(), webhook=webhook, apart=apart, kills=30)
    finally:
        program.close()
