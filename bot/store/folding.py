"""Figures outlive what they were counted from: kept by day before rows are erased (docs/adr/0018-figures.md)."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, bindparam, select, true

from bot.dialogue.counting import read
from bot.store import counting_rows, steps
from bot.store import figures_tables as f
from bot.store import tables as t
from bot.store.crypto import Cipher
from bot.store.steps import Cell

_KEY = ("day", "commune", "what", "trade", "target_group")


def fold(db: Connection, cipher: Cipher, zone: tzinfo, where: Any = None) -> int:
    """Add the tallies of turns (of a contact alone by `where`) to the days' numbers and wipe them; how many turns.

    In the transaction of whoever asks: a turn is counted once, whatever happens in between.
    """
    s = t.seen_updates
    rows = db.execute(
        select(s.c.contact_id, s.c.update_id, s.c.at, s.c.tally)
        .where(s.c.tally.is_not(None), true() if where is None else where)
        .with_for_update()
    ).all()
    counted: Counter[Cell] = Counter()
    for row in rows:
        words = cipher.open(row.tally, "seen.tally")
        counted.update((*word, "", "", "") for word in read(words, row.at.astimezone(zone).date()))
    _add(db, counted)
    if rows:
        this = (s.c.contact_id == bindparam("of")) & (s.c.update_id == bindparam("update"))
        done = [{"of": row.contact_id, "update": row.update_id} for row in rows]
        db.execute(s.update().where(this).values(tally=None), done)
    return len(rows)


def keep_figures(db: Connection, cipher: Cipher, zone: tzinfo, limit: Callable[[str], datetime]) -> None:
    """The numbers of registrations and tickets that retention is about to erase, by month and without hamlets."""
    going = counting_rows.leads(db, cipher, zone, t.leads.c.changed_at < limit("lead"))
    counted = steps.by_month(cell for lead in going for cell in steps.cells(lead))
    for commune, asked, answered, is_open in counting_rows.tickets(db, t.tickets.c.at < limit("ticket")):
        what = steps.ANSWERED + steps.waited(asked, answered, is_open=is_open)
        counted[asked.astimezone(zone).date().replace(day=1), commune, what, "", "", ""] += 1
    _add(db, counted)


def _add(db: Connection, counted: Counter[Cell]) -> None:
    """Onto the numbers that are there: two statements, however many numbers."""
    if not counted:
        return
    c = f.tallies.c
    days = [cell[0] for cell in counted]
    stands = select(f.tallies).where(c.day >= min(days), c.day <= max(days)).with_for_update()
    there = {(r.day, r.commune, r.what, r.trade, r.target_group) for r in db.execute(stands)}
    rows = [{**dict(zip(_KEY, cell, strict=False)), "more": n} for cell, n in sorted(counted.items())]
    known = [row for row in rows if tuple(row[name] for name in _KEY) in there]
    fresh = [row for row in rows if tuple(row[name] for name in _KEY) not in there]
    if known:
        same = [c.day == bindparam("day_"), c.commune == bindparam("commune_"), c.what == bindparam("what_")]
        same += [c.trade == bindparam("trade_"), c.target_group == bindparam("target_group_")]
        named = [{**{f"{name}_": row[name] for name in _KEY}, "more": row["more"]} for row in known]
        db.execute(f.tallies.update().where(*same).values(n=c.n + bindparam("more")), named)
    if fresh:
        db.execute(f.tallies.insert(), [{**{name: row[name] for name in _KEY}, "n": row["more"]} for row in fresh])
