"""Danger in doubt, and what is no danger."""

import pytest

from bot.dialogue import danger
from intents.recogniser import EMERGENCY, Recognition, Scored


def heard(decision, *topics):
    return Recognition(decision, tuple(Scored(name, score) for name, score in topics))


@pytest.mark.parametrize(
    ("found", "text", "expected"),
    [
        (heard("answer", (EMERGENCY, 0.95)), "cứu", True),
        (heard("answer", ("cost", 0.95), (EMERGENCY, 0.04)), "bốn chữ ở đây", False),
        (heard("clarify", (EMERGENCY, 0.08), ("cost", 0.02)), "bò húc người ta rồi", True),
        (heard("clarify", (EMERGENCY, 0.08), ("cost", 0.02)), "Lo Thi Mau", False),
        (heard("clarify", ("cost", 0.5), (EMERGENCY, 0.35)), "bò húc người ta rồi", True),
        (heard("clarify", ("cost", 0.5), (EMERGENCY, 0.1)), "bò húc người ta rồi", False),
        (heard("unknown", (EMERGENCY, 0.4)), "bò húc người ta rồi", False),
    ],
)
def test_danger_is_answered_when_sure_or_when_it_leads(found, text, expected):
    assert danger.heard(found, text, answers=False) is expected


def test_a_good_answer_to_a_form_is_no_danger_in_doubt():
    doubt = heard("clarify", (EMERGENCY, 0.4))
    assert not danger.heard(doubt, "Lò Thị Mẫu Mẫu", answers=True)
    assert danger.heard(heard("answer", (EMERGENCY, 0.9)), "cứu", answers=True)
