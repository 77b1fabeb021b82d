"""What officers teach is kept: for whom, since when, by whom; nobody's work is lost; every process knows it."""

import threading
from dataclasses import replace

import pytest
from store.factories import COMMUNE, DAY, KEY, NOW, OTHER_COMMUNE, happen, lead, person

from bot.app import App
from bot.effects import PersonErased, QuestionUnanswered
from bot.local import LOCAL, NOTHING, Office
from bot.model import Contact, Incoming
from bot.store import learning_tables as lt
from bot.store import sql_local
from bot.store.crypto import Cipher
from bot.store.desk_port import Scope
from bot.store.engines import connect
from bot.store.learning_port import NEW, Outdated, Taken
from bot.store.memory import MemoryStore
from bot.store.sql_desk_store import SqlDeskStore
from bot.store.sql_desk_work import Doer, NotYours

HERE, THERE = COMMUNE, OTHER_COMMUNE
WIFI = "nhà văn hóa có sóng wifi chưa"
OFFICE = Office("Phòng Văn hóa", "0900 000 009", "thôn Ví Dụ", "7 giờ đến 17 giờ")


@pytest.fixture
def desk_store(database_file):
    store = SqlDeskStore(connect(f"sqlite:///{database_file}"), Cipher(KEY))
    with store.transaction() as unit:
        for code in (HERE, THERE):
            unit.serve(code, NOW)
    yield store
    store.close()


@pytest.fixture
def other_process(desk_store, database_file):
    """The same database as another worker process opens it."""
    store = SqlDeskStore(connect(f"sqlite:///{database_file}"), Cipher(KEY))
    yield store
    store.close()


def officer(number=1, *communes):
    return Doer(number, Scope(frozenset(communes or (HERE,))), NOW)


ADMIN = Doer(9, Scope(None), NOW)


def teach(store, target="cost", phrases=(WIFI,), communes=(HERE,), doer=None, **more):
    with store.desk() as desk:
        return desk.lessons.teach(doer or officer(1, *communes), target, phrases, communes, **more)


def answer(store, text="Có rồi.", source="", doer=None):
    with store.desk() as desk:
        number = desk.wordings.write(doer or officer(), HERE, text, source)
        desk.lessons.teach(doer or officer(), f"{LOCAL}{number}", [WIFI], [HERE])
    return number


def means(store, said=WIFI, commune=HERE):
    with store.transaction() as unit:
        found = unit.local().phrases.find(said, commune)
    return found.target if found else ""


def asked(store, *texts, commune=HERE):
    happen(store, *(QuestionUnanswered(text, "unknown", commune) for text in texts))
    with store.reading() as desk:
        return {q.text: q for q in desk.lessons.questions.all(Scope(None))}


def test_a_lesson_holds_in_its_communes_at_once(desk_store):
    teach(desk_store)
    assert means(desk_store) == means(desk_store, "nha van hoa co song wifi chua a") == "cost"
    assert means(desk_store, commune=THERE) == ""


def test_every_other_process_knows_it_within_a_second(desk_store, other_process, monkeypatch):
    assert means(other_process) == ""
    teach(desk_store)
    assert means(other_process) == "", "what was read is kept for a moment"
    clock = [sql_local.time.monotonic() + sql_local.FRESH_SECONDS + 0.001]
    monkeypatch.setattr(sql_local.time, "monotonic", lambda: clock[0])
    assert means(other_process) == "cost"
    with desk_store.desk() as desk:
        desk.lessons.withdraw(officer(), 1)
    clock[0] += sql_local.FRESH_SECONDS + 0.001
    assert means(other_process) == ""
    assert sql_local.FRESH_SECONDS <= 1


def test_what_was_written_last_is_seen_though_its_number_is_lower(desk_store, monkeypatch):
    """On PostgreSQL numbers are given at the start of a transaction: the lower one may be committed last."""
    clock = [1_000.0]
    monkeypatch.setattr(sql_local.time, "monotonic", lambda: clock[0])
    lesson = teach(desk_store)
    assert means(desk_store) == "cost"
    with desk_store.engine.begin() as db:
        db.execute(lt.lessons.update().where(lt.lessons.c.id == lesson).values(target="documents"))
        db.execute(lt.learning_history.insert().values(id=-1, at=NOW, act="taught", commune=HERE))
    clock[0] += 1.001
    assert means(desk_store) == "documents"


class Counting:
    """The look at what was taught last, counted."""

    def __init__(self):
        self.times, self.first_of = 0, sql_local._NEWEST.first

    def first(self, db):
        self.times += 1
        return self.first_of(db)


def test_turns_look_once_a_second(desk_store, understanding, catalogue, monkeypatch):
    teach(desk_store)
    counting, clock = Counting(), [1_000.0]
    monkeypatch.setattr(sql_local, "_NEWEST", counting)
    monkeypatch.setattr(sql_local.time, "monotonic", lambda: clock[0])
    app = App(desk_store, understanding, catalogue, lambda: NOW, place=HERE)
    for number in range(5):
        app.handle(Incoming(f"u{number}", Contact("web", "s", "c"), NOW, WIFI))
    assert counting.times == 1
    clock[0] += 1.001
    app.handle(Incoming("u5", Contact("web", "s", "c"), NOW, WIFI))
    assert counting.times == 2


def test_the_same_answer_on_every_channel(desk_store, understanding, catalogue):
    app = App(desk_store, understanding, catalogue, lambda: NOW, place=HERE)
    answer(desk_store, "Có rồi, bà con vào bắt wifi.")
    told = set()
    for channel in ("telegram", "terminal", "web", "zalo_oa", "zalo_bot"):
        handled = app.handle(Incoming(f"u-{channel}", Contact(channel, "a", "c"), NOW, WIFI))
        told.add(handled.messages[-1].reply.text)
    assert len(told) == 1
    assert told.pop().startswith("Có rồi, bà con vào bắt wifi.\n– Lời của ")


def test_two_officers_who_teach_the_same_words_are_told_of_each_other(desk_store):
    first = teach(desk_store, "cost")
    with pytest.raises(Taken):
        teach(desk_store, "documents", ["nha van hoa co song wifi chua a"], doer=officer(2))
    assert means(desk_store) == "cost"
    assert teach(desk_store, "cost", doer=officer(2)) == first, "the same taught twice is one lesson"
    second = teach(desk_store, "documents", doer=officer(2), instead=[first])
    with desk_store.reading() as desk:
        lessons = {lesson.id: lesson for lesson in desk.lessons.all(Scope(None))}
        acts = [(d.act, d.officer, d.lesson) for d in desk.lessons.history(Scope(None))]
    assert (lessons[first].communes, lessons[second].communes) == ((), (HERE,))
    assert lessons[first].phrases == (WIFI,), "what the first one taught is still to be seen"
    assert acts == [("taught", 2, second), ("replaced", 2, first), ("taught", 2, first), ("taught", 1, first)]


def test_at_the_very_same_moment_one_of_them_wins_and_the_other_hears_of_it(desk_store, other_process):
    results, ready = [], threading.Barrier(2)

    def work(store, target, number):
        ready.wait()
        try:
            results.append((target, teach(store, target, doer=officer(number))))
        except Taken:
            results.append((target, None))

    pairs = ((desk_store, "cost", 1), (other_process, "documents", 2))
    threads = [threading.Thread(target=work, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    won = [target for target, lesson in results if lesson is not None]
    assert len(won) == 1
    desk_store.kept.forget()
    assert means(desk_store) == won[0]


def test_taken_back_with_one_act_and_the_questions_wait_again(desk_store):
    questions = asked(desk_store, WIFI, "bao giờ mưa")
    lesson = teach(desk_store)
    with desk_store.desk() as desk:
        assert desk.lessons.questions.settle(Scope(None), [questions[WIFI].id], "taught", lesson) == 1
        assert desk.lessons.questions.waiting(Scope(None)) == 1
        desk.lessons.withdraw(officer(2), lesson)
        assert desk.lessons.questions.waiting(Scope(None)) == 2
    assert means(desk_store) == ""
    assert teach(desk_store, "documents") > lesson, "the words are free again"


def test_an_admin_makes_it_hold_everywhere_and_no_officer_does(desk_store):
    lesson = teach(desk_store)
    with desk_store.desk() as desk, pytest.raises(NotYours):
        desk.lessons.promote(officer(), lesson)
    with desk_store.desk() as desk:
        desk.lessons.promote(ADMIN, lesson)
    assert [means(desk_store, commune=c) for c in (HERE, THERE, "")] == ["cost"] * 3
    with desk_store.desk() as desk:
        desk.lessons.withdraw(ADMIN, lesson)
    assert means(desk_store) == ""


def test_what_holds_everywhere_is_not_overwritten_by_a_promotion(desk_store):
    teach(desk_store, "cost", communes=("",), doer=ADMIN)
    mine = teach(desk_store, "documents")
    assert [means(desk_store), means(desk_store, commune=THERE)] == ["documents", "cost"]
    with pytest.raises(Taken), desk_store.desk() as desk:
        desk.lessons.promote(ADMIN, mine)


@pytest.mark.parametrize("communes", [(THERE,), ("",), (HERE, THERE), ()])
def test_nobody_teaches_for_communes_not_theirs(desk_store, communes):
    with pytest.raises(NotYours):
        teach(desk_store, communes=communes, doer=officer())
    assert means(desk_store, commune=THERE) == ""


def test_another_communes_lessons_and_questions_are_not_there(desk_store):
    asked(desk_store, WIFI)
    asked(desk_store, "bao giờ mưa", commune="")
    lesson, stranger = teach(desk_store), officer(3, THERE)
    with desk_store.desk() as desk:
        assert [q.text for q in desk.lessons.questions.all(stranger.scope)] == ["bao giờ mưa"]
        assert desk.lessons.questions.settle(stranger.scope, [1], "dismissed") == 0
        assert desk.lessons.all(stranger.scope) == ()
        for act in (desk.lessons.withdraw, desk.lessons.promote):
            with pytest.raises(NotYours):
                act(stranger, lesson)


def test_nobody_writes_over_a_wording_they_have_not_seen(desk_store):
    number = answer(desk_store)
    with desk_store.desk() as desk:
        desk.wordings.rewrite(officer(1), number, 1, "Có rồi, ở nhà văn hóa.", "")
    with pytest.raises(Outdated), desk_store.desk() as desk:
        desk.wordings.rewrite(officer(2), number, 1, "Chưa có.", "")
    with desk_store.reading() as desk:
        versions = desk.wordings.versions(Scope(None), number)
    assert [(v.version, v.text, v.officer) for v in versions] == [(2, "Có rồi, ở nhà văn hóa.", 1), (1, "Có rồi.", 1)]
    with desk_store.transaction() as unit:
        assert unit.local().answers[str(number)].text == "Có rồi, ở nhà văn hóa."
    with desk_store.desk() as desk, pytest.raises(NotYours):
        desk.wordings.rewrite(officer(3, THERE), number, 2, "x", "")


def test_an_office_is_kept_version_by_version(desk_store):
    with desk_store.desk() as desk:
        assert desk.wordings.office(HERE).version == NEW
        desk.wordings.save_office(officer(1), HERE, NEW, OFFICE)
    with pytest.raises(Outdated), desk_store.desk() as desk:
        desk.wordings.save_office(officer(2), HERE, NEW, replace(OFFICE, phone="0900 000 008"))
    with desk_store.desk() as desk, pytest.raises(NotYours):
        desk.wordings.save_office(officer(1), THERE, NEW, OFFICE)
    with desk_store.transaction() as unit:
        assert unit.local().offices == {HERE: OFFICE}


def test_a_wording_that_names_somebody_goes_with_them(desk_store):
    me = Contact("web", "site", "cookie-1")
    happen(desk_store, lead("HN-AAAAAA", person(1)), contact=me)
    teach(desk_store, phrases=[f"cho {person(1).full_name} hỏi wifi"])
    teach(desk_store, phrases=[WIFI])
    happen(desk_store, PersonErased(), contact=me, now=NOW + DAY)
    with desk_store.reading() as desk:
        assert [lesson.phrases for lesson in desk.lessons.all(Scope(None)) if lesson.phrases] == [(WIFI,)]


def test_what_people_wrote_lately_is_read_to_try_lessons_against(desk_store, understanding, catalogue):
    app = App(desk_store, understanding, catalogue, lambda: NOW, place=HERE)
    for number, said in enumerate(("có những lớp nào", "cần giấy tờ gì", "có những lớp nào")):
        app.handle(Incoming(f"u{number}", Contact("web", "s", "c"), NOW, said))
    with desk_store.reading() as desk:
        assert desk.lessons.questions.recent(NOW - DAY) == ("có những lớp nào", "cần giấy tờ gì")
        assert desk.lessons.questions.recent(NOW + DAY) == ()


def test_the_store_in_memory_was_taught_nothing():
    with MemoryStore().transaction() as unit:
        assert unit.local() is NOTHING
