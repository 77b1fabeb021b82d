"""Nothing personal stands in the clear in any file of the database, and what was erased does not stand there at all."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select, text
from store.factories import (
    APPLICANT,
    COMMUNE,
    DAY,
    ME,
    NEIGHBOUR,
    NOW,
    consent,
    counts,
    happen,
    lead,
    person,
    reply,
    sqlite_store,
    turn,
)

from bot.bench.announce import composed
from bot.effects import Forgotten, LeadDetailed, OfficerAsked, PersonErased, QuestionUnanswered
from bot.model import Contact, Session
from bot.store import desk_tables as d
from bot.store import follow_tables as f
from bot.store import tables as t
from bot.store.announcement_tables import announcement_pictures
from bot.store.channel_port import Token
from bot.store.crypto import KeyFault
from bot.store.desk_port import Scope
from bot.store.engines import BUSY_MS
from bot.store.follow_port import Answer
from bot.store.people_port import DataRequest, Recipient
from bot.store.records import VIETNAM
from bot.store.sealed import BY_NAME, LABELS, sealed_columns
from bot.store.sql_desk import SqlDesk
from bot.store.sql_desk_work import Doer
from intents.normalise import fold

# Each stands in one place and nowhere else; no letters of any other text around here make it up.
MARKERS = {
    "contact": "zqvcookie-Ẩjkzw",
    "name": "Qwỡzx Kvẫjq",
    "told_by": "Bxửkz Wpỹg",
    "hamlet": "Zvộk Xừrq",
    "guardian": "Jzẳw Qxổkv",
    "phone": "0900000791",
    "guardian_phone": "0900000792",
    "ticket_phone": "0900000793",
    "trade": "Vxậkq zjửw",
    "said": "Kqỡzv jwẩx",
    "answered": "Wzẫxj kvộq",
    "choice": "Xjỹqz vkẳw",
    "session": "Gqzổx wvừk",
    "ticket": "Pzkửv qxẫj",
    "unanswered": "Hxzộw qkỡv",
    "phrasing": "Zxẩjq wvỡk",
    "details": "Lzẩqk vxỹj",
    "address": "Vqxkjwẩz",
    "secret": "Wkzxqvỡj",
    "who": "Dxẫqz kwỹv",
    "note": "Rqzỡk xvậw",
    "officer": "Qvỡkz Jxẩw",
    "case_note": "Wzỹkx qvẫj",
    "job": "Jqvẫz kxỡw",
    "work_place": "Pxzỹq vwẩk",
    "identity": "000900791937",
}
STRANGE = replace(
    APPLICANT,
    full_name=MARKERS["name"],
    birth_year=1937,
    birth_date=date(1937, 11, 29),
    phone=MARKERS["phone"],
    told_by=MARKERS["told_by"],
    hamlet=MARKERS["hamlet"],
    guardian_name=MARKERS["guardian"],
    guardian_phone=MARKERS["guardian_phone"],
)
TOKEN = "zq-token-Kvxq7"
SOMEBODY = Contact("web", "site", MARKERS["contact"])
SEALED = [
    (table, column)
    for table in t.metadata.sorted_tables
    for column in table.c
    if column.type.python_type is bytes and table not in (d.posters, announcement_pictures)  # made to be shown
]


def write_somebody(store):
    with store.transaction() as unit:
        told = reply(MARKERS["answered"], MARKERS["choice"])
        number = turn(unit, "u1", MARKERS["said"], told, contact=SOMEBODY, tally=f"answered.cost@{COMMUNE}")
        unit.save_session(number, Session(facts={"said": MARKERS["session"]}), NOW)
    happen(
        store,
        lead("HN-AAAAAA", STRANGE, trade="", trade_text=MARKERS["trade"]),
        LeadDetailed("HN-AAAAAA", {"note": MARKERS["details"]}),
        consent("list", receipt="HN-AAAAAA"),
        OfficerAsked("asked", MARKERS["ticket"], COMMUNE, MARKERS["ticket_phone"]),
        QuestionUnanswered(MARKERS["unanswered"], "unknown"),
        contact=SOMEBODY,
    )
    return number


def work_at_the_desk(store):
    """An officer, and what they wrote about the first registration."""
    with store.engine.begin() as db:
        desk = SqlDesk(db, store._cipher, VIETNAM)
        officer = desk.officers.add(MARKERS["officer"], "officer", [COMMUNE], NOW, email=f"{MARKERS['officer']}@x")
        desk.officers.give_token(officer, "link", TOKEN, NOW, NOW + DAY)
        doer = Doer(officer, Scope(None), NOW)
        desk.work.note(doer, 1, "note", MARKERS["case_note"], None)
        desk.follow.answer(doer, 1, Answer(1, True, MARKERS["job"], MARKERS["work_place"], doer.who, NOW))
        desk.follow.choose_identity(doer, COMMUNE, keep=True)
        assert desk.follow.keep_identity(doer, desk.follow.record(doer.scope, 1), MARKERS["identity"])
        desk.lessons.teach(doer, "cost", [MARKERS["phrasing"]], [COMMUNE])
        desk.announcing.announcements.draft(replace(composed(NOW), text=MARKERS["officer"]))


def keep_token(store):
    with store.channels() as unit:
        unit.save_token("zalo_oa", Token(TOKEN, TOKEN, NOW, NOW))
        assert unit.token("zalo_oa") == Token(TOKEN, TOKEN, NOW, NOW)


def keep_office(store):
    """What officers enter: a recipient, a request about data; and a list that somebody erased was on."""
    with store.people() as unit:
        recipient = Recipient(
            COMMUNE, "Nơi ví dụ", MARKERS["address"], "webhook", attach=True, secret=MARKERS["secret"]
        )
        number = unit.forwarding.save(recipient, NOW)
        asked = unit.forwarding.ask(unit.forwarding.recipient(number), "officer", NOW)
        unit.forwarding.claim(asked, NOW)
        unit.forwarding.holds(asked, [key.id for key in unit.sheet.keys([COMMUNE])], None)
        unit.forwarding.settle(asked, "sent", NOW)
        request = DataRequest(
            0, "request", COMMUNE, "access", NOW, NOW.date(), NOW.date(), unit.rights.person("HN-AAAAAA")
        )
        unit.rights.ask(replace(request, who=MARKERS["who"], note=MARKERS["note"]))


def files(path):
    """All bytes of the database, its log and its index, by file name."""
    return {f.name: f.read_bytes() for f in sorted(path.parent.glob(f"{path.name}*"))}


def spellings(text):
    """How a text could stand in a file: as it is, folded, in capitals, in JSON, in UTF-16, in hex, its words."""
    forms = {text, fold(text), text.upper(), text.lower(), fold(text).upper(), *text.split(), *fold(text).split()}
    coded = {form.encode(code) for form in forms for code in ("utf-8", "utf-16-le", "utf-16-be")}
    return coded | {text.encode("ascii", "backslashreplace"), text.encode().hex().encode()}


def checkpoint(store):
    connection = store.engine.raw_connection()
    assert connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
    connection.close()


def sealed_bytes(store, contact):
    """Every sealed field that belongs to a contact, and its fingerprints."""
    people = select(t.contact_people.c.person_id).where(t.contact_people.c.contact_id == contact)
    w = d.search_words.c  # neighbours have beginnings of names in common
    shared = select(w.word).where(w.person_id.not_in(people))
    mine = {
        t.people: t.people.c.id.in_(people),
        t.leads: t.leads.c.person_id.in_(people),
        t.messages: t.messages.c.contact_id == contact,
        t.sessions: t.sessions.c.contact_id == contact,
        t.tickets: t.tickets.c.contact_id == contact,
        d.search_words: d.search_words.c.person_id.in_(people) & d.search_words.c.word.not_in(shared),
        f.surveys: f.surveys.c.lead_id.in_(select(t.leads.c.id).where(t.leads.c.person_id.in_(people))),
        f.identity_numbers: f.identity_numbers.c.person_id.in_(people),
        d.lead_notes: d.lead_notes.c.lead_id.in_(select(t.leads.c.id).where(t.leads.c.person_id.in_(people))),
    }
    found = set()
    with store.engine.connect() as db:
        for table, where in mine.items():
            rows = db.execute(table.select().where(where)).mappings()
            found |= {v for row in rows for v in row.values() if isinstance(v, bytes) and v}
        for row in db.execute(t.people.select().where(t.people.c.id.in_(people))):
            found |= {row.phone_digest.encode(), row.likeness_digest.encode()}
    return found


def test_nothing_personal_stands_in_the_clear_in_any_file(sqlite, database_file):
    write_somebody(sqlite)
    keep_token(sqlite)
    keep_office(sqlite)
    work_at_the_desk(sqlite)
    in_the_log = files(database_file)
    assert set(in_the_log) == {f"{database_file.name}{tail}" for tail in ("", "-wal", "-shm")}
    checkpoint(sqlite)
    contents = [*in_the_log.values(), *files(database_file).values()]
    assert any(b"HN-AAAAAA" in content for content in contents), "the search finds what is there"
    for what, marker in MARKERS.items():
        for spelling in spellings(marker):
            assert not any(spelling in content for content in contents), (what, spelling)
    assert not any(b"1937" in content for content in contents)


def test_every_sealed_column_is_written_by_the_marked_person(sqlite):
    write_somebody(sqlite)
    keep_token(sqlite)
    keep_office(sqlite)
    happen(sqlite, lead("HN-CCCCCC"), contact=NEIGHBOUR)
    with sqlite.people() as unit:  # the note of a delivery that asks to erase
        (asked,) = [key.id for key in unit.sheet.keys([COMMUNE]) if key.trade == "may"]
        unit.forwarding.holds(1, [asked], None)
    happen(sqlite, PersonErased(), contact=NEIGHBOUR)
    work_at_the_desk(sqlite)
    with sqlite.engine.connect() as db:
        written = {column for _, column in SEALED if any(db.execute(select(column)).scalars())}
    unwritten = [f"{table}.{column.name}" for table, column in SEALED if column not in written]
    assert unwritten == [], "a new personal column: mark it in MARKERS too"


def test_every_sealed_column_has_a_label_to_open_it_by():
    assert sealed_columns() == LABELS.keys() | BY_NAME, "bot/store/sealed.py: a line for each sealed column"


def test_a_text_sealed_twice_is_not_twice_the_same(sqlite):
    with sqlite.transaction() as unit:
        for update in ("u1", "u2"):
            turn(unit, update, MARKERS["said"], reply(MARKERS["answered"]))
    with sqlite.engine.connect() as db:
        bodies = list(db.execute(select(t.messages.c.body)).scalars())
    assert len(set(bodies)) == len(bodies) == 4


@pytest.mark.parametrize("column", ["phone", "hamlet", "told_by"])
def test_sealed_bytes_moved_to_another_column_do_not_open(sqlite, column):
    happen(sqlite, lead("HN-AAAAAA", STRANGE))
    with sqlite.engine.begin() as db:
        db.execute(t.people.update().values({column: t.people.c.full_name}))
    with pytest.raises(KeyFault, match=rf"person\.{column}"), sqlite.transaction() as unit:
        unit.leads(COMMUNE)


@pytest.mark.parametrize("neighbours", [0, 16], ids=["alone", "among others"])
def test_what_was_erased_is_in_no_file_any_more(sqlite, database_file, neighbours):
    for number in range(neighbours // 2):
        somebody(sqlite, number)
    me = write_somebody(sqlite)
    for number in range(neighbours // 2, neighbours):
        somebody(sqlite, number)
    mine = sealed_bytes(sqlite, me)
    assert len(mine) > 12
    checkpoint(sqlite)
    assert all(any(sealed in content for content in files(database_file).values()) for sealed in mine)
    happen(sqlite, PersonErased(), contact=SOMEBODY)
    left = [sealed for sealed in mine for content in files(database_file).values() if sealed in content]
    assert left == [], "not in the log either: it is written back and cut off after an erasure"


def test_what_was_forgotten_is_in_no_file_any_more(sqlite, database_file):
    me = write_somebody(sqlite)
    before = sealed_bytes(sqlite, me)
    happen(sqlite, Forgotten(), contact=SOMEBODY)
    gone = before - sealed_bytes(sqlite, me)
    assert len(gone) == 3, "two messages and the session"
    assert not any(sealed in content for sealed in gone for content in files(database_file).values())


def test_what_was_retired_is_in_no_file_any_more(sqlite, database_file):
    before = sealed_bytes(sqlite, write_somebody(sqlite))
    with sqlite.transaction() as unit:
        unit.retire(NOW.replace(year=2040))
    assert not any(sealed in content for sealed in before for content in files(database_file).values())


def test_erasing_ends_well_while_another_transaction_is_open(sqlite, database_file):
    write_somebody(sqlite)
    reader = sqlite_store(database_file)
    held = reader.engine.raw_connection()
    for statement in ("BEGIN", "SELECT count(*) FROM people"):  # a copy of the data being made, say
        held.cursor().execute(statement).fetchall()
    happen(sqlite, PersonErased(), contact=SOMEBODY)
    assert counts(sqlite) == {"contacts": 1, "seen_updates": 1, "unanswered": 1, "erasures": 2}
    with sqlite.engine.connect() as db:
        assert db.execute(text("PRAGMA busy_timeout")).scalar() == BUSY_MS
    held.close()
    reader.close()


def somebody(store, number):
    contact = Contact(ME.channel, ME.account, f"{NEIGHBOUR.id}-{number}")
    happen(store, lead(f"HN-BB{number:04}", person(number + 1)), contact=contact)
    with store.transaction() as unit:
        for update in range(4):
            turn(unit, f"u{update}", "chào em " * 9, reply("Dạ, em chào anh/chị. " * 20, "Hỏi"), contact=contact)
