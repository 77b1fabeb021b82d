"""Why somebody asks for an officer: the ticket says where they were, so that the officer knows before reading."""

import pytest
from inbox.inbox_stage import PERSON

LOST = ("đăng ký", "asdf qwer zxcv", "asdf qwer zxcv", "asdf qwer zxcv")
UNSURE = ("chào", "Xem tôi có được hỗ trợ không", "45", "1", "phường", "chưa")


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (("gặp cán bộ",), "asked"),
        (("tôi muốn khiếu nại, cho tôi gặp cán bộ",), "complaint"),
        ((("voice",), "Nhờ cán bộ giúp"), "attachment"),
        ((("image",), "Nhờ cán bộ giúp"), "attachment"),
        ((*LOST, "Gặp cán bộ"), "lost"),
        ((*UNSURE, "Gặp cán bộ"), "uncertain"),
        (("asdf qwer zxcv", "qwer asdf zxcv", "Gặp cán bộ"), "unanswered"),
        (("học phí được hỗ trợ bao nhiêu", "Chưa"), "not_useful"),
    ],
)
def test_the_ticket_says_why(stage, said, reason):
    offered = {}
    for words in (*said, "Đồng ý, chuyển giúp", "xin giúp tôi", "Không cần gọi"):
        if isinstance(words, tuple):
            incoming = stage.incoming(PERSON, attachment=words[0])
        elif words in offered:
            incoming = stage.incoming(PERSON, choice=offered[words])
        else:
            incoming = stage.incoming(PERSON, words)
        replies = [m.reply for m in stage.handle(incoming)]
        offered = {c.label: c.value for r in replies for c in r.choices}
    assert [w.reasons for w in stage.waiting()] == [(reason,)]


def test_what_was_typed_waits_for_the_officer_at_once_and_the_phone_follows(stage):
    for words in ("gặp cán bộ", "đồng ý", "lớp may bao giờ mở?"):
        stage.handle(stage.incoming(PERSON, words))
    (waiting,) = stage.waiting()
    assert (waiting.text, waiting.phone) == ("lớp may bao giờ mở?", "")
    stage.handle(stage.incoming(PERSON, "0900000001"))
    (waiting,) = stage.waiting()
    assert (waiting.text, waiting.phone) == ("lớp may bao giờ mở?", "0900***001")
