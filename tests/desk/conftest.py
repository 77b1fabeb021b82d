"""A desk of its own for every test."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from desk.desk_stage import Browser, House, running
from store.factories import database

from bot.desk import errands, guard, signing_in


@pytest.fixture(scope="session")
def empty_desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database to copy."""
    path = tmp_path_factory.mktemp("desk") / "empty.sqlite3"
    database(path).dispose()
    return path


@pytest_asyncio.fixture
async def house(understanding, catalogue, empty_desk, tmp_path, monkeypatch) -> AsyncIterator[House]:
    """The desk, with room for many requests from one address, and patience on a busy machine."""
    monkeypatch.setattr(errands, "PATIENCE", 30.0)
    monkeypatch.setattr(guard, "PAGES_A_MINUTE", 10**6)
    monkeypatch.setattr(guard, "SIGN_INS_AN_HOUR", 10**6)
    signing_in._letters._left.clear()
    path = Path(shutil.copy(empty_desk, tmp_path / "desk.sqlite3"))
    async with running(understanding, catalogue, path) as house:
        yield house


@pytest_asyncio.fixture
async def officer(house) -> Browser:
    """An officer of the commune HERE, signed in."""
    return await house.signed_in(house.hire())
