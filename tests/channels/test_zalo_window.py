"""The ledger of what may still be sent: every edge of Zalo's windows, with the reason."""

from dataclasses import replace
from datetime import timedelta

import pytest
from channels.zalo_house import NOON

from bot.channels.zalo_oa.window import MARGIN, Decision, may_send, next_morning
from bot.store.channel_port import Quota, Reach

SEEN = Reach(NOON, None, None, "", None, None)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
FREE_UNTIL, OPEN_UNTIL = NOON + timedelta(hours=48) - MARGIN, NOON + timedelta(days=7) - MARGIN


@pytest.mark.parametrize(
    ("at", "way"),
    [(NOON, "free"), (FREE_UNTIL, "free"), (FREE_UNTIL + MINUTE, "paid"), (OPEN_UNTIL, "paid"),
     (OPEN_UNTIL + MINUTE, "no"), (NOON + timedelta(days=400), "no")],
)  # fmt: skip
def test_free_then_paid_then_nothing(at, way):
    for kind in ("reply", "announcement"):
        assert may_send(SEEN, kind, at).way == way


def test_outside_the_window_a_template_where_they_are_switched_on():
    late = NOON + timedelta(days=8)
    assert may_send(SEEN, "announcement", late, templates=True) == Decision("template", "no interaction in 7 days")
    assert "switched off" in may_send(SEEN, "announcement", late).why
    told = replace(SEEN, unreachable_at=NOON, unreachable_why="template -230")
    assert may_send(told, "announcement", NOON + HOUR, templates=True).way == "template"


@pytest.mark.parametrize(
    ("hour", "day", "way"), [(22, 0, "later"), (3, 1, "later"), (6, 1, "later"), (21, 0, "template")]
)
def test_templates_wait_for_the_morning(hour, day, way):
    at = (NOON + timedelta(days=10 + day)).replace(hour=hour)
    decided = may_send(SEEN, "template_phone", at, templates=True)
    assert decided.way == way
    if way == "later":
        assert decided.not_before == (NOON + timedelta(days=11)).replace(hour=6, minute=5)
        assert decided.not_before > at


def test_consultation_messages_may_go_at_night():
    assert may_send(SEEN, "announcement", NOON.replace(hour=23)).way == "free"


def test_the_free_replies_left_are_those_zalo_told_in_this_window():
    told = Quota(3, 8, NOON + MINUTE)
    assert may_send(replace(SEEN, quota=told), "reply", NOON + HOUR) == Decision("free", "within 48 hours", 3)
    assert may_send(replace(SEEN, quota=replace(told, left=0)), "reply", NOON + HOUR).way == "paid"
    old = replace(told, left=0, read_at=NOON - HOUR)
    assert may_send(replace(SEEN, quota=old), "reply", NOON + HOUR) == Decision("free", "within 48 hours", None)


def test_who_wants_none_or_talks_with_an_officer_is_left_alone():
    stopped = replace(SEEN, stopped_at=NOON)
    assert may_send(stopped, "announcement", NOON + HOUR) == Decision("no", "wants no announcements")
    assert may_send(stopped, "template_uid", NOON + HOUR, templates=True).way == "no"
    assert may_send(stopped, "reply", NOON + HOUR).way == "free"
    paused = replace(SEEN, paused_until=NOON + 2 * HOUR)
    decided = may_send(paused, "announcement", NOON + HOUR)
    assert (decided.way, decided.not_before) == ("later", NOON + 2 * HOUR)


def test_whom_nothing_reaches():
    gone = replace(SEEN, unreachable_at=NOON, unreachable_why="unfollowed")
    for kind in ("reply", "announcement", "template_uid", "template_phone"):
        assert may_send(gone, kind, NOON + HOUR, templates=True) == Decision("no", "unreachable: unfollowed")
    assert may_send(None, "announcement", NOON).way == "no"
    assert may_send(None, "template_phone", NOON, templates=True).way == "template"


def test_the_next_morning_is_never_in_the_past():
    for hour in range(24):
        at = NOON.replace(hour=hour)
        assert timedelta() < next_morning(at) - at <= timedelta(days=1)
