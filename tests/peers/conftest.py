"""The Telegram peer over a clock that stands still, and a client of it."""

import pytest

from peers.telegram import TelegramPeer
from peers.telegram_client import Client, Clock


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def peer(clock):
    async with TelegramPeer(clock) as peer:
        yield peer


@pytest.fixture
async def api(peer):
    async with Client(peer) as api:
        yield api
