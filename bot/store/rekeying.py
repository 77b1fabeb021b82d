"""Another key for everything that hangs on the old one, in one transaction.

Sealed columns are opened and sealed anew, keyed fingerprints are made anew from what was sealed. What was never kept in
the clear goes: links and sessions of the desk (officers sign in again). Lines of the erasure journal stay: they name
what an older copy holds under the key it was written with.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

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

from bot.effects import Applicant
from bot.store import desk_tables as d
from bot.store import erasing
from bot.store import tables as t
from bot.store.crypto import Cipher, KeyFault
from bot.store.engines import BUSY_MS
from bot.store.records import likeness
from bot.store.sealed import BY_NAME, LABELS, sealed_columns
from bot.store.searching import group_digest, hamlet_digest, index
from bot.store.wal import empty_log
from intents.near import key as phrase_key

Opened = Mapping[str, Any]  # a row by column, its sealed columns as texts
BATCH = 500
GONE = frozenset({"login_tokens.digest", "desk_sessions.digest"})  # of what we never knew in the clear
STAYS = frozenset({"erasures.digest"})


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


def rekey(engine: Engine, old: Cipher, new: Cipher, tell: Callable[[str, int], None] = lambda _t, _n: None) -> None:
    """All or nothing; whoever else writes waits. `tell` hears how many rows of each table were sealed anew.

    Then the lines of the journal are tried on what there is under the new key: they may name people that an older copy
    of the data, brought to this key, still holds. Raises KeyFault for a field that the old key does not open.
    """
    with engine.begin() as db:
        if db.dialect.name == "postgresql":
            db.execute(text(f"LOCK TABLE {', '.join(t.metadata.tables)} IN EXCLUSIVE MODE"))
        for gone in (d.login_tokens, d.desk_sessions):
            db.execute(delete(gone))
        for table in t.metadata.sorted_tables:
            if sealed := [c for c in table.c if f"{table.name}.{c.name}" in sealed_columns()]:
                tell(table.name, _reseal(db, table, sealed, old, new))
        erasing.replay(db, new, erasing.journal(db))
    empty_log(engine, BUSY_MS)  # what the old key opens stands in SQLite's log, too


def fits(engine: Engine, cipher: Cipher) -> bool | None:
    """Whether a key opens what stands there, at whatever version of the schema; None when nothing sealed does."""
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


def _reseal(db: Connection, table: Table, sealed: Sequence[Column[Any]], old: Cipher, new: Cipher) -> int:
    keys = list(table.primary_key.columns)
    marks = [name.partition(".")[2] for name in DIGESTS if name.startswith(f"{table.name}.")]
    changed: dict[str, Any] = {name: bindparam(f"new_{name}") for name in (*(c.name for c in sealed), *marks)}
    where = [column == bindparam(f"key_{column.name}") for column in keys]
    statement = table.update().where(*where).values(changed)
    done = 0
    for batch in _batches(db, table):
        values = []
        for row in batch:
            found = dict(row._mapping)
            opened = found | {c.name: old.open(found[c.name] or b"", _label(c, found)) for c in sealed}
            made: dict[str, Any] = {c.name: _anew(found[c.name], _label(c, found), old, new) for c in sealed}
            made |= {name: DIGESTS[f"{table.name}.{name}"](new, opened) for name in marks}
            values.append({f"new_{n}": v for n, v in made.items()} | {f"key_{k.name}": found[k.name] for k in keys})
            if table is t.people:
                index(db, new, found["id"], _person(opened))
        db.execute(statement, values)
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
