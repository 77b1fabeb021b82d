"""A talk from asking to closing: what the person hears, what stays possible, what waits, who is told of it."""

from datetime import datetime, timedelta

from inbox.inbox_stage import HERE, PERSON, SCOPE

from bot.inbox import talks
from bot.model import Contact
from bot.store import tables as t
from bot.store.desk_port import Scope
from bot.store.inbox_port import SavedReply
from bot.store.records import VIETNAM


def local(day, hour, minute=0, month=11, year=2026):
    return datetime(year, month, day, hour, minute, tzinfo=VIETNAM)


def test_asking_leaves_the_assistant_talking_taking_silences_it_closing_returns_it(stage):
    stage.asks()
    assert stage.says("học may ở đâu")
    officer = stage.officers[0]
    told = stage.at_the_desk(talks.take, officer).messages
    assert [m.contact for m in told] == [PERSON]
    assert "Cán bộ xã Nà Pàn" in told[0].reply.text
    assert "trợ lý" in told[0].reply.text
    assert stage.says("học may ở đâu") == []
    assert "học may ở đâu" in [s.text for s in thread(stage)]
    stage.answers(officer, "Lớp mở ở nhà văn hóa.", "1")
    assert stage.heard()[-1] == "Cán bộ xã Nà Pàn (xã ví dụ): Lớp mở ở nhà văn hóa."
    assert stage.says("cảm ơn chú") == []
    assert "lại trả lời" in stage.at_the_desk(talks.close, officer).messages[0].reply.text
    assert stage.says("học may ở đâu")
    assert stage.waiting() == ()


def thread(stage):
    with stage.store.reading() as desk:
        return desk.inbox.thread(number(stage), stage.now - timedelta(days=1))


def number(stage, contact=PERSON):
    with stage.store.transaction() as unit:
        return unit.lock(contact, stage.now)


def test_danger_stop_words_and_data_rights_are_answered_in_any_state(stage):
    stage.asks()
    stage.at_the_desk(talks.take, stage.officers[0])
    assert "111" in stage.says("chồng tôi đánh tôi")[0]
    assert "không nhắn tin" in stage.says("dừng tin")[0]
    assert stage.says("xem thông tin của tôi")
    assert stage.says("xóa thông tin của tôi")
    replies = stage.handle(stage.incoming(PERSON, choice="act:erase_yes"))
    assert "xóa" in replies[0].reply.text
    assert stage.waiting() == (), "nothing of them is left, so nobody has it"
    assert stage.says("học may ở đâu")


def test_a_form_under_way_is_put_aside_and_offered_again(stage):
    stage.says("tôi muốn đăng ký học nấu ăn")
    stage.handle(stage.incoming(PERSON, choice="field:abc"))
    stage.asks()
    stage.at_the_desk(talks.take, stage.officers[0])
    assert stage.says("Lò Thị Mẫu") == [], "no answer to the form's question"
    closed = stage.at_the_desk(talks.close, stage.officers[0]).messages[0].reply
    assert closed.choices[0].value == "resume:"
    assert stage.says("1")[0].count("?") >= 1


def test_the_word_for_the_assistant_returns_it_and_the_question_stays(stage):
    stage.asks("bao giờ có tiền")
    stage.at_the_desk(talks.take, stage.officers[0])
    assert "lại trả lời" in stage.says("tro ly")[0]
    assert stage.says("học may ở đâu")
    left = stage.waiting()[0]
    assert (left.owner, left.text) == (None, "bao giờ có tiền")
    assert left.waiting_since is not None


def test_after_four_working_hours_of_silence_it_returns_by_itself(stage):
    stage.asks()
    stage.at_the_desk(talks.take, stage.officers[0])
    stage.answers(stage.officers[0], "Chờ tôi xem.", "1")
    stage.later(hours=5, minutes=59)  # two of them are noon
    assert stage.tick() == ()
    assert stage.says("sao lâu thế") == []
    stage.later(minutes=2)
    told = [m for m in stage.tick() if m.contact == PERSON]
    assert "Em, trợ lý tự động, lại trả lời" in told[0].reply.text
    assert stage.tick() == ()
    assert stage.waiting()[0].waiting_since is not None, "their last word was not answered: they wait again"


def test_the_first_message_after_the_silence_is_answered_even_before_the_timer(stage):
    stage.asks()
    stage.at_the_desk(talks.take, stage.officers[0])
    stage.later(days=1)
    told, answer, *_ = stage.says("học may ở đâu")
    assert "lại trả lời" in told
    assert answer
    assert [m for m in stage.tick() if m.contact == PERSON] == []


def test_out_of_hours_the_person_is_told_once_when_to_expect_an_answer(stage):
    stage.now = local(27, 16, 50)
    stage.asks()
    stage.at_the_desk(talks.take, stage.officers[0])
    stage.later(hours=3)
    assert "07:30, Thứ Hai, 30/11/2026" in stage.says("mai có học không")[0]
    assert stage.says("alo") == []


def test_an_officer_who_writes_out_of_hours_is_there(stage):
    stage.asks()
    stage.now = local(27, 20)
    stage.answers(stage.officers[0], "Chị cần gì?", "1")
    stage.later(minutes=1)
    assert stage.says("mai có học không") == []


def test_who_answers_in_the_platforms_own_application_keeps_their_own_hours(stage):
    stage.says("chào em")
    stage.now = local(27, 20)
    with stage.store.channels() as unit:
        unit.pause(PERSON, stage.now + timedelta(hours=1))
    assert stage.says("mai có học không") == []
    assert "lại trả lời" in stage.says("trợ lý")[0]
    assert stage.says("học may ở đâu")


def test_the_talks_of_an_officer_who_leaves_go_back_to_the_assistant(stage):
    stage.asks()
    stage.at_the_desk(talks.take, stage.officers[0])
    with stage.store.desk() as desk:
        desk.officers.end(stage.officers[0], stage.now)
    assert [m.contact for m in stage.tick() if "lại trả lời" in m.reply.text] == [PERSON]
    assert stage.says("học may ở đâu")


def test_pictures_and_contact_details_are_kept_as_words_for_the_officer(stage):
    stage.asks()
    stage.at_the_desk(talks.take, stage.officers[0])
    assert stage.handle(stage.incoming(PERSON, attachment="voice")) == ()
    assert stage.handle(stage.incoming(PERSON, shared={"phone": "0900000001"})) == ()
    assert [s.text for s in thread(stage)][-2:] == [
        "(gửi tin thoại, máy không giữ)",
        "(gửi thông tin liên hệ: 0900000001)",
    ]


def test_officers_hear_of_a_ticket_once_without_a_word_of_the_person(stage):
    stage.asks("chồng tôi tên Mẫu, gọi 0900000001")
    stage.now = local(23, 22)
    assert stage.tick() == ()  # not at night
    stage.now = local(24, 7, 40)
    told = stage.tick()
    assert sorted(m.contact.id for m in told) == sorted(f"officer {o}" for o in stage.officers)
    for message in told:
        assert "https://example.org/desk/waiting/1" in message.reply.text
        assert "Mẫu" not in message.reply.text
        assert "0900" not in message.reply.text
    assert stage.tick() == ()


def test_what_waits_for_a_working_day_goes_to_those_above_and_is_marked(stage):
    above = []
    with stage.store.desk() as desk:
        for role, places in (("coordinator", ["12"]), ("coordinator", ["22"]), ("admin", [])):
            above.append(desk.officers.add(role, role, places, stage.now))
    for officer in above:
        contact = number(stage, stage.chat(officer))
        with stage.store.desk() as desk:
            desk.officers.link_chat(officer, contact, stage.now, None)
    stage.asks()
    stage.tick()
    stage.now = local(24, 8, 59)
    assert stage.tick() == ()
    stage.now = local(24, 9, 1)
    assert sorted(m.contact.id for m in stage.tick()) == sorted(f"officer {o}" for o in (above[0], above[2]))
    assert stage.waiting()[0].escalated
    assert stage.tick() == ()
    stage.answers(stage.officers[0], "Xin lỗi chị.", "1")
    assert not stage.waiting()[0].escalated


def test_an_officer_answers_in_their_own_chat(stage):
    officer, other = (stage.chat(o) for o in stage.officers)
    stage.asks("bao giờ có tiền, gọi 0900 000 001")
    said = stage.says("nhận 1", officer)[0]
    assert "bao giờ có tiền" in said
    assert "000 001" not in said
    assert "đang được Cán bộ Một trả lời" in stage.says("nhận 1", other)[0]
    assert stage.says("Chị chờ đến tháng 12.", officer) == ["Đã gửi cho #1."]
    assert stage.heard()[-1].endswith("Chị chờ đến tháng 12.")
    stage.pushed.clear()
    assert stage.says("vâng, số tôi 0900000001") == []
    assert [(m.contact, m.reply.text) for m in stage.pushed] == [(officer, "#1 nhắn: vâng, số tôi …")]
    assert "Đã xong #1" in stage.says("xong", officer)[0]
    assert "lại trả lời" in stage.heard()[-1]
    assert "học nghề" in "\n".join(stage.says("chào em", officer)), "then the assistant answers the officer, too"


def test_with_two_talks_it_is_asked_whom_the_words_are_for(stage):
    neighbour, chat = Contact("telegram", "bot", "neighbour"), stage.chat(stage.officers[0])
    stage.asks("một")
    stage.asks("hai", contact=neighbour)
    stage.says("nhận 1", chat)
    stage.handle(stage.incoming(chat, choice="inbox:take:2"))
    before = (stage.heard(), stage.heard(neighbour))
    asked = stage.handle(stage.incoming(chat, "Mai chị ra xã nhé"))[0].reply
    assert [c.value for c in asked.choices] == ["inbox:to:1", "inbox:to:2"]
    assert (stage.heard(), stage.heard(neighbour)) == before, "nothing goes to the wrong one meanwhile"
    assert stage.says("2", chat) == ["Đã gửi cho #2."]
    assert stage.heard(neighbour)[-1].endswith("Mai chị ra xã nhé")
    assert stage.says("#1 Chị cũng thế", chat) == ["Đã gửi cho #1."]
    assert stage.heard()[-1].endswith("Chị cũng thế")
    assert "trả lời xong cho ai" in stage.says("xong", chat)[0]
    assert "Đã xong #1" in stage.says("1", chat)[0]
    assert "chưa nhận #1" in stage.says("#1 nữa", chat)[0]


def test_a_number_takes_from_the_list_and_is_a_word_to_the_person_once_taken(stage):
    chat = stage.chat(stage.officers[0])
    stage.asks("một")
    assert "Có 1 người" in stage.says("đang chờ", chat)[0]
    assert "đang nói chuyện" in stage.says("1", chat)[0]
    assert stage.says("1", chat) == ["Đã gửi cho #1."]
    assert stage.heard()[-1].endswith(": 1")


def test_an_officer_of_another_commune_takes_nothing(stage):
    with stage.store.desk() as desk:
        stranger = desk.officers.add("Cán bộ xa", "officer", ["06862"], stage.now)
    contact = number(stage, stage.chat(stranger))
    with stage.store.desk() as desk:
        desk.officers.link_chat(stranger, contact, stage.now, None)
    stage.asks()
    assert "không thuộc xã" in stage.says("nhận 1", stage.chat(stranger))[0]
    assert stage.waiting()[0].owner is None


def test_answered_by_telephone_closes_without_a_word_to_the_person(stage):
    stage.asks()
    assert stage.at_the_desk(talks.close, stage.officers[0]).messages == ()
    assert stage.waiting() == ()
    assert stage.heard() == []


def test_one_commune_does_not_close_what_was_asked_of_another(stage):
    stage.asks("một")
    stage.asks("hai", commune="06862")
    stage.at_the_desk(talks.take, stage.officers[0])
    stage.at_the_desk(talks.close, stage.officers[0])
    assert [w.text for w in stage.waiting(Scope(None))] == ["hai"]
    assert stage.waiting(SCOPE) == ()


def test_saved_replies_are_kept_per_commune(stage):
    with stage.store.desk() as desk:
        one = desk.saved.save(SavedReply(0, HERE, "Giờ làm việc", "Xã làm việc từ 7 giờ 30."), stage.now)
        desk.saved.save(SavedReply(0, "06862", "Khác", "…"), stage.now)
        desk.saved.save(SavedReply(one, HERE, "Giờ làm việc", "Từ 7 giờ rưỡi."), stage.now)
        assert [s.text for s in desk.saved.all({HERE})] == ["Từ 7 giờ rưỡi."]
        desk.saved.drop(one)
        assert [s.commune for s in desk.saved.all(None)] == ["06862"]


def test_who_waits_is_seen_however_many_were_answered_before(stage):
    stage.asks("câu đầu")
    with stage.store.engine.begin() as db:
        (ticket,) = db.execute(t.tickets.select()).all()
        contact = db.execute(t.contacts.select().where(t.contacts.c.id == ticket.contact_id)).one()
        answered = dict(ticket._mapping) | {"waiting_since": None}
        for number in range(1000, 1310):
            made = dict(contact._mapping) | {"id": number, "external_digest": str(number)}
            db.execute(t.contacts.insert().values(made))
            db.execute(t.tickets.insert().values(answered | {"id": number, "contact_id": number}))
    other = Contact("web", "site", "asks-late")
    stage.asks("câu sau", contact=other)
    first, second, *answered = stage.waiting()
    assert [first.text, second.text] == ["câu đầu", "câu sau"]
    assert len(answered) == 98
