"""Every test that takes `store` runs on both stores: what is true of one is true of the other."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from store.factories import database, empty, postgres_store, sqlite_store
from store.keyed import folder_with_people  # noqa: F401 - the fixture `folder`

from bot.store.memory import MemoryStore
from bot.store.port import Store
from bot.store.sql import SqlStore


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database to copy: a migration for every test would take longer than the tests."""
    path = tmp_path_factory.mktemp("store") / "empty.sqlite3"
    database(path).dispose()
    return path


@pytest.fixture
def database_file(tmp_path: Path, empty_database: Path) -> Path:
    """A migrated database of this test's own."""
    return Path(shutil.copy(empty_database, tmp_path / "hocnghe.sqlite3"))


@pytest.fixture
def sqlite(database_file: Path) -> Iterator[SqlStore]:
    """The store on SQLite alone."""
    store = sqlite_store(database_file)
    yield store
    store.close()


@pytest.fixture(scope="session")
def shared_sqlite(empty_database: Path) -> Iterator[SqlStore]:
    """One engine for many tests: a new one has to compile every statement anew."""
    store = sqlite_store(Path(shutil.copy(empty_database, empty_database.with_name("shared.sqlite3"))))
    yield store
    store.close()


@pytest.fixture(scope="session")
def shared_postgres() -> Iterator[SqlStore]:
    """The server of `tests/postgres.sh`."""
    store = postgres_store()
    yield store
    store.close()


STORES = ["memory", "sqlite", *(["postgres"] if os.environ.get("HOCNGHE_TEST_DATABASE") else [])]


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest) -> Store:
    """Each store in turn, empty."""
    if request.param == "memory":
        return MemoryStore()
    shared: SqlStore = request.getfixturevalue(f"shared_{request.param}")
    empty(shared)
    return shared
