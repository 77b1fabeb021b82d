"""Questions in the middle of a form: which words are one, and that the way back is never lost."""

from dataclasses import dataclass, replace

import pytest
from dialogues.talking import talk_of

from bot.dialogue import registration
from bot.dialogue.digression import NONE, STRONG, WEAK, question_marks
from bot.dialogue.engine import step
from bot.effects import OfficerAsked, QuestionUnanswered
from bot.model import FormState, Session
from intents.recogniser import Recognition, Scored

ASKING_NAME = FormState(registration.NAME, "full_name", {"consents": ["list"], "commune": "99001", "hamlet": None})


@dataclass(frozen=True, slots=True)
class Says:
    """A recogniser that is always of one opinion."""

    decision: str
    topics: tuple[str, ...] = ()
    score: float = 0.9

    def recognise(self, text: str) -> Recognition:
        """Whatever `text` is."""
        others = () if self.score == 1 else (Scored("loan_study", 0.01),)
        return Recognition(self.decision, (*(Scored(t, self.score) for t in self.topics), *others))


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("học phí bao nhiêu", STRONG),
        ("co mat tien khong", STRONG),
        ("cho hỏi lớp may", STRONG),
        ("1981?", STRONG),
        ("nên học nghề gì", WEAK),
        ("toi muon hoc may", WEAK),
        ("Lo Thi May", WEAK),
        ("Lò Thị May", NONE),
        ("tôi muốn học may", NONE),
        ("không", NONE),
        ("chưa học nghề", NONE),
        ("không biết đâu", WEAK),
        ("bản Lừ", NONE),
        ("", NONE),
    ],
)
def test_which_words_look_like_a_question(text, marks):
    assert question_marks(text) == marks


def saying(understanding, catalogue, recogniser, said, state=ASKING_NAME):
    mind = replace(understanding, recogniser=recogniser)
    talk = talk_of(mind, catalogue, said, session=Session(form=state))
    return step(talk.session, talk.incoming, talk.world)


def tapping(turn, value, understanding, catalogue):
    talk = talk_of(understanding, catalogue, session=turn.session)
    return step(talk.session, replace(talk.incoming, choice=value), talk.world)


@pytest.mark.parametrize(
    ("topic", "said", "told"),
    [
        ("documents", "cần giấy tờ gì?", "Giấy đề nghị"),
        ("support_tuition", "được hỗ trợ bao nhiêu tiền", "4.000.000 đồng"),
        ("support_meals_travel", "tien an bao nhieu", "50.000 đồng"),
    ],
)
def test_a_question_is_answered_and_the_field_asked_again(topic, said, told, understanding, catalogue):
    turn = saying(understanding, catalogue, Says("answer", (topic,)), said)
    assert told in turn.replies[0].text
    assert "Căn cứ" in turn.replies[0].text
    assert turn.replies[-1].text.endswith("Họ và tên đầy đủ của anh/chị?")
    assert turn.session.form.asking == "full_name"


def test_an_uncertain_question_offers_topics_that_lead_back_into_the_form(understanding, catalogue):
    turn = saying(understanding, catalogue, Says("clarify", ("documents", "cost")), "giấy tờ tiền nong thế nào?")
    assert [c.value for c in turn.replies[-1].choices] == [
        "aside:documents",
        "aside:cost",
        "aside:loan_study",
        "resume:",
    ]
    for value in ("aside:documents", "resume:"):
        after = tapping(turn, value, understanding, catalogue)
        assert after.replies[-1].text.endswith("Họ và tên đầy đủ của anh/chị?")
        assert after.session.form.asking == "full_name"


def test_an_unknown_question_is_kept_for_the_officers_and_the_form_goes_on(understanding, catalogue):
    turn = saying(understanding, catalogue, Says("unknown"), "giá vàng hôm nay là bao nhiêu?")
    assert turn.effects == (QuestionUnanswered("giá vàng hôm nay là bao nhiêu?", "unknown", ""),)
    assert "ghi lại" in turn.replies[-1].text
    assert "Họ và tên" in turn.replies[-1].text


def test_a_name_that_looks_like_a_question_or_like_thanks_is_a_name(understanding, catalogue):
    for recogniser in (Says("clarify", ("documents",)), Says("answer", ("thanks",), 0.9), Says("unknown")):
        turn = saying(understanding, catalogue, recogniser, "Lò Thị Ơn")
        assert turn.session.form.values["full_name"] == "Lò Thị Ơn"


def test_thanks_and_a_bare_yes_are_no_names(understanding, catalogue):
    assert (
        saying(understanding, catalogue, Says("answer", ("thanks",), 1.0), "cảm ơn em").session.form.asking
        == "full_name"
    )
    turn = saying(understanding, catalogue, Says("answer", ("affirm",), 1.0), "dạ vâng")
    assert "full_name" not in turn.session.form.values


def test_goodbye_and_the_officer_leave_the_form_and_keep_it(understanding, catalogue):
    for topic in ("goodbye", "register_status"):
        turn = saying(understanding, catalogue, Says("answer", (topic,), 1.0), "chào em nhé")
        assert turn.session.form is None
        assert turn.session.parked == ASKING_NAME
        assert turn.replies[-1].choices[0].value == "resume:"


def test_a_question_at_the_consent_screen_is_no_consent(understanding, catalogue):
    start = FormState(registration.NAME, "consents")
    for recogniser in (Says("answer", ("cost",)), Says("clarify", ("cost",)), Says("unknown")):
        turn = saying(understanding, catalogue, recogniser, "có phải nộp tiền gì không", start)
        assert "consents" not in turn.session.form.values


def test_a_bare_answer_is_no_emergency_and_a_cry_is_one_anywhere(understanding, catalogue):
    asked = FormState(registration.NAME, "agreed", {"consents": ["list"], "owner": "helper"})
    for said in ("rồi", "dạ có", "chưa ạ"):
        turn = saying(understanding, catalogue, Says("answer", ("emergency",), 0.6), said, asked)
        assert "113" not in turn.replies[0].text
    for said in ("cứu", "không thở được", "cháy nhà"):
        turn = saying(understanding, catalogue, Says("answer", ("emergency",), 0.6), said, asked)
        assert "113" in turn.replies[0].text
        assert turn.session.form == asked


def test_a_message_to_the_officer_may_be_a_question(understanding, catalogue):
    state = FormState("handover", "message", {"reason": "asked", "agree": True, "commune": "99001"})
    turn = saying(understanding, catalogue, Says("answer", ("schedule",)), "bao giờ mở lớp?", state)
    assert [e.text for e in turn.effects if isinstance(e, OfficerAsked)] == ["bao giờ mở lớp?"]


def test_a_late_tap_on_an_earlier_question_answers_nothing(understanding, catalogue):
    state = replace(ASKING_NAME, asking="hamlet", values={"consents": ["list"], "commune": "99001"})
    talk = talk_of(understanding, catalogue, session=Session(form=state))
    turn = step(talk.session, replace(talk.incoming, choice="field:cooking"), talk.world)
    assert turn.session.form.values == state.values
    assert turn.replies[-1].text.startswith("Ở thôn")
