"""An answer per purpose: what each wording agrees to, and what it never does."""

import pytest

from bot.dialogue import consent
from bot.dialogue.consent import ANNOUNCE, FORWARD, LIST
from bot.dialogue.fields import Accepted, Ends, Narrow, Refused


@pytest.mark.parametrize(
    ("said", "agreed"),
    [
        ("abc", [LIST, ANNOUNCE, FORWARD]),
        ("đồng ý cả ba", [LIST, ANNOUNCE, FORWARD]),
        ("dong y het", [LIST, ANNOUNCE, FORWARD]),
        ("a, b, c", [LIST, ANNOUNCE, FORWARD]),
        ("a va c", [LIST, FORWARD]),
        ("đồng ý a và b", [LIST, ANNOUNCE]),
        ("ab", [LIST, ANNOUNCE]),
        ("b a", [LIST, ANNOUNCE]),
        ("chỉ a thôi", [LIST]),
        ("A", [LIST]),
        ("đồng ý", [LIST]),
        ("có", [LIST]),
        ("dạ vâng", [LIST]),
        ("ok em", [LIST]),
        ("a only", [LIST]),
    ],
)
def test_each_wording_agrees_to_no_more_than_it_says(said, agreed, talk):
    assert consent.parse(said, {}, talk) == Accepted(agreed)


@pytest.mark.parametrize("said", ["none", "không", "ko", "không đồng ý", "tôi không đồng ý", "no"])
def test_a_refusal_ends_the_form(said, talk):
    parsed = consent.parse(said, {}, talk)
    assert isinstance(parsed, Ends)
    assert parsed.turn.session.form is None
    assert not parsed.turn.effects


@pytest.mark.parametrize("said", ["b", "b và c", "không đồng ý c", "để xem đã", "ba", "bà", "abcabc", "d", ""])
def test_what_is_not_clear_is_asked_again(said, talk):
    assert isinstance(consent.parse(said, {}, talk), Refused)


@pytest.mark.parametrize("said", ["helper", "cho người khác", "đăng ký hộ mẹ tôi"])
def test_for_somebody_else_the_screen_changes(said, talk):
    parsed = consent.parse(said, {}, talk)
    assert isinstance(parsed, Narrow)
    assert parsed.remember == {"owner": "helper"}
    assert "field:self" in [c.value for c in parsed.reply.choices]


def test_and_back_again(talk):
    assert consent.parse("self", {"owner": "helper"}, talk).remember == {"owner": "self"}


def test_refused_purposes_are_kept_as_proof_too():
    facts = consent.given({"consents": [LIST]}, "HN-AAAAAA")
    assert {f.purpose: f.given for f in facts} == {LIST: True, ANNOUNCE: False, FORWARD: False}
    assert {f.text_version for f in facts} == {consent.TEXT_VERSION}


def test_a_helper_and_a_guardian_are_named_as_such():
    facts = consent.given({"consents": [LIST], "owner": "helper", "guardian_name": "Lò Văn Hặc"}, "HN-AAAAAA")
    assert {(f.purpose, f.by) for f in facts if f.given} == {(LIST, "helper"), ("guardian", "guardian")}
