"""Another key for everything that hangs on the old one, in one transaction.

Sealed columns are opened and sealed anew, keyed fingerprints are made anew from what was sealed. What was never kept in
the clear goes: links and sessions of the desk (officers sign in again). Lines of the erasure journal stay: they name
what an older copy holds under the key it was written with.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    LargeBinary,
    Row,
    Table,
    bindparam,
    delete,
    inspect,
    select,
    text,
    tuple_,
)
from sqlalchemy.exc import DBAPIError

from bot.effects import Applicant
from bot.model import BotError
from bot.store import desk_tables as d
from bot.store import erasing
from bot.store import tables as t
from bot.store.crypto import Cipher, KeyFault
from bot.store.engines import BUSY_MS
from bot.store.records import likeness
from bot.store.sealed import BY_NAME, LABELS, sealed_columns
from bot.store.searching import group_digest, hamlet_digest, words
from bot.store.wal import empty_log
from intents.near import key as phrase_key

Opened = Mapping[str, Any]  # a row by column, its sealed columns as texts
BATCH = 500
log = structlog.get_logger()
GONE = frozenset({"login_tokens.digest", "desk_sessions.digest"})  # of what we never knew in the clear
STAYS = frozenset({"erasures.digest"})
_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = current_user"
    " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)


class InUse(BotError):
    """Another program is connected to the database."""


def _person(row: Opened) -> Applicant:
    year, born = json.loads(row["birth"])
    guardian = json.loads(row["guardian"] or '["", ""]')
    return Applicant(
        row["full_name"], year, row["phone"], row["told_by"], row["commune"], row["hamlet"],
        date.fromisoformat(born) if born else None, guardian[0], guardian[1],
    )  # fmt: skip


# A new keyed fingerprint needs a line here, or in GONE or STAYS: a test holds this to the schema.
DIGESTS: Mapping[str, Callable[[Cipher, Opened], str]] = {
    "contacts.external_digest": lambda c, r: c.digest(r["external"], f"{r['channel']}.{r['account']}"),
    "people.phone_digest": lambda c, r: c.digest(r["phone"], "phone") if r["phone"] else "",
    "people.likeness_digest": lambda c, r: c.digest(likeness(_person(r)), "likeness"),
    "people.hamlet_digest": lambda c, r: hamlet_digest(c, r["hamlet"]),
    "leads.group_digest": lambda c, r: group_digest(c, json.loads(r["details"] or "{}")),
    "lesson_phrases.text_digest": lambda c, r: c.digest(phrase_key(r["text"]), "lesson_phrase"),
    "officers.email_digest": lambda c, r: c.digest(r["email"].strip().lower(), "officer.email") if r["email"] else "",
}
Tell = Callable[[str, int], None]


def rekey(
    engine: Engine,
    old: Cipher,
    new: Cipher,
    now: datetime,
    tell: Tell = lambda _t, _n: None,
    lines: Iterable[erasing.Erasure] = (),
) -> None:
    """All or nothing; whoever else writes waits. `tell` hears how many rows of each table were sealed anew.

    `lines` of the journal are tried on what there is under the new key: older data may hold people that they name.
    Raises KeyFault for a field that the old key does not open, InUse when another program is connected.
    """
    engine.dispose()  # connections of our own are nobody else
    with engine.begin() as db:
        _alone(db)
        for gone in (d.login_tokens, d.desk_sessions, d.search_words):
            db.execute(delete(gone))
        for table in t.metadata.sorted_tables:
            if sealed := [c for c in table.c if f"{table.name}.{c.name}" in sealed_columns()]:
                tell(table.name, _reseal(db, table, sealed, old, new))
        erasing.mark_keys(db, old, new, now)
        if lines := tuple(lines):
            erasing.replay(db, new, lines)
    try:
        empty_log(engine, BUSY_MS)  # what the old key opens stands in SQLite's log, too
    except DBAPIError:  # a full disk; the change stands, the log is emptied by the last one who closes the database
        log.warning("SQLite's log could not be emptied")


def bring(engine: Engine, keys: Sequence[Cipher], lines: Sequence[erasing.Erasure], now: datetime, tell: Tell) -> None:
    """Older data from the first of these keys to the last; who was erased in the time of any of them is erased."""
    with engine.begin() as db:
        erasing.replay(db, keys[0], lines)
    for old, new in pairwise(keys):
        rekey(engine, old, new, now, tell, lines)


def _alone(db: Connection) -> None:
    """On PostgreSQL nobody reads, writes or is connected until this ends: a program elsewhere that holds the old key
    would go on writing with it. One that starts meanwhile waits at its first look, and then sees that its key is old.
    """
    if db.dialect.name != "postgresql":
        return  # SQLite's are kept away by a file's lock (`bot.running`)
    _nobody_else(db)
    db.execute(text("SET LOCAL lock_timeout = '5s'"))
    db.execute(text(f"LOCK TABLE {', '.join(t.metadata.tables)} IN ACCESS EXCLUSIVE MODE"))
    _nobody_else(db)


def _nobody_else(db: Connection) -> None:
    if others := db.execute(_OTHERS).scalar_one():
        raise InUse(
            f"database: {others} other connections of the same user: stop every hocnghe serve and worker on every "
            "machine, close psql and other tools, then try again; nothing was changed."
        )


def journal(engine: Engine) -> frozenset[erasing.Erasure]:
    """The database's own lines, at whatever schema."""
    if _missing(engine) or not inspect(engine).has_table("erasures"):
        return frozenset()
    with engine.connect().execution_options(reading=True) as db, db.begin():
        return erasing.journal(db)


def marks(engine: Engine) -> Mapping[str, datetime]:
    """Fingerprints of keys that the database's journal names, and since when each was the key."""
    return {line.digest: line.at for line in journal(engine) if line.kind == erasing.KEY}


def fits(engine: Engine, cipher: Cipher) -> bool | None:
    """Whether a key opens what stands there, at whatever version of the schema; None when nothing sealed does."""
    if _missing(engine):
        return None
    seen = inspect(engine)
    with engine.connect().execution_options(reading=True) as db, db.begin():
        for place in (*LABELS, *BY_NAME):
            name, _, column = place.partition(".")
            if not seen.has_table(name) or column not in {c["name"] for c in seen.get_columns(name)}:
                continue
            c = t.metadata.tables[name].c
            wanted = [c[column], *([c.name] if place in BY_NAME else [])]
            query = select(*wanted).where(c[column].is_not(None), c[column] != b"").limit(1)
            if (row := db.execute(query).mappings().first()) is not None:
                try:
                    cipher.open(row[column], _label(c[column], dict(row)))
                except KeyFault:
                    return False
                return True
    return None


def _missing(engine: Engine) -> bool:
    """A look must not make an empty database."""
    return engine.dialect.name == "sqlite" and not Path(str(engine.url.database)).is_file()


def _reseal(db: Connection, table: Table, sealed: Sequence[Column[Any]], old: Cipher, new: Cipher) -> int:
    keys = list(table.primary_key.columns)
    digests = [name.partition(".")[2] for name in DIGESTS if name.startswith(f"{table.name}.")]
    changed: dict[str, Any] = {name: bindparam(f"new_{name}") for name in (*(c.name for c in sealed), *digests)}
    where = [column == bindparam(f"key_{column.name}") for column in keys]
    statement = table.update().where(*where).values(changed)
    done = 0
    for batch in _batches(db, table):
        values, found_by = [], []
        for row in batch:
            found = dict(row._mapping)
            try:
                opened = found | {c.name: old.open(found[c.name] or b"", _label(c, found)) for c in sealed}
            except KeyFault as fault:
                which = ", ".join(str(found[k.name]) for k in keys)
                raise KeyFault(f"{table.name}, row {which}: {fault} Nothing was changed.") from fault
            made: dict[str, Any] = {c.name: _anew(found[c.name], _label(c, found), old, new) for c in sealed}
            made |= {name: DIGESTS[f"{table.name}.{name}"](new, opened) for name in digests}
            values.append({f"new_{n}": v for n, v in made.items()} | {f"key_{k.name}": found[k.name] for k in keys})
            if table is t.people:
                found_by += words(new, found["id"], _person(opened))
        db.execute(statement, values)
        if found_by:
            db.execute(d.search_words.insert(), found_by)
        done += len(batch)
    return done


def _anew(value: bytes | None, label: str, old: Cipher, new: Cipher) -> bytes | None:
    return None if value is None else new.reseal(value, label, old)


def _label(column: Column[Any], row: Mapping[str, Any]) -> str:
    place = f"{column.table.name}.{column.name}"
    return f"token.{row['name']}" if place in BY_NAME else LABELS[place]


def _batches(db: Connection, table: Table) -> Iterator[Sequence[Row[Any]]]:
    """By key, each portion looked up anew: the rows change while they are gone through."""
    keys = list(table.primary_key.columns)
    columns = [c for c in table.c if isinstance(c.type, LargeBinary) or c.type.python_type in (str, int)]
    query, after = select(*columns).order_by(*keys).limit(BATCH), None
    while True:
        portion = query if after is None else query.where(tuple_(*keys) > tuple_(*after))
        rows = db.execute(portion).all()
        if rows:
            yield rows
        if len(rows) < BATCH:
            return
        after = [rows[-1]._mapping[key.name] for key in keys]
