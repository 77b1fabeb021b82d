"""Was it useful? Two buttons once a day, under the answer's own; counted for nobody; "chưa" leads to the officer."""

from datetime import timedelta

import pytest
from inbox.inbox_stage import HERE, MONDAY, PERSON
from sqlalchemy import event, select

from bot.store import sql_feedback
from bot.store.sql_feedback import TopicFeedback
from bot.store.tables import feedback

ASKED = "Câu trả lời này có ích"


def figures(stage, days=0):
    stage.store.write_counts()
    with stage.store.reading() as desk:
        return {f.topic: f for f in desk.feedback(MONDAY.date(), MONDAY.date() + timedelta(days=days))}


def last(stage, text="", **more):
    return stage.handle(stage.incoming(PERSON, text, **more))[-1].reply


def test_two_buttons_stand_under_the_answers_own_once_a_day(stage):
    reply = last(stage, "học phí được hỗ trợ bao nhiêu")
    assert ASKED in reply.text
    values = [c.value for c in reply.choices]
    assert [v.partition(":")[0] for v in values[-2:]] == ["useful", "useful"]
    assert len(values) > 2
    assert values.index("act:human") < len(values) - 2, "the answer's own steps come first"
    assert ASKED not in last(stage, "học ở đâu").text
    stage.later(days=1)
    assert ASKED in last(stage, "học ở đâu").text


def test_no_question_in_a_form_after_a_greeting_or_when_nothing_was_answered(stage):
    for said in ("chào em", "giá vàng hôm nay", "tôi muốn đăng ký học nấu ăn", "học phí được hỗ trợ bao nhiêu?"):
        assert ASKED not in last(stage, said).text, said


def test_useful_is_counted_once_and_thanked(stage):
    topic = last(stage, "học phí được hỗ trợ bao nhiêu").choices[-1].value.rpartition(":")[2]
    assert "cảm ơn" in last(stage, "Có ích").text
    last(stage, choice=f"useful:yes:{topic}")  # the same button, pressed again
    assert figures(stage)[topic] == TopicFeedback(topic, shown=1, useful=1, followed_by={})


def test_not_yet_leads_to_the_officer_with_its_reason(stage):
    topic = last(stage, "học phí được hỗ trợ bao nhiêu").choices[-1].value.rpartition(":")[2]
    assert "chuyển lời" in last(stage, "Chưa").text
    for said in ("đồng ý", "Xã Nà Pàn", "tôi vẫn chưa hiểu", "0900000001"):
        last(stage, said)
    assert stage.waiting()[0].reasons == ("not_useful",)
    assert stage.waiting()[0].commune == HERE
    assert (figures(stage)[topic].useful, figures(stage)[topic].not_useful) == (0, 1)


def test_what_came_next_is_counted_and_what_came_later_is_not(stage):
    first = last(stage, "học phí được hỗ trợ bao nhiêu").choices[-1].value.rpartition(":")[2]
    last(stage, "cần giấy tờ gì")
    last(stage, "tôi muốn đăng ký học nấu ăn")
    found = figures(stage)
    assert found[first].followed_by == {"documents": 1}
    assert found["documents"].followed_by == {"registration": 1}
    last(stage, "thôi")
    last(stage, "cần giấy tờ gì")
    stage.later(hours=1)
    last(stage, "cần giấy tờ gì")
    assert figures(stage)["documents"].shown == 3
    assert figures(stage)["documents"].followed_by == {"registration": 1}


def test_nothing_of_a_person_stands_in_the_counts(stage):
    last(stage, "tôi là Lò Thị Mẫu 0900000001, học phí được hỗ trợ bao nhiêu")
    stage.store.write_counts()
    with stage.store.engine.connect() as db:
        rows = db.execute(select(feedback)).all()
    topics = {row.topic for row in rows}
    assert topics == {"support_tuition"}
    assert not any("Mẫu" in str(row) or "0900" in str(row) for row in rows)


def test_counts_that_could_not_be_written_are_not_lost(stage, monkeypatch):
    last(stage, "học phí được hỗ trợ bao nhiêu")
    monkeypatch.setattr(sql_feedback, "write", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        stage.store.write_counts()
    monkeypatch.undo()
    assert sum(f.shown for f in figures(stage).values()) == 1


def test_communes_are_told_apart_and_added_up(stage):
    last(stage, "tôi ở xã Nà Pàn, học phí được hỗ trợ bao nhiêu")
    stage.store.write_counts()
    with stage.store.engine.connect() as db:
        here = sql_feedback.read(db, MONDAY.date(), MONDAY.date(), {HERE})
        there = sql_feedback.read(db, MONDAY.date(), MONDAY.date(), {"06862"})
    assert (len(here), len(there)) == (1, 0)


def test_a_turn_costs_no_statement_more_for_being_counted(stage):
    """What is shown is counted in memory: the answer's turn says to the database what any turn says."""
    last(stage, "chào em")
    counted = []
    listen = lambda *args: counted.append(args[2])  # noqa: E731
    event.listen(stage.store.engine, "before_cursor_execute", listen)
    try:
        last(stage, "học phí được hỗ trợ bao nhiêu")
    finally:
        event.remove(stage.store.engine, "before_cursor_execute", listen)
    assert [s for s in counted if "feedback" in s] == []
