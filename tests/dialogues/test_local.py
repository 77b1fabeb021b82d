"""What officers taught is asked first, in its own commune, and never over what must be heeded."""

from dataclasses import replace

import pytest
from dialogues.talking import talk_of

from bot import demo
from bot.dialogue import registration
from bot.dialogue.engine import step
from bot.effects import OfficerAsked, QuestionUnanswered
from bot.local import LocalAnswer, LocalBook, Office
from bot.model import FormState, Session
from intents.near import NearBook, Phrase

HERE = demo.CODE
WIFI = "nhà văn hóa có sóng wifi chưa"
ASKING_NAME = FormState(registration.NAME, "full_name", {"consents": ["list"], "commune": HERE, "hamlet": None})
ASKING_TRADE = FormState(registration.NAME, "trade", {"consents": ["list"], "commune": HERE})


def book(*phrases, answers=None, offices=None):
    """Phrases are (commune, text, target)."""
    return LocalBook(NearBook(Phrase(*p) for p in phrases), answers or {}, offices or {})


def own_word(commune=HERE, source=""):
    answers = {"1": LocalAnswer("Có rồi, bà con vào bắt wifi.", source, commune)}
    return book((HERE, WIFI, "local:1"), answers=answers)


def says(understanding, catalogue, said, local, *, place=HERE, state=None, **session):
    talk = talk_of(understanding, catalogue, said, session=Session(form=state, **session), place=place, local=local)
    return step(talk.session, talk.incoming, talk.world)


def text(turn):
    return "\n".join(reply.text for reply in turn.replies)


def test_a_local_answer_is_told_with_whose_word_it_is(understanding, catalogue):
    turn = says(understanding, catalogue, "nha van hoa co song wifi chua a", own_word())
    assert text(turn).splitlines() == ["Có rồi, bà con vào bắt wifi.", "– Lời của xã Nà Pàn (xã ví dụ)"]
    assert turn.session.topic == "local:1"
    assert turn.replies[-1].choices, "never a dead end"
    assert turn.effects == ()


def test_a_local_answer_names_what_it_rests_on(understanding, catalogue):
    assert "Theo: Thông báo 12" in text(says(understanding, catalogue, WIFI, own_word(source="Thông báo 12")))
    assert "Lời của cán bộ" in text(says(understanding, catalogue, WIFI, own_word(commune="")))


def test_it_holds_in_its_own_commune_alone(understanding, catalogue):
    turn = says(understanding, catalogue, WIFI, own_word(), place="03595")
    assert turn.effects == (QuestionUnanswered(WIFI, "unknown", "03595"),)


def test_a_phrasing_leads_to_its_topic(understanding, catalogue):
    said = "bản mình được phát ủng với quần áo không hè"
    taught = says(understanding, catalogue, said, book((HERE, said, "support_meals_travel")))
    asked = says(understanding, catalogue, "tiền ăn đi lại được bao nhiêu", book())
    assert text(taught) == text(asked)


def test_what_was_taught_comes_before_what_is_recognised_otherwise(understanding, catalogue):
    said = "cần nộp giấy tờ gì"
    assert says(understanding, catalogue, said, book()).session.topic == "documents"
    assert says(understanding, catalogue, said, book((HERE, said, "cost"))).session.topic == "cost"


def test_an_answer_that_was_taken_back_is_not_told(understanding, catalogue):
    turn = says(understanding, catalogue, WIFI, book((HERE, WIFI, "local:7")))
    assert isinstance(turn.effects[0], QuestionUnanswered)


@pytest.mark.parametrize(
    "said",
    [
        "gặp cán bộ",
        "dừng nhắn tin",
        "xóa thông tin của tôi",
        "xem thông tin của tôi",
        "chồng tôi đánh tôi chảy máu cứu với",
        "tôi muốn được người thật trả lời",
        "đừng gửi tin cho tôi nữa",
        "xóa hết dữ liệu của tôi đi",
        "hủy đăng ký",
        "menu",
    ],
)
def test_nothing_that_must_be_heeded_can_be_taught_away(understanding, catalogue, said):
    """Even when the book holds it (a future version of the program may heed more words than today's)."""
    taught = book(("", said, "local:1"), answers={"1": LocalAnswer("SAI", "", "")})
    assert "SAI" not in text(says(understanding, catalogue, said, taught))
    assert text(says(understanding, catalogue, said, taught)) == text(says(understanding, catalogue, said, book()))


def test_a_taught_question_is_answered_within_a_form_which_goes_on(understanding, catalogue):
    turn = says(understanding, catalogue, WIFI, own_word(), state=ASKING_NAME)
    assert "bắt wifi" in turn.replies[0].text
    assert turn.session.form is not None
    assert turn.session.form.asking == "full_name"


def test_the_answer_to_a_form_is_no_question_that_was_taught(understanding, catalogue):
    taught = book((HERE, "lái xe nâng", "local:1"), answers={"1": LocalAnswer("SAI", "", HERE)})
    turn = says(understanding, catalogue, "lái xe nâng", taught, state=ASKING_TRADE)
    assert "SAI" not in text(turn)
    told = says(understanding, catalogue, "lái xe nâng", taught)
    assert "SAI" in text(told), "outside the form it is"


def test_words_for_an_officer_are_passed_on_whatever_was_taught(understanding, catalogue):
    state = FormState("handover", "message", {"reason": "asked", "agree": True, "commune": HERE})
    turn = says(understanding, catalogue, WIFI, own_word(), state=state)
    assert "bắt wifi" not in text(turn)
    assert [e.text for e in turn.effects if isinstance(e, OfficerAsked)] == [WIFI]


def test_the_office_is_told_where_people_ask_whom_to_turn_to(understanding, catalogue):
    office = Office("Phòng Văn hóa – Xã hội", "0900 000 009", "thôn Ví Dụ", "7 giờ đến 17 giờ")
    local = book(offices={HERE: office})
    told = text(says(understanding, catalogue, "hỏi chuyện học nghề thì gặp ai ở xã", local))
    assert "điện thoại 0900 000 009; địa chỉ: thôn Ví Dụ; giờ làm việc: 7 giờ đến 17 giờ" in told
    assert "0900 000 009" not in text(
        says(understanding, catalogue, "hỏi chuyện học nghề thì gặp ai ở xã", local, place="03595")
    )
    empty = replace(local, offices={HERE: Office()})
    assert "xã ví dụ" not in text(says(understanding, catalogue, "hỏi chuyện học nghề thì gặp ai ở xã", empty)).lower()


def test_an_officer_is_still_reached(understanding, catalogue):
    turn = says(understanding, catalogue, WIFI, own_word())
    officer = next(c for c in turn.replies[-1].choices if c.value == "act:human")
    assert officer.label
    assert not any(isinstance(e, OfficerAsked) for e in turn.effects)


def test_whose_words_a_platform_keeps_back_is_told_the_offices_phone(understanding, catalogue):
    local = book(offices={HERE: Office(phone="0900 000 009")})
    talk = talk_of(understanding, catalogue, "", place=HERE, local=local)
    incoming = replace(talk.incoming, attachment="unsupported")
    assert "0900 000 009" in text(step(talk.session, incoming, talk.world))
    assert "0900 000 009" not in text(step(talk.session, incoming, replace(talk.world, place="03595")))
