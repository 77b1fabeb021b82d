"""Letters about the machine as a mail server gets them: to whom, when, how often, and one that does not go."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from leads.mailbox import smtp
from store.factories import KEY, database, engine_at

from bot import wiring
from bot.channels.inbound import runner
from bot.health.facts import Database, Disk, Facts
from bot.health.warnings import warnings
from bot.leading import Leader
from bot.services import watching
from bot.settings import Settings
from bot.store.crypto import Cipher
from bot.store.sql_desk_store import SqlDeskStore

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
FULL, ROOM = Disk(10**6, 10**11), Disk(5 * 10**10, 10**11)
STAFF = (("admin", "mot@xa.example"), ("admin", "hai@xa.example"), ("admin", ""), ("officer", "canbo@xa.example"))


class Machine:
    """One process as `hocnghe serve` builds it: its watch is told what this test finds, not what it finds itself."""

    def __init__(self, store, box, turns, folder):
        self.store = store
        url = f"smtp://127.0.0.1:{box.port}?from=may@xa.example&tls=none"
        settings = Settings(_env_file=None, data_dir=folder, smtp_url=url, public_url="https://hocnghe.example")
        house = wiring.House(settings, store, None, None, None, lambda: NOON)
        self.leader = Leader(store, runner(turns), lambda: NOON)
        self.letters = watching(house, (), self.leader, turns).after

    async def finds(self, minutes=0.0, **changes):
        facts = Facts(NOON + timedelta(minutes=minutes), NOON, "1", Database("sqlite", ok=True), disk=FULL)
        facts = replace(facts, stored=replace(facts.stored, leader_until=facts.now), **changes)
        self.letters(facts, warnings(facts))
        if self.letters._task is not None:
            await self.letters._task


@pytest.fixture(scope="module")
def empty_house(tmp_path_factory):
    path = tmp_path_factory.mktemp("letters") / "empty.sqlite3"
    database(path).dispose()
    return path


@pytest_asyncio.fixture
async def box():
    async with smtp() as box:
        yield box


@pytest_asyncio.fixture
async def machine(empty_house, box, tmp_path):
    store = SqlDeskStore(engine_at(shutil.copy(empty_house, tmp_path / "a.sqlite3")), Cipher(KEY))
    with store.desk() as desk:
        for number, (role, address) in enumerate(STAFF):
            desk.officers.add(f"Cán bộ {number}", role, (), NOON, email=address)
    with ThreadPoolExecutor(1) as turns:
        made = Machine(store, box, turns, tmp_path)
        await made.leader.start()
        yield made
        await made.leader.stop()
    store.close()


def to(box):
    return [letter["To"] for letter in box.letters]


async def test_what_lasts_is_told_to_every_administrator_once_a_day(machine, box):
    for minutes in (0, 5, 9.9):
        await machine.finds(minutes)
    assert to(box) == [], "short troubles mend themselves"
    for minutes in (10, 11, 60, 1439 + 10):
        await machine.finds(minutes)
    assert sorted(to(box)) == ["hai@xa.example", "mot@xa.example"]
    letter = box.letters[0]
    assert letter["Subject"] == "HọcNghề: máy cần người xem"
    text = letter.get_content()
    assert "https://hocnghe.example/desk/machine" in text
    assert "ổ đĩa" in text.lower()
    await machine.finds(1440 + 10)
    assert len(box.letters) == 4


async def test_what_was_well_in_between_begins_anew(machine, box):
    await machine.finds(0)
    await machine.finds(8, disk=ROOM)
    await machine.finds(12)
    await machine.finds(18)
    assert to(box) == []


async def test_a_second_process_does_not_tell_it_again(machine, box, tmp_path):
    with ThreadPoolExecutor(1) as turns:
        other = Machine(machine.store, box, turns, tmp_path)
        other.letters._leads = lambda: True  # it led before, or leads next
        for minutes in (0, 10):
            await machine.finds(minutes)
            await other.finds(minutes)
    assert len(box.letters) == 2


async def test_while_the_database_is_away_those_who_were_known_are_told(machine, box, monkeypatch):
    await machine.finds(0, disk=ROOM)

    def away(*_args, **_kwargs):
        raise OSError("no database")

    monkeypatch.setattr(type(machine.store), "channels", away)
    monkeypatch.setattr(type(machine.store), "reading", away)
    gone = Database("sqlite", ok=False, trouble="gone", since=NOON)
    for minutes in (1, 11, 12):
        await machine.finds(minutes, disk=ROOM, database=gone)
    assert len(box.letters) == 2


async def test_one_address_that_is_refused_keeps_nobody_else_from_knowing(machine, box):
    box.answers = ["550 no such mailbox"]
    for minutes in (0, 10, 80):
        await machine.finds(minutes)
    assert to(box) == ["hai@xa.example"]


async def test_a_letter_that_reached_nobody_is_tried_again_in_an_hour(machine, box):
    box.answers = ["451 later", "451 later"]
    for minutes in (0, 10, 12, 69):
        await machine.finds(minutes)
    assert (to(box), box.answers) == ([], [])
    await machine.finds(70)
    assert len(box.letters) == 2


async def test_who_came_and_went_since_is_known_when_it_is_sent(machine, box):
    await machine.finds(0)
    with machine.store.desk() as desk:
        first = next(o for o in desk.officers.all() if o.email == "mot@xa.example")
        desk.officers.end(first.id, NOON)
        desk.officers.add("Người mới", "admin", (), NOON, email="moi@xa.example")
    await machine.finds(10)
    assert sorted(to(box)) == ["hai@xa.example", "moi@xa.example"]


async def test_a_clock_put_back_does_not_silence_it(machine, box):
    await machine.finds(10**6)
    await machine.finds(10**6 + 10)
    await machine.finds(0)
    await machine.finds(10)
    assert len(box.letters) == 4
