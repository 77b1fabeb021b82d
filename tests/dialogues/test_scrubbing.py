"""Questions that nobody could answer are kept without the person in them: the cases of tests/cases/scrubbing.toml."""

import tomllib
from pathlib import Path

import pytest
from dialogues.talking import talk_of
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue import registration
from bot.dialogue.engine import step
from bot.dialogue.scrubbing import LONGEST, scrub
from bot.effects import QuestionUnanswered
from bot.model import FormState, Session

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


ASKING_YEAR = FormState(
    registration.NAME, "birth_year", {"consents": ["list"], "commune": "99001", "full_name": "Lò Thị Mẫu"}
)
SAID = "Tôi là Nguyễn Văn Mẫu, số 0900 000 001, giá vàng hôm nay là bao nhiêu?"


@pytest.mark.parametrize("form", [None, ASKING_YEAR], ids=["free", "in a form"])
def test_a_question_is_scrubbed_before_it_is_kept(understanding, catalogue, form):
    talk = talk_of(understanding, catalogue, SAID, session=Session(form=form))
    turn = step(talk.session, talk.incoming, talk.world)
    assert [e.text for e in turn.effects if isinstance(e, QuestionUnanswered)] == [
        "Tôi là …, số …, giá vàng hôm nay là bao nhiêu?"
    ]
