"""What people say to a reminder or a survey: a tap, a bare word right after it, their own words days later."""

import itertools
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from leads.test_following import CHAT, WAYS, enrolled, sqlite
from sqlalchemy import select
from store.factories import APPLICANT, consent, happen, lead

from bot.app import App
from bot.leads import following
from bot.model import Contact, Incoming
from bot.store import follow_tables as f
from bot.store import tables as t
from bot.store.records import VIETNAM

SURVEYED = datetime(2027, 3, 2, 9, 0, tzinfo=VIETNAM)
NUMBERS = itertools.count()

assert sqlite  # a fixture


class Person:
    """Somebody who was sent the survey (or what falls due on `day`), and writes back."""

    def __init__(self, store, understanding, catalogue, *, day=SURVEYED, **how):
        enrolled(store, **({"state": "completed", "agreed": True} | how))
        self.store, self.now = store, day
        self.app = App(store, understanding, catalogue, lambda: self.now)
        (self.asked,) = following.run(store, WAYS, day)
        self.last = (self.asked.reply,)

    def says(self, text="", *, tap="", after=timedelta(minutes=1), contact=CHAT):
        self.now += after
        value = {c.label: c.value for r in self.last for c in r.choices}[tap] if tap else None
        handled = self.app.handle(Incoming(f"u{next(NUMBERS)}", contact, self.now, text, value))
        self.last = tuple(m.reply for m in handled.messages)
        return "\n".join(r.text for r in self.last)

    def answers(self):
        with self.store.people() as unit:
            rows = unit.follow._db.execute(select(f.surveys)).all()
            opened = unit.follow._cipher.open
            return [(r.month, r.works, opened(r.job, "survey.job"), opened(r.place, "survey.place")) for r in rows]

    def state(self):
        with self.store.engine.connect() as db:
            return db.execute(select(t.leads.c.state)).scalar_one()


@pytest.fixture
def person(sqlite, understanding, catalogue):
    return lambda **how: Person(sqlite, understanding, catalogue, **how)


def test_one_tap_is_an_answer_and_the_rest_is_asked_after_it(person):
    somebody = person()
    assert "Việc gì" in somebody.says(tap="Có việc rồi")
    assert (somebody.answers(), somebody.state()) == ([(1, True, "", "")], "employed")
    somebody.says("may áo ở xưởng chị Hoa")
    assert "cảm ơn" in somebody.says(tap="Trong xã")
    assert somebody.answers() == [(1, True, "may áo ở xưởng chị Hoa", "Trong xã")]
    assert somebody.state() == "employed"


@pytest.mark.parametrize(
    "text",
    ["co roi", "Có rồi ạ", "roi e", "1", "di lam roi", "co viec roi", "dang lam o cong ty", "không, em đi làm rồi"],
)
def test_a_bare_word_right_after_the_survey_is_understood(person, text):
    somebody = person()
    somebody.says(text)
    assert [a[:2] for a in somebody.answers()] == [(1, True)]


@pytest.mark.parametrize(
    "text",
    [
        "chua",
        "chưa có việc",
        "e chua xin duoc",
        "2",
        "khong a",
        "đang thất nghiệp",
        "em mat viec roi",
        "chưa có việc, muốn tìm việc",
    ],
)
def test_no_work_offers_ways_to_find_some(person, text):
    somebody = person()
    somebody.says(text)
    assert [a[:2] for a in somebody.answers()] == [(1, False)]
    assert somebody.state() == "completed"
    labels = [c.label for c in somebody.last[-1].choices]
    assert labels[:3] == ["Tìm việc làm", "Phiên chợ việc làm", "Vay vốn làm ăn"]
    assert len(somebody.says(tap="Tìm việc làm")) > 40


def test_an_answer_days_later_after_other_questions_is_one_too(person):
    somebody = person()
    assert "Có việc" not in somebody.says("hoc phi bao nhieu", after=timedelta(days=2))
    assert somebody.answers() == []
    somebody.says("em co viec lam roi", after=timedelta(days=3))
    assert [a[:2] for a in somebody.answers()] == [(1, True)]


@pytest.mark.parametrize("text", ["co roi", "con lop nao khong?", "co viec gi lam khong", "cảm ơn em"])
def test_other_messages_go_on_as_ever(person, text):
    somebody = person()
    somebody.says("hoc phi bao nhieu")
    assert somebody.says(text)
    assert somebody.answers() == []


@pytest.mark.parametrize("text", ["em muon tim viec lam", "cần giới thiệu việc", "toi muon hoc them nghe han"])
def test_a_wish_is_no_answer(person, text):
    somebody = person()
    assert somebody.says(text)
    assert somebody.answers() == []


def test_a_question_right_after_the_survey_is_answered_and_the_survey_stays_open(person):
    somebody = person()
    offered = somebody.last
    somebody.says("ở gần đây có phiên chợ việc làm không?")
    assert somebody.answers() == []
    somebody.last = offered
    somebody.says(tap="Chưa có việc", after=timedelta(days=5))
    assert [a[:2] for a in somebody.answers()] == [(1, False)]


def test_who_wants_no_more_questions_gets_none(person):
    somebody = person()
    assert "không nhắn hỏi" in somebody.says(tap="Đừng hỏi nữa")
    assert following.run(somebody.store, WAYS, datetime(2027, 5, 2, 9, tzinfo=VIETNAM)) == ()


def test_consent_is_kept_with_the_version_of_its_text(person):
    somebody = person(agreed=None, day=datetime(2027, 2, 2, 9, tzinfo=VIETNAM))
    somebody.says("dong y")
    with somebody.store.engine.connect() as db:
        row = db.execute(select(t.consents).where(t.consents.c.purpose == "survey")).one()
    assert (row.given, row.text_version, row.by) == (True, "2026-11-28.survey", "self")


def test_who_cannot_come_tells_the_officer(person):
    somebody = person(state="enrolled", agreed=None, day=datetime(2027, 1, 1, 9, tzinfo=VIETNAM))
    assert "báo cán bộ" in somebody.says("khong di duoc")
    with somebody.store.engine.connect() as db:
        assert db.execute(select(t.tickets.c.reason)).scalars().all() == ["cannot_come"]


def test_nobody_answers_for_somebody_elses_registration(person):
    somebody = person()
    assert somebody.says(tap="Có việc rồi", contact=Contact("telegram", "bot", "another"))
    assert (somebody.answers(), somebody.state()) == ([], "completed")


def test_a_job_lost_later_is_seen_in_the_state(person):
    somebody = person()
    somebody.says("co roi")
    (message,) = following.run(somebody.store, WAYS, datetime(2027, 5, 2, 9, tzinfo=VIETNAM))
    somebody.now, somebody.last = datetime(2027, 5, 2, 9, tzinfo=VIETNAM), (message.reply,)
    somebody.says(tap="Chưa có việc")
    assert [a[:2] for a in somebody.answers()] == [(1, True), (3, False)]
    assert somebody.state() == "completed"


def test_two_people_of_one_chat_are_asked_about_on_two_days(person):
    somebody = person()
    other = replace(APPLICANT, full_name="Nguyễn Thị Mẫu Hai")
    happen(somebody.store, lead("HN-BBBBBB", other, course="may-1"), contact=CHAT, now=SURVEYED - timedelta(days=90))
    happen(somebody.store, consent("survey", receipt="HN-BBBBBB"), contact=CHAT, now=SURVEYED - timedelta(days=90))
    with somebody.store.engine.begin() as db:
        db.execute(t.leads.update().where(t.leads.c.receipt == "HN-BBBBBB").values(state="completed"))
    assert following.run(somebody.store, WAYS, SURVEYED + timedelta(hours=3)) == ()
    (message,) = following.run(somebody.store, WAYS, SURVEYED + timedelta(days=1))
    assert other.full_name in message.reply.text
