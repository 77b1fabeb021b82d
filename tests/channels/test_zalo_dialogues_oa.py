"""The dialogue cases of the web chat through the Official Account, over real HTTP: one message a turn."""

import pytest
from channels.zalo_talk import CASES, DAYS, play_all


@pytest.mark.parametrize("day", DAYS)
async def test_the_talks_go_as_written(understanding, catalogue, tmp_path, day):
    await play_all(understanding, catalogue, tmp_path / "db.sqlite3", "oa", day)


def test_nearly_all_talks_are_played():
    assert len(CASES) >= 80
