"""Fixtures of the dialogue's own tests."""

import pytest
from dialogues.talking import talk_of


@pytest.fixture
def talk(understanding, catalogue):
    """A talk in which nothing has been said yet."""
    return talk_of(understanding, catalogue)
