"""What has outlived its kind is erased, and nothing else."""

import pytest
from store.factories import (
    COMMUNE,
    COURSE,
    DAY,
    ME,
    NEIGHBOUR,
    NOW,
    PROVINCE,
    SECOND,
    consent,
    counts,
    happen,
    lead,
    person,
    reply,
    turn,
)

from bot.effects import MessagesStopped, OfficerAsked, QuestionUnanswered
from bot.model import Session
from bot.store.announcement_tables import announcements
from bot.store.port import RETENTION_DAYS
from bot.store.sql_desk_store import SqlDeskStore


def retired(store, now):
    """Rows erased per kind, without the kinds of which none was."""
    with store.transaction() as unit:
        return {kind: n for kind, n in unit.retire(now).items() if n}


def talk(store):
    with store.transaction() as unit:
        turn(unit, "u1", "chào", reply("Dạ"))


def session(store):
    with store.transaction() as unit:
        unit.save_session(unit.lock(ME, NOW), Session(), NOW)


def registration(store):
    happen(store, lead("HN-AAAAAA"), consent("list", receipt="HN-AAAAAA"))


def ticket(store):
    happen(store, OfficerAsked("asked", "Gọi cho tôi", COMMUNE), consent("officer"))


def question(store):
    happen(store, QuestionUnanswered("nuôi ong", "unknown"))


KINDS = [
    pytest.param(session, "session", {"session": 1, "contact": 1}, id="session"),
    pytest.param(talk, "message", {"message": 2, "seen": 1, "contact": 1}, id="message"),
    pytest.param(question, "unanswered", {"unanswered": 1}, id="unanswered"),
    pytest.param(registration, "lead", {"lead": 1, "person": 1, "contact": 1}, id="lead"),
    pytest.param(ticket, "ticket", {"ticket": 1, "contact": 1}, id="ticket"),
]


def test_the_retention_table_is_as_declared(store):
    with store.transaction() as unit:
        assert unit.retention() == RETENTION_DAYS


def test_retiring_an_empty_store_erases_nothing(store):
    assert retired(store, NOW) == {}
    with store.transaction() as unit:
        assert set(unit.retire(NOW)) == {
            "session", "message", "seen", "unanswered", "ticket", "lead", "person", "contact",
        }  # fmt: skip


@pytest.mark.parametrize(("make", "kind", "gone"), KINDS)
def test_each_kind_is_kept_to_its_last_day_and_no_longer(store, make, kind, gone):
    make(store)
    if kind == "unanswered":
        retired(store, NOW + 31 * DAY)  # the contact who asked goes sooner
    before = counts(store)
    last = NOW + RETENTION_DAYS[kind] * DAY
    assert retired(store, last) == {}
    assert counts(store) == before
    assert retired(store, last + SECOND) == gone
    assert counts(store) == {}, "nothing that belonged to it is left over"


@pytest.mark.parametrize(("make", "kind", "gone"), KINDS)
@pytest.mark.parametrize("days", [3, 1000])
def test_each_kind_goes_by_the_days_that_were_set(store, make, kind, gone, days):
    with store.transaction() as unit:
        unit.set_retention("message", 1)  # a contact of whom nothing is left must not keep anything back
        unit.set_retention(kind, days)
        assert unit.retention() == {**RETENTION_DAYS, "message": 1, kind: days}
    make(store)
    retired(store, NOW + days * DAY)
    kept = counts(store)
    assert (
        retired(store, NOW + days * DAY + SECOND).items() >= {k: n for k, n in gone.items() if k != "contact"}.items()
    )
    assert kept != {}
    assert counts(store) == {}


def test_an_unknown_kind_is_refused(store):
    with pytest.raises(KeyError, match="songs"), store.transaction() as unit:
        unit.set_retention("songs", 1)


def test_old_messages_of_a_talk_that_still_goes_on_are_erased(store):
    talk(store)
    with store.transaction() as unit:
        turn(unit, "u2", "tôi đây", reply("Dạ"), now=NOW + 20 * DAY)
    assert retired(store, NOW + 31 * DAY) == {"message": 2, "seen": 1}
    with store.transaction() as unit:
        assert [m.update_id for m in unit.messages(ME)] == ["u2", "u2"]


def test_a_registration_counts_from_its_last_change(store):
    registration(store)
    happen(store, lead("HN-BBBBBB", trade="nau-an"))
    happen(store, lead("HN-AAAAAA"), now=NOW + 100 * DAY)
    assert retired(store, NOW + 731 * DAY) == {"lead": 1}
    with store.transaction() as unit:
        assert [r.receipt for r in unit.leads(COMMUNE)] == ["HN-AAAAAA"]
    assert counts(store)["people"] == 1, "a person with another registration stays"
    assert retired(store, NOW + 831 * DAY) == {"lead": 1, "person": 1, "contact": 1}
    assert counts(store) == {}


def test_a_contact_stays_as_long_as_anything_of_it_is_kept(store):
    registration(store)
    happen(store, OfficerAsked("asked", "", COMMUNE), MessagesStopped(stopped=True), contact=NEIGHBOUR)
    assert retired(store, NOW + 400 * DAY) == {}
    assert counts(store)["contacts"] == 2


def test_a_contact_that_comes_back_is_kept_from_its_last_message_on(store):
    for number, now in enumerate((NOW, NOW + 20 * DAY)):
        with store.transaction() as unit:
            unit.remember(unit.lock(ME, now), f"u{number}", "", now)
    assert "contact" not in retired(store, NOW + 50 * DAY)
    assert "contact" in retired(store, NOW + 50 * DAY + SECOND)


def test_places_and_classes_are_not_retired(store):
    with store.transaction() as unit:
        unit.serve(COMMUNE, NOW)
        unit.serve(PROVINCE, NOW)
        unit.save_course(COURSE)
    assert retired(store, NOW + 10_000 * DAY) == {}
    assert counts(store) == {"served_places": 2, "courses": 1}


def test_of_many_only_the_old_ones_go(store):
    for number in range(1, 6):
        happen(store, lead(f"HN-AAAAA{number}", person(number)), now=NOW + number * DAY)
    assert retired(store, NOW + 733 * DAY) == {"lead": 2, "person": 2}
    with store.transaction() as unit:
        assert [r.receipt for r in unit.leads(COMMUNE)] == ["HN-AAAAA3", "HN-AAAAA4", "HN-AAAAA5"]


def test_an_officers_chat_stays_linked_however_quiet_the_commune_is(sqlite):
    with SqlDeskStore(sqlite.engine, sqlite._cipher).desk() as desk:
        officer = desk.officers.add("Bà Mẫu", "officer", (COMMUNE,), NOW)
    with sqlite.transaction() as unit:
        contact = unit.lock(ME, NOW)
    with SqlDeskStore(sqlite.engine, sqlite._cipher).desk() as desk:
        desk.officers.link_chat(officer, contact, NOW, None)
        desk.notices.tell(contact, COMMUNE, "each", NOW)
    assert retired(sqlite, NOW + 300 * DAY) == {}
    assert counts(sqlite)["notices"] == 1
    with SqlDeskStore(sqlite.engine, sqlite._cipher).desk() as desk:
        desk.officers.end(officer, NOW + 300 * DAY)
    assert retired(sqlite, NOW + 331 * DAY) == {"contact": 1}, "no officer any more"


def test_a_draft_nobody_sent_goes_with_its_time(sqlite):
    with sqlite.engine.begin() as db:
        values = dict.fromkeys(("communes", "course", "trade", "trades", "groups", "language", "picture"), "")
        values |= {"kind": "classes", "state": "draft", "waves": False, "paid": False, "last_seats": False, "wave": 0}
        db.execute(announcements.insert().values(**values, text=b"", made_at=NOW))
    last = NOW + RETENTION_DAYS["lead"] * DAY
    for now, left in ((last, 1), (last + SECOND, 0)):
        retired(sqlite, now)
        with sqlite.transaction() as unit:
            assert unit.counts()["announcements"] == left
