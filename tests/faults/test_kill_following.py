"""kill -9 while reminders are queued: in the end everybody has one message and one mark."""

import os
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select
from store.factories import COURSE, DAY, KEY, NOW, consent, database, happen, lead, person

from bot.model import Contact
from bot.store import follow_tables as f
from bot.store import tables as t
from bot.store.crypto import Cipher
from bot.store.engines import connect
from bot.store.sql_desk_store import SqlDeskStore

PROGRAM = Path(__file__).with_name("following_program.py")
ROOT = PROGRAM.parents[2]
PEOPLE = 20
pytestmark = pytest.mark.process


@pytest.fixture
def store(tmp_path):
    database(tmp_path / "hocnghe.sqlite3").dispose()
    store = SqlDeskStore(connect(f"sqlite:///{tmp_path / 'hocnghe.sqlite3'}"), Cipher(KEY))
    with store.transaction() as unit:
        unit.save_course(replace(COURSE, starts_on=(NOW + 3 * DAY).date()))
    for n in range(PEOPLE):
        receipt = f"HN-{n:06}"
        registered = lead(receipt, person(n + 1), course=COURSE.id)
        happen(store, registered, consent("list", receipt=receipt), contact=Contact("telegram", "bot", str(n)), now=NOW)
    with store.engine.begin() as db:
        db.execute(t.leads.update().values(state="enrolled"))
        db.execute(t.contacts.update().values(seen_at=NOW))
    yield store
    store.close()


def start(folder):
    path = f"{ROOT}{os.pathsep}{ROOT / 'tests'}"
    environment = {**os.environ, "PYTHONPATH": path}
    return subprocess.Popen([sys.executable, str(PROGRAM), str(folder)], stdout=subprocess.PIPE, env=environment)


def test_killed_again_and_again_everybody_is_told_once(store, tmp_path):
    for after in (5,):
        process = start(tmp_path)
        for _ in range(after):
            assert process.stdout.readline() == b"one\n"
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert start(tmp_path).communicate()[0].endswith(b"end\n")
    with store.engine.connect() as db:
        sent = Counter(db.execute(select(t.messages.c.contact_id).where(t.messages.c.outgoing)).scalars())
        marked = Counter(db.execute(select(f.follow_ups.c.lead_id)).scalars())
    assert set(sent.values()) == set(marked.values()) == {1}
    assert len(sent) == len(marked) == PEOPLE
