"""A session as JSON and back; what another version wrote is refused, never half read."""

import json

import pytest

from bot.dialogue.memory import SessionUnreadable, dump, load
from bot.model import Choice, FormState, Session

FULL = Session(
    language="en",
    offered=(Choice("field:a", "Đồng ý"), Choice("menu:", "Hỏi việc khác")),
    form=FormState(
        "registration", "phone", {"trade": {"id": "", "text": "nặn tò he"}, "phone": None}, 2, correcting=True
    ),
    parked=FormState("registration", "trade", {"consents": ["list"]}),
    facts={"age": 45, "screened": {"situations": ["none"]}},
    topic="register",
    misses=1,
    greeted=True,
    last_at="2026-11-22T09:00:00+07:00",
    owns_from="2026-11-22T09:00:00+07:00",
)


@pytest.mark.parametrize("session", [Session(), FULL])
def test_what_is_remembered_comes_back_the_same(session):
    assert load(dump(session)) == session
    assert "\n" not in dump(session)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "null",
        "no JSON",
        json.dumps({**json.loads(dump(FULL)), "version": 0}),
        json.dumps({**json.loads(dump(FULL)), "unheard_of": 1}),
        json.dumps({**json.loads(dump(FULL)), "offered": [{"value": "x"}]}),
        json.dumps({**json.loads(dump(FULL)), "form": {"asking": "x"}}),
    ],
)
def test_what_cannot_be_read_is_said_to_be_unreadable(text):
    with pytest.raises(SessionUnreadable):
        load(text)
