"""Whatever is asked of the two stores, in whatever order, they give the same."""

from hypothesis import HealthCheck, given, settings
from store.factories import empty
from store.operations import STEPS, play

from bot.store.memory import MemoryStore


@settings(max_examples=30, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS)
def test_any_sequence_of_transactions_gives_the_same_in_memory_and_in_sqlite(shared_sqlite, steps):
    empty(shared_sqlite)
    assert play(shared_sqlite, steps) == play(MemoryStore(), steps)
