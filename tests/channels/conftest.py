"""The web chat, running on loopback; an empty database for the channels that need one."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from channels.telegram_stage import template
from channels.web_stage import Browser, House, running


@pytest_asyncio.fixture
async def house(understanding, catalogue) -> AsyncIterator[House]:
    """The chat with its usual limits."""
    async with running(understanding, catalogue) as house:
        yield house


@pytest_asyncio.fixture
async def browser(house) -> AsyncIterator[Browser]:
    """One person's browser."""
    async with house.browser() as browser:
        yield browser


@pytest.fixture(scope="session")
def telegram_base(tmp_path_factory):
    """A database of this schema to be copied."""
    return template(tmp_path_factory.mktemp("telegram"))
