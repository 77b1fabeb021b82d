"""What is made of a copy that is put back: by what the database from before tells, or carefully when a disk is lost."""

import sqlite3
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from backup.backup_stage import CIPHER, LATER, ON_TELEGRAM, opened
from sqlalchemy import select
from store.factories import COURSE, KEY, ME, NEIGHBOUR, NOW, consent, happen, lead, person, reply, turn
from typer.testing import CliRunner

from bot import jobs
from bot.cli import app
from bot.desk.signing_in import give_link
from bot.effects import PersonErased
from bot.leads import intake
from bot.store import backing_up, copying, journal_file, restoring, settling
from bot.store import desk_tables as d
from bot.store import follow_tables as f
from bot.store import people_tables as p
from bot.store import tables as t
from bot.store.channel_port import Token
from bot.store.records import VIETNAM

OLD_TOKEN = Token("access", "spent", NOW + timedelta(days=1), NOW)


def copied(store, tmp_path):
    backing_up.back_up(store.engine, CIPHER, tmp_path / "a.sqlite3")
    return tmp_path / "a.sqlite3"


def rows(path, query):
    with sqlite3.connect(path) as db:
        return db.execute(query).fetchall()


def officers(store):
    """Two, each with a link to the desk and a chat."""
    for contact in (ME, NEIGHBOUR):
        with store.desk() as desk:
            number = desk.officers.add("Cán bộ Mẫu", "officer", ["06862"], NOW)
            give_link(desk, number, NOW, timedelta(days=1))
        with store.engine.begin() as db:
            chat = (
                db.execute(
                    select(t.contacts.c.id)
                    .where(t.contacts.c.account == contact.account)
                    .where(t.contacts.c.channel == contact.channel)
                    .order_by(t.contacts.c.id.desc() if contact is NEIGHBOUR else t.contacts.c.id)
                )
                .scalars()
                .first()
            )
            db.execute(d.officer_contacts.insert().values(contact_id=chat, officer_id=number, linked_at=NOW))
            notice = {"contact_id": chat, "commune": "06862", "every": "day", "last_lead": 0, "next_at": NOW}
            db.execute(p.notices.insert().values(**notice))


def test_what_the_database_from_before_tells_is_believed(store, tmp_path):
    """One of two messages went out, somebody stopped messages, a token is newer, a chat was unlinked, one was asked."""
    with store.transaction() as unit:
        turn(unit, "u2", "lớp nào", reply("chưa gửi, lần hai"), contact=ON_TELEGRAM)
    with store.channels() as unit:
        unit.save_token("zalo", OLD_TOKEN)
    officers(store)
    copy = copied(store, tmp_path)
    happen(store, lead("HN-CCCCCC", person(3)), consent(), contact=NEIGHBOUR)
    with store.channels() as unit:
        unit.save_token("zalo", replace(OLD_TOKEN, refresh="newer", changed_at=LATER))
    with store.engine.begin() as db:
        first = t.messages.c.update_id == "u1"
        db.execute(t.messages.update().where(first, t.messages.c.outgoing).values(sent_at=LATER, fate="sent"))
        db.execute(t.contacts.update().values(stopped_at=LATER))
        db.execute(d.officer_contacts.delete().where(d.officer_contacts.c.officer_id == 2))
        db.execute(d.officers.update().where(d.officers.c.id == 2).values(ended_at=LATER))
        mark = {"lead_id": 1, "kind": "survey", "about": "3", "way": "message", "made_at": LATER}
        db.execute(f.follow_ups.insert().values(**mark))
        last = copying.last_given(t.messages, db)
    store.close()
    data = tmp_path / "data.sqlite3"
    done = restoring.restore_file(copy, data, CIPHER, LATER).settled
    assert (done.unknown, done.tokens, done.chats, done.known) == (0, 1, 1, True)
    assert rows(data, "SELECT fate FROM messages WHERE outgoing") == [("sent",), ("",)]
    assert rows(data, "SELECT count(*) FROM contacts WHERE stopped_at IS NULL") == [(0,)]
    assert rows(data, "SELECT officer_id FROM officer_contacts") == [(1,)]
    assert rows(data, "SELECT id FROM officers WHERE ended_at IS NULL") == [(1,)]
    assert rows(data, "SELECT count(*) FROM notices") == [(1,)]
    assert rows(data, "SELECT lead_id, kind, about FROM follow_ups") == [(1, "survey", "3")]
    again = opened(data)
    with again.channels() as unit:
        assert unit.token("zalo").refresh == "newer"
    with again.transaction() as unit:
        turn(unit, "u4", "chào")
    assert last < rows(data, "SELECT max(id) FROM messages")[0][0] < last + 10
    again.close()


@pytest.mark.parametrize("begun_anew", [False, True])
def test_a_lost_disk_tells_nothing_nor_does_one_begun_anew(store, tmp_path, begun_anew):
    officers(store)
    copy, new = copied(store, tmp_path), tmp_path / "new.sqlite3"
    if begun_anew:
        opened(new).close()
    done = restoring.restore_file(copy, new, CIPHER, LATER).settled
    assert (done.unknown, done.chats, done.known) == (1, 2, False)
    assert rows(new, "SELECT fate FROM messages WHERE outgoing") == [("unknown",)]
    again = opened(new)
    happen(again, lead("HN-CCCCCC", person(3)), consent(), contact=NEIGHBOUR)
    with again.transaction() as unit:
        turn(unit, "u5", "chào")
    again.close()
    assert rows(new, "SELECT max(id) FROM people")[0][0] > settling.GAP
    assert rows(new, "SELECT max(id) FROM messages")[0][0] > settling.GAP_OF_MESSAGES


def test_lists_that_were_due_are_asked_about_and_an_erasure_is_told_again(store, tmp_path):
    with store.desk() as desk:
        for every in ("week", "asked"):
            made = intake.recipient("06862", "Nơi nhận mẫu", "nhan@example.vn", every, "figures")
            number = desk.forwarding.save(made, NOW)
    with store.engine.begin() as db:
        db.execute(p.recipients.update().values(next_at=NOW))
        row = {"recipient_id": number, "tries": 0, "due_at": NOW, "people": 0, "why": "", "note": b"", "asked_by": ""}
        row |= {"made_at": NOW, "opens": 0}
        states = ({"kind": "list", "state": "waiting"}, {"kind": "erased", "state": "sending"})
        db.execute(p.deliveries.insert(), [row | one for one in states])
    new = tmp_path / "new.sqlite3"
    done = restoring.restore_file(copied(store, tmp_path), new, CIPHER, LATER)
    assert done.settled.lists == 3  # the one that waited, and two that have become due
    assert rows(new, "SELECT state FROM deliveries WHERE kind = 'erased'") == [("waiting",)]
    assert rows(new, "SELECT DISTINCT state FROM deliveries WHERE kind <> 'erased'") == [("unknown",)]


def test_the_journal_stands_beside_the_copies_where_a_lost_disk_cannot_take_it(store, tmp_path):
    stick, lost, new = tmp_path / "stick", tmp_path / "lost", tmp_path / "new"
    for folder in (stick, lost, new):
        folder.mkdir()
    copy = copied(store, stick)
    happen(store, PersonErased(), now=LATER)
    jobs.after_erasures(store, lost, stick)
    restoring.restore_file(copy, new / "data.sqlite3", CIPHER, LATER)
    journal_file.join(stick / journal_file.NAME, new / journal_file.NAME)
    again = opened(new / "data.sqlite3")
    assert journal_file.sync(again, new) == 1
    again.close()


def test_reminders_that_may_have_gone_from_a_lost_disk_become_calls(store, tmp_path, monkeypatch):
    today = datetime.now(VIETNAM).date()
    with store.transaction() as unit:
        unit.save_course(replace(COURSE, starts_on=today + timedelta(days=1), ends_on=today + timedelta(days=30)))
    with store.engine.begin() as db:
        db.execute(t.leads.update().values(state="enrolled", course=COURSE.id, waiting_since=None))
    copy = copied(store, tmp_path)
    new = tmp_path / "new"
    monkeypatch.setenv("HOCNGHE_DATA_DIR", str(new))
    monkeypatch.setenv("HOCNGHE_SECRET_KEY", KEY)
    done = CliRunner().invoke(app, ["db", "restore", str(copy), "--yes"])
    assert done.exit_code == 0
    assert "2 lời nhắc lớp" in done.output
    assert "erasures.journal" in done.output
    assert rows(new / "hocnghe.sqlite3", "SELECT way FROM follow_ups") == [("call",)] * 2
