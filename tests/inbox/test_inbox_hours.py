"""Working hours, and what a channel still lets through: both reckoned from the clock alone."""

from datetime import datetime, timedelta

import pytest
from inbox.inbox_stage import MONDAY

from bot.desk.windows import window
from bot.dialogue.office_hours import HoursFault, OfficeHours, load, read
from bot.i18n import language
from bot.store.channel_port import Quota, Reach
from bot.store.records import VIETNAM

HOURS = load()


def local(day, hour, minute=0, month=11, year=2026):
    return datetime(year, month, day, hour, minute, tzinfo=VIETNAM)


@pytest.mark.parametrize(
    ("start", "work", "end"),
    [
        (local(23, 9), 2, local(23, 11)),
        (local(23, 9), 4, local(23, 15)),  # over noon
        (local(23, 12), 1, local(23, 14, 30)),
        (local(27, 16, 30), 4, local(30, 11)),  # over the weekend
        (local(22, 9), 1, local(23, 8, 30)),  # from a Sunday
        (local(31, 16, month=12), 2, local(4, 8, 30, month=1, year=2027)),  # New Year is a Friday
        (local(4, 16, month=2, year=2027), 2, local(10, 8, 30, month=2, year=2027)),  # Tết
    ],
)
def test_working_hours_are_reckoned_over_nights_weekends_and_holidays(start, work, end):
    assert HOURS.after(start, timedelta(hours=work)) == end


def test_the_office_is_open_or_says_when_it_is():
    assert HOURS.open_at(local(23, 9))
    assert not HOURS.open_at(local(23, 11, 30))
    assert HOURS.next_open(local(23, 9)) == local(23, 9)
    assert HOURS.next_open(local(28, 2)) == local(30, 7, 30)
    assert HOURS.day == timedelta(hours=7, minutes=30)


def test_an_installations_own_hours_take_the_place_of_the_usual_ones(tmp_path):
    (tmp_path / "office_hours.toml").write_text('[week]\nsaturday = ["08:00-12:00"]\n', encoding="utf-8")
    assert load(tmp_path).next_open(local(23, 9)) == local(28, 8)
    assert load(tmp_path / "nowhere") == HOURS


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[week]\nmonday = ['9-']", "isoformat"),
        ("[week]\nmonday = ['11:00-09:00']", "ends before it begins"),
        ("[week]\nmontag = []", "montag"),
        ("[week]\nmonday = []", "no day has hours"),
        ("[week]\nmonday = ['08:00-12:00']\n[holidays]\ndays = ['2027-02-06']", "without quotes"),
        ("[week", "mend it"),
    ],
)
def test_a_file_of_hours_that_cannot_be_used_says_what_is_wrong(text, fault):
    with pytest.raises(HoursFault, match="here: ") as raised:
        read(text, "here")
    assert fault in str(raised.value)


def test_holidays_alone_leave_an_answer():
    closed = OfficeHours(HOURS.week, frozenset(f"{m:02}-{d:02}" for m in range(1, 13) for d in range(1, 32)))
    assert closed.next_open(MONDAY) > MONDAY
    assert closed.after(MONDAY, timedelta(hours=1)) > MONDAY


NOON = local(23, 12)


def reach(hours, *, left=None, unreachable=None):
    seen = NOON - timedelta(hours=hours)
    quota = Quota(left, 8, NOON) if left is not None else None
    return Reach(seen, None, NOON if unreachable else None, unreachable or "", None, quota)


@pytest.mark.parametrize(
    ("channel", "known", "says", "may"),
    [
        ("zalo_oa", reach(43.5), "còn 3 giờ để trả lời miễn phí", True),
        ("zalo_oa", reach(1, left=2), "Còn 2 tin miễn phí", True),
        ("zalo_oa", reach(46.5), "chưa đầy một giờ", True),
        ("zalo_oa", reach(1, left=0), "tính tiền", True),
        ("zalo_oa", reach(60), "tính tiền", True),
        ("zalo_oa", reach(170), "quá 7 ngày", False),
        ("zalo_oa", reach(1, unreachable="-213"), "chặn", False),
        ("telegram", reach(1000), "không giới hạn", True),
        ("telegram", reach(1, unreachable="403"), "chặn", False),
        ("web", reach(1), "còn mở trang", True),
    ],
)
def test_the_channels_window_is_said_plainly(channel, known, says, may):
    shown = window(channel, known, NOON, language())
    assert says in shown.text
    assert shown.open is may
