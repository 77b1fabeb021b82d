"""What the tests of knowledge share: the real data and a day."""

from datetime import date

import pytest

from knowledge import places
from knowledge.catalogue import Catalogue


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return Catalogue.load()


@pytest.fixture(scope="session")
def gazetteer() -> places.Gazetteer:
    return places.load()


@pytest.fixture
def today() -> date:
    return date(2026, 11, 22)
