"""A lesson is tried against all cases and against what people asked lately before it is published."""

import time

import pytest

from bot.dialogue.lessons import Change, Refused, Trier, names_amount_or_day
from bot.local import LocalBook
from intents import cases
from intents.near import NearBook, Phrase

HERE = "99001"
CASE = "Đăng ký học nghề cần nộp những giấy tờ gì?"


@pytest.fixture
def tries(understanding):
    def made(*taught):
        book = LocalBook(NearBook(Phrase(*t) for t in taught))
        return Trier(understanding, book, [HERE], cases.load())

    return made


def test_a_lesson_that_breaks_a_case_is_refused_with_the_case(tries):
    trial = tries().try_out(["dang ky hoc nghe can nop nhung giay to gi"], "cost", [])
    assert trial.refused == (Refused("case", CASE, "documents"),)
    assert tries().try_out(["dang ky hoc nghe can nop nhung giay to gi"], "documents", []).refused == ()


def test_every_case_keeps_its_meaning(tries):
    """Teaching a case anything that it may not mean is refused, whichever case it is (every fifth is tried)."""
    for case in cases.load()[::5]:
        wrong = "cost" if not case.allows("cost") else "documents"
        assert tries().try_out([case.text], wrong, []).refused, case


def test_what_is_not_ours_may_get_the_communes_own_answer_but_no_topic(tries):
    said = "Hôm nay giá lợn hơi bao nhiêu một cân?"
    assert tries().try_out([said], "cost", []).refused == (Refused("case", said, cases.NOTHING),)
    assert tries().try_out([said], "local:new", []).refused == ()


@pytest.mark.parametrize(
    "said", ["gặp cán bộ", "dừng nhắn tin", "xóa thông tin của tôi", "cứu với nó đánh tôi", "cảm ơn"]
)
def test_words_that_do_something_are_no_questions(tries, said):
    assert [r.why for r in tries().try_out([said], "local:new", []).refused][:1] == ["heeded"]


def test_a_word_alone_is_refused(tries):
    assert tries().try_out(["ủng"], "cost", []).refused == (Refused("short", "ủng"),)


def test_what_changes_its_meaning_is_shown_and_what_finds_an_answer_is_counted(tries):
    taught = (HERE, "nhà văn hóa có sóng wifi chưa", "location")
    asked = ["nha van hoa co song wifi chua a", "Nhà văn hóa có sóng wifi chưa?", "bao giờ mưa"]
    trial = tries(taught).try_out(["nhà văn hóa có sóng wifi chưa"], "local:new", asked)
    assert trial.changes == (Change("nhà văn hóa có sóng wifi chưa", "location"),)
    assert tries().try_out(["nhà văn hóa có sóng wifi chưa"], "local:new", asked).answered == 2


def test_what_is_shown_of_what_people_wrote_is_scrubbed(tries):
    said = "chứng chỉ của tôi là loại gì 0900000001"
    trial = tries((HERE, said, "certificate")).try_out([said], "cost", [said])
    assert trial.changes == (Change("chứng chỉ của tôi là loại gì …", "certificate"),)


def test_a_question_that_is_answered_already_shows_that_it_changes(tries):
    trial = tries().try_out(["học lái xe nâng có bằng không"], "certificate", [])
    assert [c.means for c in trial.changes] == ["driving_licence"]


def test_likely_topics_are_offered_and_none_where_there_is_no_telling(tries):
    assert tries().likely("có được mang theo trẻ nhỏ vào lớp không")
    assert tries().likely("chó nhà hàng xóm sủa thì gọi ai được") == ()


def test_it_takes_less_than_a_second(tries):
    asked = [f"lớp xe nâng số {n} bao giờ mở ở bản mình" for n in range(3_000)]
    started = time.process_time()
    tries().try_out(["lớp xe nâng bao giờ mở ở bản mình"], "schedule", asked)
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("được 2 triệu", True),
        ("hai triệu đồng một người", True),
        ("4.000.000 đồng", True),
        ("giảm 50%", True),
        ("khai giảng 12/12", True),
        ("mùng 5 mở cửa", True),
        ("từ tháng 3", True),
        ("gọi 0900 000 001", False),
        ("gọi 0900.000.001", False),
        ("7 giờ sáng thứ Hai", False),
        ("lớp 9 học được", False),
        ("", False),
    ],
)
def test_amounts_and_days_are_seen(said, names):
    assert names_amount_or_day(said) is names
