"""The application of the hostile tests; one for each file, for to build it takes longer than to attack it."""

from pathlib import Path

import pytest
from store.factories import database

from bot.desk import guard, signing_in


@pytest.fixture(scope="session")
def empty_house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database to copy."""
    path = tmp_path_factory.mktemp("hostile") / "empty.sqlite3"
    database(path).dispose()
    return path


@pytest.fixture
def no_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """One address asks for everything."""
    monkeypatch.setattr(guard, "PAGES_A_MINUTE", 10**6)
    monkeypatch.setattr(guard, "SIGN_INS_AN_HOUR", 10**6)
    signing_in._letters._left.clear()
