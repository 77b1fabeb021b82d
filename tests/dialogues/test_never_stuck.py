"""Whatever is typed and tapped: an answer that fits a phone, a next step, and a session that can be written down."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from dialogues.runner import stage
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.dialogue.engine import step
from bot.dialogue.memory import dump, load
from bot.i18n import language
from bot.model import Contact, Incoming, Session

LONGEST_MESSAGE, MOST_CHOICES, LONGEST_LABEL = 2000, 10, 60
ANSWERS = (
    *("a", "đồng ý cả ba", "không", "có", "may", "nặn tò he", "nà pàn", "xã Tân Lập", "Đầm Hà", "na phan", "Lạng Sơn"),
    *("bản Lừ", "Lò Thị Mẫu", "Lò Thị Ơn", "45", "1981", "2011", "2008", "16", "14 tuổi", "3/2/2008", "0900000001"),
    *("0900", "không có", "đúng", "hộ nghèo", "không biết", "2 và 5", "xã", "chưa", "rồi", "1", "2", "9", "HN-AAACCA"),
)
STEERING = (
    *("đăng ký", "quay lại", "bỏ qua", "sửa", "sửa tuổi", "sửa tên thành Lò Thị Mai", "thôi", "tiếp tục", "menu"),
    *("gặp cán bộ", "dừng tin", "nhận tin lại", "xóa thông tin của tôi", "xem đăng ký", "hủy đăng ký", "english"),
    *("tiếng việt", "không muốn máy xét", "xong, xóa khỏi máy này", "chào", "cảm ơn", "tạm biệt", "đăng ký hộ mẹ tôi"),
)
QUESTIONS = (
    *("được hỗ trợ bao nhiêu tiền?", "co mat tien khong", "học ở đâu", "bao gio co lop", "cái này thế nào", "em la ai"),
    *(
        "giá vàng hôm nay bao nhiêu?",
        "cuu voi chong toi danh toi",
        "asdf qwer",
        "",
        "😀",
        "<b>x</b>",
        "x" * 5000,
        "\u202e",
    ),
)
TAPS = st.integers(0, 9)
MESSAGES = st.sampled_from(ANSWERS + STEERING + QUESTIONS)
SENDS = st.sampled_from(["voice", "image", "sticker", "file", "location", "contact"])
LATER = st.sampled_from([timedelta(minutes=40), timedelta(days=3)])
STEP = st.one_of(TAPS, TAPS, TAPS, MESSAGES, MESSAGES, MESSAGES, st.text(max_size=40), SENDS.map(list), LATER)
STEPS = st.lists(STEP, min_size=10, max_size=200)


@pytest.mark.parametrize("channel", ["terminal", "web", "telegram"])
@settings(max_examples=50, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_nobody_is_ever_stuck(channel, steps, understanding, catalogue):
    talk = stage({"on": date(2026, 11, 22), "turn": [], "channel": channel}, understanding, catalogue)
    contact = Contact(channel, "", "me")
    offered = ()
    for number, said in enumerate(steps):
        if isinstance(said, timedelta):
            talk.now += said
            continue
        replies = talk.app.handle(_incoming(f"u{number}", contact, talk.now, said, offered)).messages
        offered = tuple(c for m in replies for c in m.reply.choices)
        _is_well_formed([m.reply for m in replies])
        session = _session(talk, contact)
        assert load(dump(session)) == session
        assert session.form is not None or offered, f"no next step after {said!r}: {replies[-1].reply.text}"
        _every_choice_leads_on(talk, contact, session)


def _incoming(update, contact, now, said, offered):
    if isinstance(said, int):
        choice = offered[said % len(offered)].value if offered else None
        return Incoming(update, contact, now, "" if offered else "chào", choice)
    if isinstance(said, list):
        return Incoming(update, contact, now, attachment="".join(said))
    return Incoming(update, contact, now, said)


def _is_well_formed(replies):
    assert replies, "silence"
    for reply in replies:
        assert reply.text.strip()
        assert len(reply.text) <= LONGEST_MESSAGE
        assert len(reply.choices) <= MOST_CHOICES
        assert len({c.value for c in reply.choices}) == len(reply.choices), reply.choices
        for choice in reply.choices:
            assert 0 < len(choice.label) <= LONGEST_LABEL, choice


def _session(talk, contact) -> Session:
    with talk.store.transaction() as unit:
        return unit.session(unit.lock(contact, talk.now)) or Session()


def _every_choice_leads_on(talk, contact, session):
    for choice in session.offered:
        if choice.value == "act:none_of_these":
            continue
        incoming = Incoming("try", contact, talk.now, "", choice.value)
        with talk.store.transaction() as unit:
            world = talk.app._world(unit, unit.lock(contact, talk.now), incoming, talk.now)
        turn = step(replace(session), incoming, world)
        say = language(turn.session.language).say
        unknown = {say("act.unknown"), say("act.unknown_twice"), say("menu.unknown_topic")}
        assert turn.replies, choice
        assert turn.replies[-1].text not in unknown, choice
