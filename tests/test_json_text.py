"""JSON as the program writes and reads it: as the standard library does, whatever people send."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.json_text import compact, parsed

TEXTS = st.text(st.characters(codec=None))  # with halves of characters, as broken emoji bring them
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_what_is_written_is_read_again_by_us_and_by_others(value):
    text = compact(value)
    assert parsed(text) == json.loads(text) == value


@given(VALUES)
def test_what_others_write_is_read(value):
    assert parsed(json.dumps(value)) == value
    assert parsed(json.dumps(value).encode()) == value


def test_whole_numbers_beyond_64_bits_are_written_as_they_are_and_read_as_near_as_a_float_is():
    assert compact(2**64) == "18446744073709551616"
    assert parsed("18446744073709551616") == float(2**64)


@pytest.mark.parametrize("value", [datetime(2026, 11, 28, tzinfo=UTC), {1, 2}, b"x"], ids=repr)
def test_what_is_no_json_is_refused(value):
    with pytest.raises(TypeError):
        compact({"is": value})


@pytest.mark.parametrize(
    "text", ["", "{", "[1,]", "nul", "'x'", b"\xff", "[" * 100_000], ids=lambda text: repr(text)[:12]
)
def test_what_is_no_json_is_not_read(text):
    with pytest.raises((ValueError, RecursionError)):
        parsed(text)
