"""One migrated database for the inbox's tests, emptied for each."""

import pytest
from inbox.inbox_stage import CutStore, Stage
from store.factories import KEY, database, empty, engine_at

from bot.store.crypto import Cipher


@pytest.fixture(scope="session")
def inbox_store(tmp_path_factory):
    """A store to empty and use again: a new engine has to compile every statement anew."""
    path = tmp_path_factory.mktemp("inbox") / "inbox.sqlite3"
    database(path).dispose()
    store = CutStore(engine_at(path, lasting=True), Cipher(KEY))
    yield store
    store.engine.dispose()


class Builder:
    """Makes fresh houses: the store emptied, officers hired, nobody has asked. (What it holds is too long to print.)"""

    def __init__(self, *parts):
        self._parts = parts

    def __call__(self) -> Stage:
        store = self._parts[0]
        store.cut = False
        store.tally.taken()
        empty(store)
        return Stage(*self._parts)


@pytest.fixture(scope="session")
def fresh(inbox_store, understanding, catalogue) -> Builder:
    """For tests that need many."""
    return Builder(inbox_store, understanding, catalogue)


@pytest.fixture
def stage(fresh) -> Stage:
    """A fresh house."""
    return fresh()
