"""Contacts, seen marks, sessions and messages."""

import pytest
from store.factories import DAY, ME, NEIGHBOUR, NOW, SECOND, counts, happen, reply, turn

import bot.dialogue.memory
from bot.effects import Forgotten
from bot.model import Choice, Contact, FormState, Reply, Session


def test_a_contact_keeps_its_number_and_another_has_another(store):
    with store.transaction() as unit:
        mine, theirs = unit.lock(ME, NOW), unit.lock(NEIGHBOUR, NOW)
        again = unit.lock(ME, NOW + DAY)
    assert mine == again != theirs
    assert counts(store) == {"contacts": 2}


@pytest.mark.parametrize(
    "other", [Contact("zalo", "site", ME.id), Contact("web", "other", ME.id), Contact("web", "site", "COOKIE-1")]
)
def test_channel_account_and_id_together_make_a_contact(store, other):
    with store.transaction() as unit:
        assert unit.lock(ME, NOW) != unit.lock(other, NOW)


def test_an_update_is_new_until_it_was_remembered(store):
    with store.transaction() as unit:
        me = unit.lock(ME, NOW)
        assert unit.replies_to(me, "u1") is None
        turn(unit, "u1", "chào em")
        assert unit.replies_to(me, "u2") is None
        assert unit.replies_to(unit.lock(NEIGHBOUR, NOW), "u1") is None


def test_an_update_seen_before_gives_its_replies_again_and_no_others(store):
    first, second = reply("Dạ, chào anh/chị.", "Hỏi", "Đăng ký"), Reply("Ảnh đây ạ.", image="giay-to.png")
    with store.transaction() as unit:
        turn(unit, "u1", "chào em", first, second)
        turn(unit, "u2", "học phí", reply("Miễn phí ạ."))
        turn(unit, "u1", "của người khác", reply("Khác ạ."), contact=NEIGHBOUR)
    with store.transaction() as unit:
        again = unit.replies_to(unit.lock(ME, NOW + DAY), "u1")
    assert [(m.reply, m.update_id, m.contact, m.at, m.sent_at, m.text) for m in again] == [
        (first, "u1", ME, NOW, None, ""),
        (second, "u1", ME, NOW, None, ""),
    ]


def test_an_update_that_was_answered_with_nothing_is_still_seen(store):
    with store.transaction() as unit:
        me = unit.lock(ME, NOW)
        unit.remember(me, "u1", "", NOW)
        assert unit.replies_to(me, "u1") == ()
        assert unit.queue(me, "u1", (), NOW) == ()
    assert counts(store) == {"contacts": 1, "seen_updates": 1}


def test_an_update_cannot_be_marked_as_seen_twice(store):
    def twice():
        with store.transaction() as unit:
            turn(unit, "u1", "một")
            turn(unit, "u1", "hai")

    with pytest.raises(Exception, match=r"twice|UNIQUE|unique"):
        twice()
    assert counts(store) == {}


def test_a_new_contact_has_no_session(store):
    with store.transaction() as unit:
        assert unit.session(unit.lock(ME, NOW)) is None


def test_a_session_comes_back_as_it_was_saved_and_the_last_one_counts(store):
    full = Session(
        language="en",
        offered=(Choice("act:human", "Gặp cán bộ"),),
        form=FormState("registration", "trade", {"trade": {"id": "may", "text": "may"}}),
        parked=FormState("details", values={"ethnic": None, "n": 1.5, "list": ["a", 2, True]}),
        facts={"age": 36},
        misses=1,
        greeted=True,
        last_at=NOW.isoformat(),
    )
    with store.transaction() as unit:
        me, other = unit.lock(ME, NOW), unit.lock(NEIGHBOUR, NOW)
        unit.save_session(me, Session(topic="cost"), NOW)
        unit.save_session(other, Session(topic="documents"), NOW)
        unit.save_session(me, full, NOW + SECOND)
    with store.transaction() as unit:
        assert unit.session(me) == full
        assert unit.session(other) == Session(topic="documents")
    assert counts(store) == {"contacts": 2, "sessions": 2}


def test_a_session_of_another_version_is_as_none_and_is_written_over(store, monkeypatch):
    with store.transaction() as unit:
        me = unit.lock(ME, NOW)
        with monkeypatch.context() as older:
            older.setattr(bot.dialogue.memory, "VERSION", 0)
            unit.save_session(me, Session(topic="cost"), NOW)
        assert unit.session(me) is None
        unit.save_session(me, Session(topic="documents"), NOW)
        assert unit.session(me) == Session(topic="documents")


def test_what_cannot_be_written_as_json_cannot_be_remembered(store):
    with pytest.raises(TypeError), store.transaction() as unit:
        unit.save_session(unit.lock(ME, NOW), Session(facts={"day": NOW}), NOW)


def test_messages_are_both_sides_of_one_contacts_talk_in_order(store):
    with store.transaction() as unit:
        turn(unit, "u1", "chào em", reply("Dạ, chào."))
        turn(unit, "u1", "của người khác", contact=NEIGHBOUR)
        turn(unit, "u2", "", reply("Dạ, em nhận được ảnh."), reply("Anh/chị gõ chữ giúp em."), now=NOW + DAY)
        talk = unit.messages(ME)
        assert unit.messages(Contact("web", "site", "nobody")) == ()
    assert [(m.text, m.reply and m.reply.text, m.update_id) for m in talk] == [
        ("chào em", None, "u1"),
        ("", "Dạ, chào.", "u1"),
        ("", "Dạ, em nhận được ảnh.", "u2"),
        ("", "Anh/chị gõ chữ giúp em.", "u2"),
    ]
    assert [m.id for m in talk] == sorted({m.id for m in talk})
    assert [m.sent_at for m in talk] == [NOW, None, None, None]


def test_messages_after_a_number_and_since_a_moment(store):
    with store.transaction() as unit:
        turn(unit, "u1", "một")
        turn(unit, "u2", "hai", now=NOW + DAY)
        whole = unit.messages(ME)
        assert unit.messages(ME, after=whole[1].id) == whole[2:]
        assert unit.messages(ME, since=NOW + DAY) == whole[2:]
        assert unit.messages(ME, since=NOW + DAY + SECOND) == ()
        assert unit.messages(ME, after=whole[2].id, since=NOW) == whole[3:]


def test_queued_messages_are_unsent_oldest_first_on_their_channel_alone(store):
    elsewhere = Contact("zalo", "oa", "z1")
    with store.transaction() as unit:
        me = turn(unit, "u1", "chào", reply("một"))
        turn(unit, "z1", "chào", reply("trên Zalo"), contact=elsewhere)
        queued = unit.queue(me, "u1", (reply("hai"), reply("ba", "Có", "Không")), NOW)
    with store.transaction() as unit:
        assert [m.reply.text for m in unit.unsent("web")] == ["một", "hai", "ba"]
        assert unit.unsent("web")[1:] == queued
        assert [m.contact for m in unit.unsent("zalo")] == [elsewhere]
        assert unit.unsent("telegram") == ()


def test_what_was_marked_as_sent_is_sent_once(store):
    with store.transaction() as unit:
        me = turn(unit, "u1", "chào", reply("một"), reply("hai"))
        first, second = unit.unsent("web")
        unit.mark_sent([first.id], NOW + SECOND)
        unit.mark_sent([first.id], NOW + DAY)
        unit.mark_sent([], NOW)
        unit.mark_sent([10_000], NOW)
        assert unit.unsent("web") == (second,)
        assert [m.sent_at for m in unit.replies_to(me, "u1")] == [NOW + SECOND, None]


def test_what_went_with_the_answer_counts_as_sent_with_the_commit_and_is_known_again(store):
    with store.transaction() as unit:
        other = turn(unit, "u1", "chào", reply("một"), contact=NEIGHBOUR)
        me = unit.lock(ME, NOW)
        unit.remember(me, "u2", "hai", NOW)
        (rode,) = unit.queue(me, "u2", (reply("hai"),), NOW, answered=True)
        assert (rode.sent_at, rode.answered) == (NOW, True)
        assert [m.reply.text for m in unit.unsent("web")] == ["một"]
    with store.transaction() as unit:
        assert unit.replies_to(me, "u2") == (rode,)
        assert [m.answered for m in unit.replies_to(other, "u1")] == [False]


def test_a_message_number_is_never_given_again(store):
    with store.transaction() as unit:
        turn(unit, "u1", "chào")
        last = unit.messages(ME)[-1].id
    happen(store, Forgotten())
    with store.transaction() as unit:
        turn(unit, "u2", "chào")
        assert unit.messages(ME)[0].id > last


@pytest.mark.parametrize(
    "text",
    ["'; DROP TABLE leads; --", "<b>&amp;</b>", "🙂" * 50, "a\x00b\x1bc", "\u202eabc", "e\u0302\u0301", "x" * 100_000],
    ids=lambda text: ascii(text[:9]),
)
def test_any_text_comes_back_as_it_was_said(store, text):
    with store.transaction() as unit:
        turn(unit, "u1", text, reply(text, text))
        came, went = unit.messages(ME)
    assert came.text == went.reply.text == went.reply.choices[0].label == text


def test_half_a_character_does_not_make_a_turn_fail(store):
    half = "vỡ \ud83d"
    strange = Contact("web", "site", half)
    with store.transaction() as unit:
        me = turn(unit, "u1", half, reply(half), contact=strange)
        unit.save_session(me, Session(facts={"said": half}), NOW)
        assert unit.session(me).facts["said"] == half
        assert [m.text for m in unit.messages(strange)] == [half, ""]
