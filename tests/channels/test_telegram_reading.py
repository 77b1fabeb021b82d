"""Updates read: a pure function that takes anything; keys and texts as people see them."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from peers.telegram_keyboards import read
from peers.telegram_text import message_text, units

from bot.channels.telegram import keys
from bot.channels.telegram.rendering import calls, fit_one_call
from bot.channels.telegram.updates import Group, Member, Tap, parse
from bot.i18n import language
from bot.model import Choice, Contact, Incoming, Reply

NOW = datetime(2026, 11, 27, 5, tzinfo=UTC)
ME = Contact("telegram", "900", "7")
PERSON, PRIVATE = {"id": 7, "is_bot": False}, {"id": 7, "type": "private"}


def message(**content):
    return {"update_id": 5, "message": {"message_id": 1, "date": 1, "from": PERSON, "chat": PRIVATE, **content}}


def heard(update):
    return parse(update, "900", NOW)


def incoming(text="", choice=None, attachment=None):
    return Incoming("5", ME, NOW, text, choice, attachment)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("hoc may", incoming("hoc may")),
        ("/start", incoming("/start", "act:greeting")),
        ("/start c-may-1", incoming("/start c-may-1", "course:may-1")),
        ("/start gi-do-la", incoming("/start gi-do-la", "act:greeting")),
        ("/LOP@hocnghe_bot", incoming("/LOP@hocnghe_bot", "topic:course_list")),
        ("/dangky", incoming("/dangky", "form:registration")),
        ("/dieukien", incoming("/dieukien", "form:screening")),
        ("/canbo", incoming("/canbo", "act:human")),
        ("/hoc_may nhanh", incoming("hoc may nhanh")),
        ("🙋 Gặp cán bộ", incoming("Gặp cán bộ", "act:human")),
        ("🙋 See an officer of mine", incoming("See an officer of mine")),
        ("✅ Có", incoming("Có")),
        ("Gặp cán bộ", incoming("Gặp cán bộ")),
        ("", incoming("")),
    ],
)
def test_what_is_typed_or_sent_by_a_key(typed, meant):
    assert heard(message(text=typed)) == meant


@pytest.mark.parametrize(
    ("content", "attachment"),
    [
        ({"voice": {}}, "voice"),
        ({"photo": [], "caption": "giấy của tôi"}, "image"),
        ({"sticker": {}}, "sticker"),
        ({"animation": {}, "document": {}}, "sticker"),
        ({"document": {}}, "file"),
        ({"video_note": {}}, "voice"),
        ({"location": {}}, "location"),
        ({"contact": {"phone_number": "84900000009", "user_id": 8}}, "contact"),
        ({"contact": {"phone_number": "84900000009"}}, "contact"),
        ({"poll": {}}, "file"),
    ],
)
def test_what_is_no_text(content, attachment):
    assert heard(message(**content)) == incoming(attachment=attachment)


def test_the_menu_is_known_in_every_language():
    say = language("en").say
    typed = f"🙋 {say('menu.officer')}"
    assert heard(message(text=typed)) == incoming(say("menu.officer"), "act:human")


def test_ones_own_contact_is_ones_number():
    assert heard(message(contact={"phone_number": "84900000001", "user_id": 7})) == incoming("84900000001")


def test_taps_members_and_groups():
    query = {"id": "1", "from": PERSON, "data": "menu:", "message": {"chat": PRIVATE, "date": 0}}
    assert heard({"update_id": 5, "callback_query": query}) == Tap(incoming(choice="menu:"), "1")
    group = {"id": -9, "type": "supergroup"}
    assert heard(message(text="chào", chat=group)) == Group(-9, "5")
    assert heard(message(new_chat_members=[], chat=group)) is None

    def member(chat, before, after):
        change = {"chat": chat, "old_chat_member": {"status": before}, "new_chat_member": {"status": after}}
        return heard({"update_id": 5, "my_chat_member": change})

    assert member(PRIVATE, "member", "kicked") == Member(incoming(), reachable=False)
    assert member(PRIVATE, "kicked", "member") == Member(incoming(), reachable=True)
    assert member(group, "left", "member") == Group(-9, "5")
    assert member(group, "member", "kicked") is None
    assert member({"id": -9, "type": "channel"}, "left", "member") is None


@pytest.mark.parametrize(
    "update",
    [None, [], 5, {}, {"update_id": True}, {"update_id": 1}, {"update_id": 1, "message": {"text": "x"}},
     {"update_id": 1, "edited_message": {"text": "x"}}, message(pinned_message={}), message(text="x", chat={"id": "7"}),
     message(text="x", **{"from": {"id": 7, "is_bot": True}}), message(text="x", chat={"id": -1, "type": "channel"}),
     {"update_id": 1, "callback_query": {"id": "1"}}],
)  # fmt: skip
def test_what_needs_no_answer(update):
    assert heard(update) is None


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_NAMES = ("update_id", "message", "callback_query", "my_chat_member", "chat", "from", "id", "type", "text", "contact",
          "data", "phone_number", "user_id", "old_chat_member", "new_chat_member", "status", "photo",
          "is_bot")  # fmt: skip
_likely = st.recursive(
    _values | st.sampled_from(("private", "group", "member", "kicked", "/start c-", "✅ Có", 7)),
    lambda inner: st.dictionaries(st.sampled_from(_NAMES), inner, max_size=6),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None, database=None)
@given(update=_likely | _values)
def test_nothing_that_comes_makes_it_fail(update):
    read_once = heard(update)
    assert heard(update) == read_once
    if isinstance(read_once, Incoming):
        assert read_once.update_id.lstrip("-").isdigit()
        assert isinstance(read_once.text, str)


# Keys and texts, judged by the strict reader of the tests' Telegram.


def keyboard(*choices, asks="", text="Hỏi?"):
    return read(json.dumps(keys.markup(Reply(text, tuple(choices), asks=asks))), private=True)


def test_the_menu_stays_as_large_keys_with_pictures():
    shown = keyboard(Choice("form:screening", "Xem tôi có được hỗ trợ không"), Choice("act:human", "Gặp cán bộ"))
    assert (shown.kind, shown.persistent, shown.resized, shown.once) == ("reply", True, True, False)
    assert shown.labels == ("🔎 Xem tôi có được hỗ trợ không", "🙋 Gặp cán bộ")


def test_yes_and_no_are_large_keys_in_one_row_that_go_away():
    shown = keyboard(Choice("field:yes", "Có"), Choice("field:no", "Không"), Choice("field:dont_know", "Không biết"))
    assert (shown.kind, shown.once) == ("reply", True)
    assert [tuple(b.label for b in row) for row in shown.rows] == [("✅ Có", "❌ Không"), ("🤷 Không biết",)]


def test_lists_are_buttons_in_the_message():
    shown = keyboard(Choice("field:03595", "Xã Than Uyên"), Choice("field:other", "Xã khác"))
    assert (shown.kind, [b.value for b in shown.buttons]) == ("inline", ["field:03595", "field:other"])


def test_long_choices_are_read_in_the_text_and_tapped_by_their_number():
    long = "Đã xong nghĩa vụ quân sự (bộ đội, dân quân thường trực)"
    reply = Reply("Trường hợp nào?", (Choice("field:army", long), Choice("field:none", "Không")))
    (call,) = calls(reply, "7")
    assert call.parameters["text"] == f"Trường hợp nào?\n1. {long}\n2. Không"
    assert read(json.dumps(call.parameters["reply_markup"]), private=True).labels == (f"1. {long}", "2. 🚫 Không")


def test_the_phone_is_shared_with_one_key_in_the_persons_language():
    shown = keyboard(Choice("field:none", "Không có điện thoại"), asks="phone", text="Số điện thoại để cán bộ gọi?")
    assert [(b.does, b.label) for b in shown.buttons] == [
        ("contact", "📱 Gửi số của tôi"),
        ("text", "🚫 Không có điện thoại"),
    ]
    assert keyboard(asks="phone", text="Which number?").labels == ("📱 Share my number",)


def test_the_letters_come_back_where_something_is_to_be_typed():
    assert keyboard().kind == "remove"


def test_a_value_too_long_for_a_button_has_a_short_form_that_stays_the_same():
    long = "field:" + "ấ" * 30
    assert keys.short("field:yes") == "field:yes"
    assert keys.short(long) == keys.short(long)
    assert len(keys.short(long).encode()) <= keys.CALLBACK_MOST
    assert keys.short(long) != keys.short(long + "ấ")


@settings(max_examples=100, deadline=None, database=None)
@given(
    text=st.text(min_size=1, max_size=6000).filter(str.strip),
    labels=st.lists(st.tuples(st.text(min_size=1, max_size=90), st.text(min_size=1, max_size=60)), max_size=8),
    asks=st.sampled_from(("", "phone")),
)
def test_whatever_is_said_telegram_takes_it(text, labels, asks):
    choices = tuple(Choice(value, label) for value, label in labels if label.strip())
    reply = Reply(text, choices, asks=asks)
    made = calls(reply, "7")
    for call in made:
        body = json.loads(json.dumps(call.parameters).encode(errors="replace"))
        raw = body["text"].encode(errors="replace").decode()
        assert units(message_text(raw, body["parse_mode"])) <= 4096
    read(json.dumps(made[-1].parameters["reply_markup"]), private=True)
    assert fit_one_call((reply,)) is (len(made) == 1)


def test_markup_in_a_name_is_only_text():
    (call,) = calls(Reply("Chào <b>An</b> & Bình"), "7")
    assert message_text(call.parameters["text"], "HTML") == "Chào <b>An</b> & Bình"


def test_a_picture_goes_first_and_the_keys_under_the_text():
    photo, text = calls(Reply("Sơ đồ", (Choice("menu:", "Về"),), image="https://example.invalid/a.png"), "7")
    assert (photo.method, "reply_markup" in photo.parameters) == ("sendPhoto", False)
    assert (text.method, "reply_markup" in text.parameters) == ("sendMessage", True)
    assert not fit_one_call((Reply("Sơ đồ", image="https://example.invalid/a.png"),))
