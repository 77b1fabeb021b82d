import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intents.recogniser import ACTS, EMERGENCY, TOPICS


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("chào em", "greeting"),
        ("CẢM ƠN Ạ", "thanks"),
        ("ok", "affirm"),
        ("vâng", "affirm"),
        ("khong", "deny"),
        ("ko", "deny"),
        ("dạ đúng rồi", "affirm"),
        ("tạm biệt", "goodbye"),
        ("alo", "greeting"),
        ("tks", "thanks"),
        ("hông phải", "deny"),
    ],
)
def test_short_acts_are_answered(recogniser, text, act):
    found = recogniser.recognise(text)
    assert (found.decision, found.best) == ("answer", act)


@pytest.mark.parametrize(
    "text",
    [
        "Chồng tôi đang đánh tôi, cứu với",
        "chong toi dang danh toi cuu voi",
        "con em bi ran can",
        "cuwus vowis nhaf chays",
        "máu chảy quá trời rồi",
        "tôi không muốn sống nữa",
        "em bị nhốt ko cho về, cứu e vs",
        "be nha toi bi duoi nuoc",
    ],
)
def test_an_emergency_comes_first(recogniser, text):
    found = recogniser.recognise(text)
    assert (found.decision, found.best) == ("answer", EMERGENCY)


@pytest.mark.parametrize(
    "text",
    [
        "xe máy bị chết máy giữa đường",
        "học sơ cứu ở đâu",
        "lớp điện có dạy an toàn điện giật không",
        "muốn vay vốn nuôi rắn",
        "cười chết mất",
        "tai nạn lao động có được hưởng bảo hiểm không",
    ],
)
def test_words_that_only_sound_dangerous_are_no_emergency(recogniser, text):
    found = recogniser.recognise(text)
    assert not (found.decision == "answer" and found.best == EMERGENCY), found


def test_two_questions_are_both_seen(recogniser):
    found = recogniser.recognise("Lớp may học mấy tháng thì xong? Học xong có được cấp chứng chỉ không?")
    seen = {found.best, *(scored.topic for scored in found.further)}
    assert found.decision == "answer"
    assert seen >= {"duration", "certificate"}


def test_an_empty_message_is_unknown(recogniser):
    assert recogniser.recognise("").decision == "unknown"
    assert recogniser.recognise("??!!").decision == "unknown"


@settings(max_examples=80, deadline=None)
@given(text=st.text(max_size=120))
def test_any_text_gives_a_recognition(recogniser, text):
    found = recogniser.recognise(text)
    assert len(found.topics) <= 3
    assert all(0 <= scored.score <= 1 for scored in found.topics)
    assert {scored.topic for scored in found.topics} <= {*TOPICS, *ACTS, EMERGENCY}


def test_a_very_long_message_is_read_to_a_limit(recogniser):
    assert recogniser.recognise("học nghề may " * 5000).topics
