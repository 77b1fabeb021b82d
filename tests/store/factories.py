"""Contacts, people, effects and classes for the store's tests; nobody in them is real."""

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, NullPool, create_engine, make_url, text

from bot.effects import Applicant, ConsentGiven, Effect, LeadRegistered
from bot.model import Choice, Contact, Course, Reply
from bot.store.crypto import Cipher
from bot.store.engines import connect
from bot.store.migrate import upgrade
from bot.store.port import RETENTION_DAYS, Store, UnitOfWork
from bot.store.records import VIETNAM
from bot.store.sql import SqlStore
from bot.store.tables import metadata, retention

KEY = "a key of the tests, long enough"
NOW = datetime(2026, 12, 7, 9, 30, 15, 250_000, tzinfo=VIETNAM)
# What the desk alone keeps: the memory store has none of it.
DESK = frozenset(
    {
        "audit", "desk_sessions", "lead_notes", "login_tokens", "officer_contacts", "officer_places", "officers",
        "posters", "search_words", "lessons", "lesson_phrases", "local_answers", "local_answer_texts", "offices",
        "learning_history",
        "tallies",
        "announcements", "announcement_recipients", "announcement_pictures", "pacing",
    }
)  # fmt: skip
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
COMMUNE, OTHER_COMMUNE, PROVINCE = "06862", "00004", "22"
ME, NEIGHBOUR = Contact("web", "site", "cookie-1"), Contact("web", "site", "cookie-2")

APPLICANT = Applicant(
    full_name="Nguyễn Thị Mẫu",
    birth_year=1990,
    phone="0900000001",
    told_by="",
    commune=COMMUNE,
    hamlet="Thôn Ví Dụ",
)
COURSE = Course(
    id="may-1",
    commune=COMMUNE,
    trade="may",
    title="May công nghiệp",
    provider="Trung tâm ví dụ",
    place="Nhà văn hóa",
    starts_on=date(2027, 1, 4),
    ends_on=None,
    schedule="tối",
    seats=30,
    deadline=date(2026, 12, 31),
    target_groups=("poor", "near_poor"),
    state="open",
)


def person(number: int = 1, **changes: Any) -> Applicant:
    """Person number so-and-so: a name, a year and a phone of their own."""
    names = ("Một", "Hai", "Ba", "Bốn", "Năm", "Sáu", "Bảy", "Tám", "Chín", "Mười")
    name = f"Nguyễn Thị Mẫu {names[(number - 1) % 10]}"
    return replace(APPLICANT, full_name=name, birth_year=1969 + number, phone=f"0900000{number:03}", **changes)


def lead(receipt: str = "HN-AAAAAA", who: Applicant = APPLICANT, **changes: Any) -> LeadRegistered:
    """A registration for sewing, unless told otherwise."""
    registered = LeadRegistered(receipt, who, "may", "May công nghiệp", "", served=True, verification="unverified")
    return replace(registered, **changes)


def consent(purpose: str = "list", given: bool = True, receipt: str = "") -> ConsentGiven:
    """An answer to one purpose."""
    return ConsentGiven(purpose, given, "2026-11-22", receipt)


def reply(text: str = "Dạ, em nghe ạ.", *labels: str) -> Reply:
    """A reply with choices by their labels."""
    return Reply(text, tuple(Choice(f"act:{i}", label) for i, label in enumerate(labels, 1)))


def happen(store: Store, *effects: Effect, contact: Contact = ME, now: datetime = NOW) -> int:
    """These effects, in one turn of the contact; the contact's number."""
    with store.transaction() as unit:
        number = unit.lock(contact, now)
        for effect in effects:
            unit.apply(number, effect, now)
    return number


def turn(
    unit: UnitOfWork,
    update: str,
    said: str,
    *replies: Reply,
    contact: Contact = ME,
    now: datetime = NOW,
    tally: str = "",
) -> int:
    """One whole turn as `bot.app` takes it, without effects; the contact's number."""
    number = unit.lock(contact, now)
    unit.remember(number, update, said, now, tally=tally)
    unit.queue(number, update, replies or (reply(),), now)
    return number


def counts(store: Store) -> Mapping[str, int]:
    """Rows per table, without the empty ones, the retention table and the desk's."""
    with store.transaction() as unit:
        return {table: n for table, n in unit.counts().items() if n and table not in ("retention", *DESK)}


def database(path: Path) -> Engine:
    """A database of this version's schema, empty of people."""
    engine = connect(f"sqlite:///{path}")
    upgrade(engine)
    return engine


def sqlite_store(path: Path, *, key: str = KEY) -> SqlStore:
    """A store on a database that is there already (see `engine_at`)."""
    return SqlStore(engine_at(path), Cipher(key))


_made: dict[str, str] = {}  # a file's path -> the database of PostgreSQL that stands for it
_passing: list[str] = []  # those of them that one test alone uses, the oldest first


def engine_at(path: Path | str, *, lasting: bool = False) -> Engine:
    """What stands at this path; with HOCNGHE_TEST_ON=postgresql a database of its own there, migrated and empty.

    `lasting`: for a fixture that outlives its test (of a session, a module); else it goes when later ones are made.
    """
    if os.environ.get("HOCNGHE_TEST_ON") != "postgresql":
        return connect(f"sqlite:///{path}")
    return connect(own_database(str(path), lasting=lasting))


def own_database(name: str, *, lasting: bool = False) -> str:
    """The address of a database on the server of `tests/postgres.sh`, migrated and empty when it is first asked for."""
    server = make_url(os.environ["HOCNGHE_TEST_DATABASE"])
    if name not in _made:
        _made[name] = _copied(server)
        if not lasting:
            _passing.append(_made[name])
    return server.set(database=_made[name]).render_as_string(hide_password=False)


def _copied(server: URL) -> str:
    """A new database after a template that is made once; those of tests long before go."""
    admin = create_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    template = f"template_{os.getpid()}"
    with admin.connect() as db:
        if not _made:
            db.exec_driver_sql(f"CREATE DATABASE {template}")
            engine = connect(server.set(database=template).render_as_string(hide_password=False))
            upgrade(engine)
            engine.dispose()
        name = f"test_{os.getpid()}_{len(_made)}"
        if len(_passing) >= 3:
            db.exec_driver_sql(f"DROP DATABASE {_passing.pop(0)} WITH (FORCE)")
        db.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")
    return name


def postgres_store() -> SqlStore:
    """A store on the PostgreSQL of `tests/postgres.sh`, its schema up to date."""
    return SqlStore(connect(own_database("the store's tests", lasting=True)), Cipher(KEY))


def empty(store: SqlStore) -> None:
    """As after the migration: no rows, numbers from 1, the first retention table; nothing kept of before."""
    store.kept.forget()
    with store.engine.begin() as db:
        for table in reversed(metadata.sorted_tables):
            db.execute(table.delete())
        if db.dialect.name == "sqlite":
            db.execute(text("DELETE FROM sqlite_sequence"))
        else:
            sequence = "format('%I.%I', schemaname, sequencename)::regclass"
            db.execute(text(f"SELECT setval({sequence}, 1, false) FROM pg_sequences WHERE schemaname = 'public'"))
        db.execute(retention.insert(), [{"kind": kind, "days": days} for kind, days in RETENTION_DAYS.items()])
