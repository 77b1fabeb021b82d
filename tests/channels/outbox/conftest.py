"""A store and an executor for an outbox."""

import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest
from store.factories import database, sqlite_store

from bot.channels.inbound import runner


@pytest.fixture(scope="session")
def empty_box(tmp_path_factory):
    """A migrated database to copy."""
    path = tmp_path_factory.mktemp("outbox") / "empty.sqlite3"
    database(path).dispose()
    return path


@pytest.fixture
def store(empty_box, tmp_path):
    store = sqlite_store(shutil.copy(empty_box, tmp_path / "box.sqlite3"))
    yield store
    store.close()


@pytest.fixture
def run():
    with ThreadPoolExecutor(1) as pool:
        yield runner(pool)
