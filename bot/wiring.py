"""Builds everything; the only place that knows every class. The clock is looked at here and in commands alone."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import cache
from pathlib import Path

import intents.catalogue
import intents.commands
import intents.follow_ups
import knowledge.old_names
import knowledge.places
import knowledge.reading
from bot.app import App
from bot.demo import COMMUNE as DEMO_COMMUNE
from bot.demo import TYPED as DEMO_TYPED
from bot.demo import seed as seed_demo
from bot.dialogue import office_hours
from bot.dialogue.world import Understanding, World
from bot.health.clock import SharedClock
from bot.leads.report import FARMING, Plan
from bot.local_files import slug
from bot.model import BotError
from bot.permissions import close_files, make_private
from bot.receipts import new_receipt
from bot.settings import Settings
from bot.store import journal_file
from bot.store.backing_up import before_upgrade
from bot.store.crypto import Cipher
from bot.store.engines import connect
from bot.store.faults import unavailable
from bot.store.key_files import secret_for
from bot.store.migrate import upgrade
from bot.store.sql_desk_store import SqlDeskStore
from intents.normalise import fold
from intents.places import PlaceBook
from intents.slots import SlotReader
from intents.vocabulary import Vocabulary
from knowledge.catalogue import REPORT_DUE, Catalogue

Clock = Callable[[], datetime]
DATABASE = "hocnghe.sqlite3"
DATABASE_AWAY = {
    "gone": "database: it cannot be reached: see whether its server and disk are up, look at HOCNGHE_DATABASE_URL.",
    "full": "database: its disk is full: make room, then start again.",
    "busy": "database: another program keeps it locked: end that one, or wait, then start again.",
}


@dataclass(frozen=True, slots=True)
class House:
    """The program, built: what commands and channels work with."""

    settings: Settings
    store: SqlDeskStore
    app: App
    understanding: Understanding
    knowledge: Catalogue
    clock: Clock

    def world(self, *, place: str = "") -> World:
        """A world without a person: for one question, for checks."""
        with self.store.transaction() as unit:
            served, courses, coordinated = unit.served(), unit.courses(), unit.coordinated()
            taught = unit.local()
        return World(
            self.understanding,
            self.knowledge,
            self.clock(),
            new_receipt(),
            served=served,
            coordinated=coordinated,
            courses=courses,
            place=place,
            local=taught,
        )

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()


def for_demo(settings: Settings) -> Settings:
    """The same settings with the demonstration's own data folder."""
    return settings.model_copy(update={"data_dir": settings.data_dir / "demo", "database_url": ""})


def clock(settings: Settings, *, on: date | None = None) -> Clock:
    """Local time; with `on`, noon of that day and always."""
    if on is not None:
        fixed = datetime.combine(on, time(12), settings.zone)
        return lambda: fixed
    return lambda: datetime.now(settings.zone)


def everybodys_clock(store: SqlDeskStore, settings: Settings) -> Clock:
    """The database server's where several machines share one; else this machine's."""
    server = store.server_time()
    return SharedClock(settings.zone, server) if server is not None else clock(settings)


def build(settings: Settings, *, demo: bool = False, place: str = "", on: date | None = None) -> House:
    """Open the store (bringing its schema up to date), load knowledge and understanding."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    store = open_store(settings)
    now = clock(settings, on=on) if on else everybodys_clock(store, settings)
    if demo:
        with store.transaction() as unit:
            seed_demo(unit, now())
    facts = catalogue()
    with store.transaction() as unit:
        served = unit.served()
    mind = understanding(facts, demo=demo, cache_dir=settings.cache_dir, served=served)
    app = App(store, mind, facts, now, place=place)
    app.site = settings.public_url
    app.office = office_hours.load(settings.data_dir)
    return House(settings, store, app, mind, facts, now)


def open_store(settings: Settings) -> SqlDeskStore:
    """The data folder's database, or the one DATABASE_URL names."""
    make_private(settings.data_dir)
    engine = connect(settings.database_url or f"sqlite:///{settings.data_dir / DATABASE}")
    try:
        cipher = Cipher(secret_for(engine, settings.data_dir, settings.secret_key, datetime.now(settings.zone)))
        before_upgrade(engine, cipher, settings.backups, settings.data_dir, datetime.now(settings.zone))
        upgrade(engine)
        if not settings.database_url:
            close_files(*settings.data_dir.glob(f"{DATABASE}*"))
        store = SqlDeskStore(engine, cipher, zone=settings.zone)
        journal_file.sync(store, settings.data_dir)  # an older copy of the data brings nobody back who was erased
        store.index_people()
    except Exception as fault:
        if kind := unavailable(fault):
            raise BotError(DATABASE_AWAY[kind]) from fault
        raise
    return store


@cache
def catalogue() -> Catalogue:
    """The knowledge that ships with the program."""
    return Catalogue.load()


@cache
def place_book() -> PlaceBook:
    """Provinces, communes and the names of before the mergers, as plain data."""
    gazetteer = knowledge.places.load()
    provinces = {p.code: p.full() for p in gazetteer.provinces()}
    communes = {c.code: (c.full(), c.province) for c in gazetteer.communes()}
    old = tuple((o.full(), o.district, o.province, o.into) for o in gazetteer.old_names())
    return PlaceBook(provinces, communes, old)


def pack_folder(code: str) -> str:
    """Where a place's knowledge stands under knowledge/data/vn, "" for the nation; a new one is named after it."""
    if not code:
        return ""
    name, province = ({**place_book().communes, **DEMO_COMMUNE}).get(code, (code, ""))
    if not province:
        name, province = place_book().provinces.get(code, code), code
    above = _folder(knowledge.reading.DATA, province, place_book().provinces.get(province, province))
    return above if code == province else f"{above}/{_folder(knowledge.reading.DATA / above, code, name)}"


def _folder(parent: Path, code: str, name: str) -> str:
    there = sorted(parent.glob(f"{code}-*"))
    return there[0].name if there else slug(code, name)


def farming(facts: Catalogue) -> frozenset[str]:
    """Trades of the fields, woods and waters: reports count them apart from the others."""
    return frozenset(trade.id for trade in facts.trades() if trade.group in FARMING)


def plans(facts: Catalogue, on: date) -> Mapping[str, Plan]:
    """Province -> what its plan says of the yearly report, where the knowledge holds one."""
    found = {}
    for code, pack in facts.packs.items():
        for parameter in pack.parameters.values():
            entry = parameter.entry(on) if parameter.id.endswith(REPORT_DUE) else None
            if entry is not None:
                law = facts.law(entry.source.law)
                day = f" ngày {law.issued:%d/%m/%Y}" if law.issued else ""
                found[code] = Plan(str(entry.value), f"{law.kind} số {law.number}{day}")
    return found


def understanding(
    facts: Catalogue, *, demo: bool = False, cache_dir: Path | None = None, served: frozenset[str] = frozenset()
) -> Understanding:
    """Everything that turns words into meaning; trains the recogniser when its cache is missing."""
    book = replace(place_book(), served=served)  # a name shared by many communes is read here first
    shown = replace(book, communes={**book.communes, **DEMO_COMMUNE}) if demo else book
    if demo:  # people type the name without the mark that it is an example
        book = replace(book, communes={**book.communes, **DEMO_TYPED})
    trades: Mapping[str, tuple[str, ...]] = {t.id: (t.name["vi"], *t.names, *t.dialect) for t in facts.trades()}
    vocabulary = Vocabulary(trades, book)
    slots = SlotReader(vocabulary)
    return Understanding(
        recogniser=intents.catalogue.build(intents.catalogue.load(), cache_dir=cache_dir),
        slots=slots,
        places=slots.places,
        trades=slots.trades,
        commands=intents.commands.load(),
        follow_ups=intents.follow_ups.load(),
        book=shown,
        trade_names=trades,
        old_names=knowledge.old_names.folded(facts, fold),
    )
