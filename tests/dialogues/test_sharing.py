"""Contact details from a platform's own form: the asked question takes its part, the rest is offered, no more."""

from dataclasses import replace

import pytest
from dialogues.talking import talk_of

from bot.dialogue.engine import step
from bot.model import FormState, Session

SHARED = {"phone": "0900000123", "full_name": "Nguyễn Thị An", "birth_date": "30/10/1999"}
BEFORE = {"consents": ["list"], "trade": {"id": "may", "text": "May"}, "commune": "99001", "hamlet": "Bản Mẫu"}
NAMED = {**BEFORE, "full_name": "Nguyễn Thị An", "birth_year": 1999}


@pytest.fixture
def shares(understanding, catalogue):
    def turn(asking, shared=SHARED, **values):
        session = Session(form=FormState("registration", asking, values or BEFORE)) if asking else Session()
        talk = talk_of(understanding, catalogue, session=session)
        return step(session, replace(talk.incoming, shared=shared), talk.world)

    return turn


def labels(turn):
    return [c.label for c in turn.replies[-1].choices]


def test_the_phone_answers_the_question_for_it(shares):
    turn = shares("phone", **NAMED)
    assert turn.session.form.values["phone"] == "0900000123"
    assert turn.session.form.asking == "summary"


def test_the_name_answers_its_question_and_the_rest_is_offered_next(shares):
    turn = shares("full_name")
    assert turn.session.form.values["full_name"] == "Nguyễn Thị An"
    assert labels(turn) == ["30/10/1999"]
    assert "birth_year" not in turn.session.form.values


def test_what_is_no_name_or_no_number_is_not_offered_and_is_asked_again(shares):
    turn = shares("full_name", {"full_name": "An ❤", "phone": "12"})
    assert turn.session.form.asking == "full_name"
    assert labels(turn) == []
    assert shares("phone", {"phone": "12"}, **NAMED).session.form.asking == "phone"


def test_a_helpers_own_number_is_not_taken_for_the_persons(shares):
    turn = shares("phone", **NAMED, owner="helper", agreed=True)
    assert "phone" not in turn.session.form.values
    assert labels(turn) == ["Không có điện thoại"]
    assert turn.replies[-1].asks == ""


def test_outside_a_form_it_is_on_no_list_and_there_is_a_next_step(shares):
    turn = shares("")
    assert turn.effects == ()
    assert "chưa ghi vào danh sách" in turn.replies[-1].text
    assert labels(turn)


def test_the_phone_is_asked_so_that_a_channel_can_offer_its_own_way(shares):
    assert shares("birth_year", **BEFORE, full_name="Nguyễn Thị An").replies[-1].asks == "phone"
