"""The dialogue cases of the web chat, through both Zalo channels and over real HTTP: one message a turn."""

from datetime import datetime, time

import pytest
from channels.zalo_house import housed
from channels.zalo_talk import Talk, cases
from peers.zalo import Rules
from peers.zalo_ledger import ZONE

CASES = cases()
DAYS = sorted({case["on"] for _, case in CASES})


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("product", ["oa", "bot"])
async def test_the_talks_go_as_written(understanding, catalogue, tmp_path, product, day):
    at, rules = datetime.combine(day, time(9), ZONE), Rules(free_replies=None)
    path, public = tmp_path / "db.sqlite3", product == "bot"
    async with housed(understanding, catalogue, path, product, at=at, rules=rules, public=public) as house:
        for name, case in CASES:
            if case["on"] == day:
                house.afresh(at)
                await Talk(house, name, case).play()
                assert set(await house.fates()) == {"sent"}


def test_nearly_all_talks_are_played():
    assert len(CASES) >= 80
