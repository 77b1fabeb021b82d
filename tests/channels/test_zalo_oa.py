"""The Official Account over real HTTP: events in, one message a turn out, nothing answered that asks nothing."""

import pytest_asyncio
from channels.zalo_house import housed


@pytest_asyncio.fixture
async def house(understanding, catalogue, tmp_path):
    async with housed(understanding, catalogue, tmp_path / "db.sqlite3") as house:
        yield house


async def test_a_question_is_answered_once_with_buttons_and_a_numbered_list(house):
    assert (await house.peer.says("An", "còn lớp may không")).status == 200
    [sent] = await house.peer.wait_for(1, "An")
    assert sent.buttons
    assert sent.text.count("\n1. ") == 1
    assert sent.text == house.words("An")[0]
    assert await house.fates() == {"sent": 1}
