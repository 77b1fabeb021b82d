"""What the tests of knowledge share: the real data, and how a value is written out."""

from datetime import date
from pathlib import Path

import pytest

from knowledge import places
from knowledge.catalogue import Catalogue

CASES = Path(__file__).parents[1] / "cases" / "knowledge"


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return Catalogue.load()


@pytest.fixture(scope="session")
def gazetteer() -> places.Gazetteer:
    return places.load()


@pytest.fixture
def today() -> date:
    return date(2026, 11, 22)
