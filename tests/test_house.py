"""The picture of the house shows the imports as they are."""

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parent.parent


def house():
    found = importlib.util.spec_from_file_location("house", ROOT / "docs" / "house.py")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_the_picture_shows_the_imports_as_they_are():
    made = house()
    assert made.drawn() == made.PICTURE.read_text(encoding="utf-8"), "make house"
    assert "store" in made.arrows()["app"]
    assert not made.arrows()["intents"]
