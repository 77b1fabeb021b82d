"""Every dialogue case through Telegram, over HTTP, by webhook."""

import pytest
from channels.telegram_stage import copied
from channels.telegram_talk import CASES, play


@pytest.mark.parametrize("case", CASES)
async def test_the_talk_goes_as_written(case, telegram_base, tmp_path, understanding, catalogue):
    await play(case, copied(telegram_base, tmp_path), understanding, catalogue, webhook=True)
