"""Questions that nobody could answer are kept without the person in them: the cases of tests/cases/scrubbing.toml."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.scrubbing import LONGEST, scrub

CASES = tomllib.loads((Path(__file__).parent.parent / "cases" / "scrubbing.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("said", "left"), CASES["gone"].items())
def test_what_is_personal_is_taken_out(said, left):
    assert scrub(said) == left
    assert scrub(left) == left, "what was scrubbed stays as it is"


@pytest.mark.parametrize("said", CASES["kept"]["say"])
def test_what_is_asked_stays(said):
    assert scrub(said) == said


@given(st.text(max_size=400))
def test_anything_can_be_scrubbed(said):
    assert len(scrub(said)) <= LONGEST
