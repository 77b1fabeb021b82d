"""The two stores compared for many minutes' worth of random transactions."""

import pytest
from hypothesis import HealthCheck, given, settings
from store.factories import database, empty, sqlite_store
from store.operations import STEPS, play

from bot.store.memory import MemoryStore


@pytest.fixture(scope="module")
def emptied(tmp_path_factory):
    path = tmp_path_factory.mktemp("soak") / "sameness.sqlite3"
    database(path).dispose()
    store = sqlite_store(path)
    yield store
    store.close()


@pytest.mark.soak
@settings(max_examples=2000, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_any_sequence_of_transactions_gives_the_same_many_times_over(emptied, steps):
    empty(emptied)
    assert play(emptied, steps) == play(MemoryStore(), steps)
