"""The proof of an erasure: every field opened, every fingerprint looked for, every byte of every file scanned."""

import os
import shutil
from dataclasses import replace

import pytest
from sqlalchemy import select
from store.factories import COMMUNE, DAY, KEY, ME, NEIGHBOUR, NOW, counts, happen, lead, person, sqlite_store
from store.test_store_sealing import (
    MARKERS,
    SOMEBODY,
    STRANGE,
    checkpoint,
    files,
    keep_office,
    keep_token,
    sealed_bytes,
    spellings,
    work_at_the_desk,
    write_somebody,
)

from bot import jobs
from bot.effects import OfficerAsked, PersonErased, QuestionUnanswered
from bot.i18n import catalogue, language
from bot.leads.rights import readable
from bot.store import journal_file
from bot.store import people_tables as p
from bot.store import tables as t
from bot.store.crypto import Cipher
from bot.store.records import likeness
from bot.store.sealed import opened
from bot.store.sql_desk_store import SqlDeskStore
from bot.store.sql_rights import DERIVED

OFFICES = {"address", "secret", "officer"}  # a recipient's or an officer's own: they are no applicant's
NOBODYS = {"unanswered", "phrasing"}  # scrubbed questions that name nobody
ERASING = ["by the person in the chat", "by an officer", "at the desk"]


def opened_fields(store):
    """Every field of every row, opened: (table, column) -> texts."""
    cipher, found = Cipher(KEY), {}
    with store.engine.connect() as db:
        for table in t.metadata.sorted_tables:
            for row in db.execute(select(table)).mappings():
                for column, value in opened(cipher, table, row).items():
                    found.setdefault((table.name, column), []).append(str(value))
    return found


def fingerprints():
    """What a search for the person would look up."""
    cipher = Cipher(KEY)
    return {
        cipher.digest(STRANGE.phone, "phone"),
        cipher.digest(STRANGE.guardian_phone, "phone"),
        cipher.digest(likeness(STRANGE), "likeness"),
    }


def everything_about_somebody(store):
    number = write_somebody(store)
    keep_token(store)
    keep_office(store)
    work_at_the_desk(store)
    happen(
        store,
        OfficerAsked("data_access", f"Cho xem của {STRANGE.full_name}", COMMUNE),
        QuestionUnanswered(f"{STRANGE.full_name} hỏi bao giờ học", "unknown"),
        contact=SOMEBODY,
    )
    happen(store, lead("HN-BBBBBB", person(2)), contact=NEIGHBOUR)
    return number


def erase(store, how):
    if how == ERASING[0]:
        happen(store, PersonErased(), contact=SOMEBODY, now=NOW + DAY)
        return
    if how == ERASING[2]:
        with SqlDeskStore(store.engine, store._cipher).desk() as desk:
            number = desk.rights.person("HN-AAAAAA")
            desk.audit(1, "exported", f"person:{number}", NOW)
            assert desk.rights.erase(number, NOW + DAY)
            desk.audit(1, "erased", f"person:{number}", NOW + DAY)
        return
    with store.people() as unit:
        assert unit.rights.erase(unit.rights.person("hn-aaaaaa"), NOW + DAY)


@pytest.fixture
def exports(tmp_path):
    """Two files on the disk: one from before the erasure, one from after it."""
    folder = tmp_path / "exports"
    folder.mkdir()
    for name, at in (("before.xlsx", NOW), ("after.xlsx", NOW + 2 * DAY)):
        (folder / name).write_bytes(STRANGE.full_name.encode() if name == "before.xlsx" else b"-")
        os.utime(folder / name, (at.timestamp(), at.timestamp()))
    return folder


@pytest.mark.parametrize("how", ERASING)
def test_nothing_of_an_erased_person_is_left_anywhere(sqlite, database_file, exports, how, capfd):
    number = everything_about_somebody(sqlite)
    before = sealed_bytes(sqlite, number)
    with sqlite.people() as unit:
        before |= {row["note"] for row in unit.sheet._db.execute(select(p.data_requests)).mappings()}
    checkpoint(sqlite)
    erase(sqlite, how)
    jobs.after_erasures(sqlite, exports.parent)

    texts = opened_fields(sqlite)
    everywhere = "\n".join(text for found in texts.values() for text in found)
    gone = {m: text for m, text in MARKERS.items() if m not in OFFICES | NOBODYS}
    if how == ERASING[0]:
        gone.pop("contact")  # the talk goes on: the account is known until it has been idle for 30 days
    assert [m for m, text in gone.items() if text in everywhere] == []
    with sqlite.engine.connect() as db:
        kept = {str(v) for table in t.metadata.sorted_tables for row in db.execute(select(table)) for v in row}
    assert not fingerprints() & kept, "no search finds the person"
    contents = files(database_file)
    contents |= {f.name: f.read_bytes() for f in exports.parent.rglob("*") if f.is_file()}
    assert [sealed for sealed in before for content in contents.values() if sealed and sealed in content] == []
    for marker in gone.values():
        long = [s for s in spellings(marker) if len(s) > 3]  # two letters stand in any ciphertext
        assert not any(s in content for s in long for content in contents.values())
    assert sorted(f.name for f in exports.iterdir()) == ["after.xlsx"]
    assert not any(text in "".join(capfd.readouterr()) for text in MARKERS.values()), "nor in any log"
    assert [len(texts["people", "id"]), len(texts["leads", "receipt"])] == [1, 1], "the neighbour stays"


@pytest.mark.parametrize("how", ERASING)
def test_whoever_got_the_list_is_asked_to_erase_by_receipt_alone(sqlite, how):
    everything_about_somebody(sqlite)
    erase(sqlite, how)
    with sqlite.people() as unit:
        (asked,) = unit.forwarding.due(NOW + 2 * DAY)
    assert (asked.kind, asked.note, asked.people) == ("erased", ("HN-AAAAAA",), 1)


def test_a_link_that_nobody_opened_gave_nothing_away(sqlite):
    everything_about_somebody(sqlite)
    with sqlite.engine.begin() as db:
        db.execute(p.recipients.update().values(attach=False))
    erase(sqlite, ERASING[0])
    with sqlite.people() as unit:
        assert unit.forwarding.due(NOW + 2 * DAY) == ()


def test_an_older_copy_of_the_data_brings_nobody_back(sqlite, database_file, tmp_path):
    number = everything_about_somebody(sqlite)
    checkpoint(sqlite)
    copy = shutil.copy(database_file, tmp_path / "copy.sqlite3")
    erase(sqlite, ERASING[0])
    happen(sqlite, lead("HN-DDDDDD", STRANGE), contact=SOMEBODY, now=NOW + 2 * DAY)
    assert journal_file.sync(sqlite, tmp_path) == 0
    line = (tmp_path / journal_file.NAME).read_text()
    assert not any(marker in line for marker in MARKERS.values())

    restored = sqlite_store(copy)
    assert counts(restored)["people"] == 2
    assert journal_file.sync(restored, tmp_path) == 1
    assert journal_file.sync(restored, tmp_path) == 0, "once"
    assert not sealed_bytes(restored, number)
    everywhere = str(opened_fields(restored))
    assert [
        m for m, text in MARKERS.items() if m in ("name", "phone", "said", "session", "ticket") and text in everywhere
    ] == []
    assert counts(restored)["people"] == 1, "the neighbour stays"
    restored.close()
    assert journal_file.sync(sqlite, tmp_path) == 0
    with sqlite.transaction() as unit:
        assert [r.receipt for r in unit.leads(COMMUNE)] == ["HN-BBBBBB", "HN-DDDDDD"], "who came back stays"


def test_a_cut_off_line_of_the_journal_is_written_again(sqlite, tmp_path):
    everything_about_somebody(sqlite)
    erase(sqlite, ERASING[0])
    journal_file.sync(sqlite, tmp_path)
    path = tmp_path / journal_file.NAME
    whole = path.read_text()
    path.write_text(whole[:-20])
    journal_file.sync(sqlite, tmp_path)
    assert {e.digest for e in journal_file.read(path)} == {line.split()[1] for line in whole.splitlines()}


def test_on_a_phone_that_several_use_the_others_stay(sqlite):
    happen(sqlite, lead("HN-AAAAAA", person(1)), lead("HN-BBBBBB", person(2)))
    named, other = f"gọi cho {person(1).full_name}", "gọi cho tôi"
    happen(sqlite, OfficerAsked("asked", named, COMMUNE), OfficerAsked("asked", other, COMMUNE))
    with sqlite.people() as unit:
        assert unit.rights.erase(unit.rights.person("HN-AAAAAA"), NOW)
        assert not unit.rights.erase(999, NOW)
    left = opened_fields(sqlite)
    assert left["leads", "receipt"] == ["HN-BBBBBB"]
    assert left["tickets", "text"] == [other]
    assert left["contacts", "external"] == [ME.id]


def test_the_file_of_a_person_holds_every_table_they_are_in(sqlite):
    everything_about_somebody(sqlite)
    with sqlite.people() as unit:
        file = unit.rights.file(unit.rights.person("HN-AAAAAA"))
    said = str(file)
    missing = [m for m, text in MARKERS.items() if m not in OFFICES | NOBODYS and text not in said]
    assert missing == []
    assert file["forwarded_to"][0]["name"] == "Nơi ví dụ"
    assert {
        "people",
        "leads",
        "lead_history",
        "consents",
        "tickets",
        "messages",
        "sessions",
        "data_requests",
    } <= file.keys()
    assert "digest" not in said


def test_every_table_of_a_person_has_a_heading_in_their_file(sqlite):
    """A new table that refers to people, leads or contacts is handed over, under words that a person reads."""
    owners = {"people", "leads", "contacts"}
    theirs = {
        table.name
        for table in t.metadata.sorted_tables
        if table.name in owners or any(key.column.table.name in owners for key in table.foreign_keys)
    }
    headings = {k.removeprefix("rights.table.") for k in catalogue("vi") if k.startswith("rights.table.")}
    assert theirs - headings == {"officer_contacts", *DERIVED}, "an officer's own chat, hashes"
    everything_about_somebody(sqlite)
    with sqlite.people() as unit:
        number = unit.rights.person("HN-AAAAAA")
        file = unit.rights.file(number)
    assert {"surveys", "identity_numbers", "lead_notes"} <= file.keys()
    assert not DERIVED & file.keys()
    assert [row["purpose"] for row in file["consents"]] == ["list"]
    told = readable(file, language())
    assert not any(f"\n{name}\n" in told for name in file), "no table's own name stands over its rows"


def test_requests_show_the_days_of_the_law(sqlite):
    friday = NOW.replace(month=12, day=4)
    happen(sqlite, OfficerAsked("data_access", "HN-AAAAAA", COMMUNE), OfficerAsked("asked", "gọi", COMMUNE), now=friday)
    happen(sqlite, lead())
    everything = []
    with sqlite.people() as unit:
        for kind in ("erase", "withdraw"):
            blank = replace(unit.rights.due(COMMUNE)[0], kind=kind, who="Bà Mẫu", asked_at=friday)
            everything.append(unit.rights.ask(blank))
        assert not unit.rights.due("00004")
        due = unit.rights.due(COMMUNE)
        assert [(r.source, r.kind, f"{r.answer_by:%d/%m}", f"{r.due_on:%d/%m}") for r in due] == [
            ("ticket", "access", "08/12", "14/12"),
            ("request", "withdraw", "08/12", "19/12"),
            ("request", "erase", "08/12", "24/12"),
        ]
        assert [unit.rights.extend(everything[0], NOW), unit.rights.extend(everything[0], NOW)] == [True, False]
        unit.rights.done(everything[1], "officer", NOW)
        assert [(r.kind, f"{r.due_on:%d/%m}") for r in unit.rights.due()] == [("access", "14/12"), ("erase", "13/01")]
