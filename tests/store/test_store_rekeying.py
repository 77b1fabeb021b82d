"""Another key: everything opens with it and is found by it, nothing by the old one any more."""

import os
import shutil
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select
from store.factories import KEY, ME, NOW, happen, lead, person, sqlite_store
from store.test_store_proof import everything_about_somebody

from bot.effects import LeadDetailed
from bot.store import erasing
from bot.store import tables as t
from bot.store.crypto import Cipher, KeyFault
from bot.store.engines import connect
from bot.store.rekeying import DIGESTS, GONE, STAYS, InUse, fits, marks, rekey
from bot.store.sealed import LABELS, opened, sealed_columns
from bot.store.sql_desk_store import SqlDeskStore

POSTGRESQL = os.environ.get("HOCNGHE_TEST_ON") == "postgresql"
OTHER = "another key, long enough as well"
OLD_KEY, NEW_KEY = Cipher(KEY), Cipher(OTHER)
COLUMNS = {f"{c.table.name}.{c.name}": c for table in t.metadata.sorted_tables for c in table.c}


def fill(store):
    everything_about_somebody(store)
    registered = lead("HN-CCCCCC", person(3))
    happen(store, registered, LeadDetailed("HN-CCCCCC", {"target_group": "near_poor"}), contact=ME)


def texts(engine, cipher):
    """Every row of every table, its sealed columns opened, without fingerprints; of the desk's sessions nothing."""
    with engine.connect() as db:
        return {
            table.name: [opened(cipher, table, row) for row in db.execute(select(table)).mappings()]
            for table in t.metadata.sorted_tables
            if table.name not in ("login_tokens", "desk_sessions", "erasures", "search_words")
        }


def values(engine, places):
    with engine.connect() as db:
        return {p: sorted(v for v in db.execute(select(COLUMNS[p])).scalars() if v is not None) for p in places}


@pytest.fixture
def here(tmp_path, empty_database):
    shutil.copy(empty_database, tmp_path / "here.sqlite3")
    store = sqlite_store(tmp_path / "here.sqlite3")
    fill(store)
    yield store.engine
    store.close()


def test_everything_is_as_if_it_had_been_written_with_the_new_key(here, tmp_path, empty_database):
    shutil.copy(empty_database, tmp_path / "there.sqlite3")
    there = sqlite_store(tmp_path / "there.sqlite3", key=OTHER)
    fill(there)
    before, bytes_before, told = texts(here, OLD_KEY), values(here, sealed_columns()), {}
    rekey(here, OLD_KEY, NEW_KEY, NOW, told.__setitem__)
    assert texts(here, NEW_KEY) == before
    marks = [*DIGESTS, "search_words.word"]
    assert values(here, marks) == values(there.engine, marks)
    assert all(any(found) for found in values(here, marks).values()), "a fingerprint without a row proves nothing"
    sealed_before = {v for f in bytes_before.values() for v in f if v}
    assert not sealed_before & {v for f in values(here, sealed_columns()).values() for v in f}
    if not POSTGRESQL:  # there, dead rows stay until VACUUM FULL (docs/doi-khoa.md)
        left = b"".join(f.read_bytes() for f in tmp_path.glob("here.sqlite3*"))
        assert len(left) > 100_000
        assert not [v for v in sealed_before if v in left], "in freed pages or in the log"
    assert (fits(here, NEW_KEY), fits(here, OLD_KEY)) == (True, False)
    assert told["people"] == 3
    with SqlDeskStore(here, NEW_KEY).transaction() as unit:
        number = unit.lock(ME, NOW)
    with there.transaction() as unit:
        assert unit.lock(ME, NOW) == number, "the same contact is met again, not made anew"
    there.close()


def test_portions_leave_nothing_out(here, monkeypatch):
    """Of tables with one key and with several."""
    monkeypatch.setattr("bot.store.rekeying.BATCH", 1)
    before = texts(here, OLD_KEY)
    rekey(here, OLD_KEY, NEW_KEY, NOW)
    assert texts(here, NEW_KEY) == before


def test_every_fingerprint_of_the_schema_has_a_way():
    assert {place for place in COLUMNS if "digest" in place} == {*DIGESTS, *GONE, *STAYS}


def test_resealed_bytes_are_the_same_each_time_and_of_one_place():
    first, other = OLD_KEY.seal("Nguyễn Thị Mẫu", "person.full_name"), OLD_KEY.seal("Bản Mẫu", "person.hamlet")
    again = NEW_KEY.reseal(first, "person.full_name", OLD_KEY)
    assert again == NEW_KEY.reseal(first, "person.full_name", OLD_KEY) != first
    assert NEW_KEY.open(again, "person.full_name") == "Nguyễn Thị Mẫu"
    assert NEW_KEY.reseal(b"", "person.full_name", OLD_KEY) == b""
    with pytest.raises(KeyFault):
        NEW_KEY.reseal(other, "person.full_name", OLD_KEY)


def test_a_field_that_does_not_open_undoes_all(here):
    with here.begin() as db:
        db.execute(t.tickets.update().values(phone=b"\x01damaged"))
    with pytest.raises(KeyFault, match=r"ticket\.phone"):
        rekey(here, OLD_KEY, NEW_KEY, NOW)
    assert fits(here, OLD_KEY)


def test_nothing_that_stands_there_opens_under_the_old_key(here):
    """By the raw rows: no column that somebody forgot to name, no field under any label."""
    rekey(here, OLD_KEY, NEW_KEY, NOW)
    labels, met = [*LABELS.values(), *(f"token.{name}" for name in values(here, ["tokens.name"])["tokens.name"])], 0
    for place, found in values(here, [p for p, c in COLUMNS.items() if c.type.python_type is bytes]).items():
        for value in found:
            opened_by_old = [label for label in labels if value and opens(OLD_KEY, value, label)]
            assert not opened_by_old, place
            met += place in LABELS and bool(opens(NEW_KEY, value, LABELS[place]))
    assert met > 40


def opens(cipher, value, label):
    try:
        return cipher.open(value, label)
    except KeyFault:
        return ""


def test_the_journal_knows_which_key_is_the_newest_whatever_the_clock_says(here):
    third = Cipher("a third key, long enough too")
    rekey(here, OLD_KEY, NEW_KEY, NOW)
    rekey(here, NEW_KEY, third, NOW - timedelta(days=400))
    known = marks(here)
    assert sorted(known, key=known.get) == [erasing.key_mark(key) for key in (OLD_KEY, NEW_KEY, third)]
    with here.begin() as db:
        erasing.forget_old(db, NOW + timedelta(days=4000))
        assert erasing.last_erasure(db) is None, "a change of key is no erasure"
    assert marks(here) == known


@pytest.mark.skipif(not POSTGRESQL, reason="SQLite's programs are kept away by a lock on a file")
def test_nobody_else_is_connected_and_whoever_comes_waits_and_sees_the_new_key(here):
    other = connect(here.url.render_as_string(hide_password=False))
    with other.connect() as db:
        db.execute(select(t.contacts.c.id))
        db.commit()
        with pytest.raises(InUse, match="1 other connections of the same user"):
            rekey(here, OLD_KEY, NEW_KEY, NOW)
    other.dispose()
    assert fits(here, OLD_KEY)
    seen = []
    comes = threading.Thread(target=lambda: seen.append(fits(other, OLD_KEY)))

    def tell(table, _rows):
        if table == "people":
            comes.start()
            comes.join(0.3)
            assert comes.is_alive(), "it read what is about to go"

    rekey(here, OLD_KEY, NEW_KEY, NOW, tell)
    comes.join()
    assert seen == [False]
    other.dispose()
