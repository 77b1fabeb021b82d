"""A house of its own for every test."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from announcements.ledger_stage import House
from store.factories import database


@pytest.fixture(scope="session")
def empty_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("announcements") / "empty.sqlite3"
    database(path).dispose()
    return path


@pytest.fixture
def house(empty_ledger: Path, tmp_path: Path) -> Iterator[House]:
    made = House(shutil.copy(empty_ledger, tmp_path / "ledger.sqlite3"))
    yield made
    made.close()
