"""The web chat, running on loopback."""

from collections.abc import AsyncIterator

import pytest_asyncio
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
