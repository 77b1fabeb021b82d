"""Reminders and surveys over a real database: once each through failures, at day, to whom may be written to."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy.exc import IntegrityError
from store.factories import COMMUNE, COURSE, DAY, KEY, consent, happen, lead, person

from bot import wiring
from bot.channels.outreach import unasked
from bot.dialogue.office_hours import USUAL
from bot.effects import MessagesStopped
from bot.leads import following
from bot.model import Contact, FormState, Session
from bot.posting import Posting
from bot.settings import Settings
from bot.store import follow_tables as f
from bot.store import tables as t
from bot.store.crypto import Cipher
from bot.store.desk_port import Scope
from bot.store.engines import connect
from bot.store.records import VIETNAM
from bot.store.sql import SqlUnit
from bot.store.sql_desk import SqlDesk
from bot.store.sql_desk_store import SqlDeskStore
from bot.store.sql_desk_work import Doer
from bot.store.sql_follow import SqlFollow


@pytest.fixture
def sqlite(database_file):
    store = SqlDeskStore(connect(f"sqlite:///{database_file}"), Cipher(KEY))
    yield store
    store.close()


CHAT = Contact("telegram", "bot", "somebody")
NOW = datetime(2027, 1, 1, 9, 0, tzinfo=VIETNAM)  # three days before the class
WAYS = following.Ways(unasked, lambda _code: "Xã Mẫu", lambda _trade, said: said)
CLASS = replace(COURSE, ends_on=date(2027, 1, 31), map_url="")


def enrolled(store, *, state="enrolled", contact=CHAT, now=NOW, agreed=None):
    """Somebody in the class, registered from a chat long ago."""
    with store.transaction() as unit:
        unit.save_course(CLASS)
    effects = [lead("HN-AAAAAA", person(1), course=CLASS.id), consent("list", receipt="HN-AAAAAA")]
    if agreed is not None:
        effects.append(consent("survey", agreed, receipt="HN-AAAAAA"))
    number = happen(store, *effects, contact=contact, now=now - 2 * DAY)
    with store.engine.begin() as db:
        db.execute(t.leads.update().values(state=state))
    return number


def run(store, now=NOW):
    return following.run(store, WAYS, now)


def marks(store):
    with store.engine.connect() as db:
        return [(r.kind, r.way) for r in db.execute(f.follow_ups.select().order_by(f.follow_ups.c.id))]


def desk(db, store):
    return SqlDesk(db, store._cipher, VIETNAM)


def calls(store, now=NOW):
    with store.engine.connect() as db:
        return [(c.kind, c.why) for c in desk(db, store).follow.calls(Scope(None), now)]


def test_a_reminder_says_when_where_and_what_to_bring_and_goes_once(sqlite):
    enrolled(sqlite)
    (message,) = run(sqlite)
    text = message.reply.text
    for part in (person(1).full_name, "May công nghiệp", "04/01/2027", "Nhà văn hóa", "tối", "căn cước"):
        assert part in text
    assert message.contact == CHAT
    assert run(sqlite) == run(sqlite, NOW + DAY) == ()
    (message,) = run(sqlite, NOW + 2 * DAY)
    assert "Ngày mai" in message.reply.text
    assert marks(sqlite) == [("class_3d", "message"), ("class_1d", "message")]
    assert calls(sqlite) == []


@pytest.mark.parametrize("hour", [0, 6, 21, 23])
def test_nothing_goes_out_at_night(sqlite, hour):
    enrolled(sqlite)
    assert run(sqlite, NOW.replace(hour=hour)) == ()
    assert len(run(sqlite)) == 1


@pytest.mark.parametrize("breaks", ["mark", "save_session", "queue"])
def test_a_kill_between_any_two_steps_undoes_all_of_them(sqlite, monkeypatch, breaks):
    enrolled(sqlite)
    owner = SqlUnit if breaks == "queue" else SqlFollow
    real = getattr(owner, breaks)

    def killed(*arguments, **named):
        real(*arguments, **named)
        raise SystemExit

    monkeypatch.setattr(owner, breaks, killed)
    with pytest.raises(SystemExit):
        run(sqlite)
    monkeypatch.setattr(owner, breaks, real)
    assert marks(sqlite) == []
    with sqlite.transaction() as unit:
        assert unit.unsent("telegram") == ()
    assert len(run(sqlite)) == 1
    with sqlite.transaction() as unit:
        assert len(unit.unsent("telegram")) == 1


def test_two_programs_at_once_send_one(sqlite):
    """The other one has done it between this one's look and its turn."""
    enrolled(sqlite)
    (seen,) = sqlite.due(following.windows(NOW.date()), 10)
    assert len(run(sqlite)) == 1
    with sqlite.people() as unit:
        assert following._one(unit, seen, WAYS, NOW) == ()
    with pytest.raises(IntegrityError), sqlite.people() as unit:
        unit.follow.mark(seen, ("class_3d", "may-1:2027-01-04"), "message", NOW)


@pytest.mark.parametrize(
    ("contact", "changes"),
    [
        (Contact("web", "", "cookie"), {}),
        (CHAT, {"stopped_at": NOW}),
        (CHAT, {"unreachable_at": NOW}),
        (Contact("zalo_oa", "oa", "x"), {"seen_at": NOW - 3 * DAY}),  # after 48 hours a message costs money
    ],
)
def test_whom_no_chat_may_reach_is_on_the_list_of_calls(sqlite, contact, changes):
    enrolled(sqlite, contact=contact)
    with sqlite.engine.begin() as db:
        if changes:
            db.execute(t.contacts.update().values(**changes))
    assert run(sqlite) == ()
    assert calls(sqlite) == [("class_3d", "unreachable")]
    with sqlite.engine.begin() as db:
        officer = desk(db, sqlite).officers.add("Cán bộ ví dụ", "officer", [COMMUNE], NOW)
        (call,) = desk(db, sqlite).follow.calls(Scope(None), NOW)
        assert (call.row.name, call.row.phone) == ("N. T. M. Một", "0900***001"), "masked"
        desk(db, sqlite).follow.called(Doer(officer, Scope(None), NOW), call.id)
    assert calls(sqlite) == []


def test_a_call_is_over_with_the_class(sqlite):
    enrolled(sqlite, contact=Contact("web", "", "cookie"))
    run(sqlite)
    assert calls(sqlite, NOW + 3 * DAY)
    assert calls(sqlite, NOW + 4 * DAY) == []


def test_a_message_that_did_not_arrive_becomes_a_call(sqlite):
    enrolled(sqlite)
    run(sqlite)
    assert calls(sqlite) == []
    assert calls(sqlite, NOW + timedelta(hours=3)) == [("class_3d", "lost")], "it has not left"
    with sqlite.engine.begin() as db:
        db.execute(t.messages.update().values(sent_at=NOW, fate="sent"))
    assert calls(sqlite, NOW + timedelta(hours=3)) == []
    with sqlite.engine.begin() as db:
        db.execute(t.messages.update().values(fate="unreachable"))
    assert calls(sqlite) == [("class_3d", "lost")]


def test_within_the_window_zalo_is_written_to(sqlite):
    enrolled(sqlite, contact=Contact("zalo_oa", "oa", "x"))
    with sqlite.engine.begin() as db:
        db.execute(t.contacts.update().values(seen_at=NOW - timedelta(hours=40)))
    assert len(run(sqlite)) == 1


def test_nobody_is_interrupted_in_the_middle_of_a_form_or_an_officers_talk(sqlite):
    number = enrolled(sqlite)
    form = FormState("registration", "hamlet", {"trade": {"id": "may", "text": "May"}, "consents": ["list"]})
    with sqlite.transaction() as unit:
        unit.save_session(number, Session(form=form, last_at=(NOW - timedelta(hours=1)).isoformat()), NOW)
    assert run(sqlite) == ()
    assert marks(sqlite) == []
    assert len(run(sqlite, NOW + timedelta(hours=2))) == 1
    with sqlite.transaction() as unit:
        assert unit.session(number).parked == form, "what was begun can be taken up again"


def test_while_an_officer_writes_the_assistant_waits(sqlite):
    enrolled(sqlite)
    with sqlite.channels() as unit:
        unit.pause(CHAT, NOW + timedelta(hours=1))
    assert (run(sqlite), marks(sqlite)) == ((), [])
    assert len(run(sqlite, NOW + timedelta(hours=2))) == 1


def test_after_the_course_consent_is_asked_once_then_the_survey(sqlite):
    enrolled(sqlite, state="completed")
    (message,) = run(sqlite, datetime(2027, 2, 2, 9, tzinfo=VIETNAM))
    assert [c.label for c in message.reply.choices] == ["Đồng ý cho hỏi", "Không, đừng hỏi"]
    happen(sqlite, consent("survey", receipt="HN-AAAAAA"), contact=CHAT)
    (message,) = run(sqlite, datetime(2027, 3, 2, 9, tzinfo=VIETNAM))
    with sqlite.engine.begin() as db:
        db.execute(t.messages.update().values(sent_at=NOW, fate="sent"))
    assert [c.value for c in message.reply.choices][:2] == ["after:yes:HN-AAAAAA:1", "after:no:HN-AAAAAA:1"]
    assert calls(sqlite, datetime(2027, 3, 3, 9, tzinfo=VIETNAM)) == []
    assert calls(sqlite, datetime(2027, 3, 13, 9, tzinfo=VIETNAM)) == [("survey_1m", "silent")]
    assert run(sqlite, datetime(2027, 3, 13, 9, tzinfo=VIETNAM)) == ()


def test_who_did_not_say_yes_is_called_and_who_said_no_is_left_alone(sqlite):
    enrolled(sqlite, state="completed")
    assert run(sqlite, datetime(2027, 3, 2, 9, tzinfo=VIETNAM)) == ()
    assert calls(sqlite, datetime(2027, 3, 2, 9, tzinfo=VIETNAM)) == [("survey_1m", "unreachable")]
    happen(sqlite, consent("survey", False, receipt="HN-AAAAAA"), contact=CHAT)
    run(sqlite, datetime(2027, 5, 2, 9, tzinfo=VIETNAM))
    assert marks(sqlite) == [("survey_1m", "call"), ("survey_3m", "none")]


def test_a_survey_goes_to_the_person_never_to_a_helper(sqlite):
    enrolled(sqlite, state="completed", agreed=True)
    with sqlite.engine.begin() as db:
        db.execute(t.contact_people.update().values(relation="helper"))
    assert run(sqlite, datetime(2027, 3, 2, 9, tzinfo=VIETNAM)) == ()
    assert marks(sqlite) == [("survey_1m", "call")]


def test_stopping_messages_stops_these(sqlite):
    enrolled(sqlite, state="completed", agreed=True)
    happen(sqlite, MessagesStopped(True), contact=CHAT, now=NOW)
    assert run(sqlite, datetime(2027, 3, 2, 9, tzinfo=VIETNAM)) == ()


def test_a_whole_province_is_told_at_one_look(sqlite, monkeypatch):
    monkeypatch.setattr(following, "BATCH", 3)
    with sqlite.transaction() as unit:
        unit.save_course(CLASS)
    for n in range(8):
        happen(sqlite, lead(f"HN-{n:06}", person(n + 1), course=CLASS.id), contact=Contact("telegram", "bot", str(n)))
    with sqlite.engine.begin() as db:
        db.execute(t.leads.update().values(state="enrolled"))
    assert len(run(sqlite)) == 8


@pytest.mark.parametrize(("token", "way"), [("1:token", "message"), ("", "call")])
async def test_the_server_hands_reminders_to_the_channels_it_has(sqlite, catalogue, tmp_path, token, way):
    enrolled(sqlite)
    settings = Settings(_env_file=None, data_dir=tmp_path, telegram_token=token)
    pushed = []
    mind, app = SimpleNamespace(book=wiring.place_book()), SimpleNamespace(office=USUAL)
    posting = Posting(wiring.House(settings, sqlite, app, mind, catalogue, lambda: NOW), pushed.extend)
    await posting.tick()
    assert [m.contact for m in pushed] == ([CHAT] if token else [])
    assert marks(sqlite) == [("class_3d", way)]
    await posting.stop()


def test_one_lead_that_cannot_be_done_keeps_nobody_else_waiting(sqlite, monkeypatch):
    enrolled(sqlite)
    happen(sqlite, lead("HN-BBBBBB", person(2), course=CLASS.id), contact=Contact("telegram", "bot", "b"))
    with sqlite.engine.begin() as db:
        db.execute(t.leads.update().values(state="enrolled"))
    real = following._one

    def failing(unit, number, *more):
        sent = real(unit, number, *more)
        if number == 1:
            raise ValueError("broken")
        return sent

    monkeypatch.setattr(following, "_one", failing)
    assert [m.contact.id for m in run(sqlite)] == ["b"]
    assert len(marks(sqlite)) == 1
