"""What is left after a run, as plain rows and lists: read from the tables themselves, not through the program."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from soak.chaos.records import Person, Run
from sqlalchemy import select, text

from bot import wiring
from bot.settings import Settings
from bot.store import (  # noqa: F401 - each adds its tables
    announcement_tables,
    desk_tables,
    figures_tables,
    follow_tables,
    learning_tables,
    people_tables,
)
from bot.store import tables as t
from bot.store.crypto import Cipher
from bot.store.engines import connect
from bot.store.records import reply_of
from bot.store.sealed import BY_NAME, LABELS

if TYPE_CHECKING:
    from soak.chaos.run import Town

Row = dict[str, Any]
SENDS = frozenset({"sendMessage", "sendPhoto", "cs"})


@dataclass
class Evidence:
    """The rows with their sealed columns opened; `text` of an outgoing message is what it says."""

    rows: dict[str, list[Row]]
    people: list[Person]
    run: Run = field(default_factory=Run)
    logs: dict[str, str] = field(default_factory=dict)
    raw: list[tuple[str, bytes]] = field(default_factory=list)
    histories: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    most_mib: dict[str, float] = field(default_factory=dict)
    hung: frozenset[str] = frozenset()  # processes that hung for longer than a lease
    endings: dict[str, int] = field(default_factory=dict)
    database_faults: list[str] = field(default_factory=list)
    spoilt: int = 0  # sends that a platform answered with an error, late, or not at all
    vain: set[str] = field(default_factory=set)  # updates whose answer's own reply Telegram refused or never got
    renewals: list[tuple[datetime, int]] = field(default_factory=list)  # of Zalo's token: when, and what was refused
    starts: int = 1  # processes in all
    settled: bool = True
    pending: list[int] = field(default_factory=list)
    desk: dict[str, int] = field(default_factory=dict)

    def contact(self, person: Person) -> Row | None:
        """Their row."""
        if not hasattr(self, "_contacts"):
            self._contacts = {(c["channel"], c["external"]): c for c in self.rows["contacts"]}
        return self._contacts.get((person.channel, person.key))

    def talk(self, contact: int) -> list[Row]:
        """All messages of a contact, by number."""
        if not hasattr(self, "_talks"):
            self._talks: dict[int, list[Row]] = {}
            for row in sorted(self.rows["messages"], key=lambda r: r["id"]):
                self._talks.setdefault(row["contact_id"], []).append(row)
        return self._talks.get(contact, [])

    def leads_of(self, name: str) -> list[Row]:
        """Leads of the person whose given name is this mark, each with its person's row under `person`."""
        if not hasattr(self, "_leads"):
            people = {p["id"]: p for p in self.rows["people"]}
            self._leads: dict[str, list[Row]] = {}
            for lead in self.rows["leads"]:
                who = people.get(lead["person_id"])
                if who is not None:
                    key = who["full_name"].split()[-1].lower()
                    self._leads.setdefault(key, []).append({**lead, "person": who})
        return self._leads.get(name.lower(), [])


def announcing(settings: Settings) -> int:
    """Recipients that a running announcement has still to reach in a wave that has begun."""
    engine = connect(settings.database_url or f"sqlite:///{settings.data_dir / wiring.DATABASE}")
    query = (
        "SELECT count(*) FROM announcement_recipients r JOIN announcements a ON a.id = r.announcement_id "
        "WHERE a.state IN ('scheduled', 'running') AND r.wave <= a.wave AND r.state IN ('waiting', 'sending')"
    )
    try:
        with engine.connect().execution_options(reading=True) as db:
            return int(db.execute(text(query)).scalar() or 0)
    finally:
        engine.dispose()


def opened(town: "Town") -> Evidence:
    """Read everything."""
    settings = town.settings()
    path = settings.data_dir / wiring.DATABASE
    engine = connect(settings.database_url or f"sqlite:///{path}")
    cipher = Cipher(settings.secret_key)
    rows: dict[str, list[Row]] = {}
    with engine.connect() as db:
        for table in t.metadata.sorted_tables:
            rows[table.name] = [_row(cipher, table.name, dict(r)) for r in db.execute(select(table)).mappings()]
        faults = []
        if not town.cluster:
            faults = [r[0] for r in db.execute(text("PRAGMA integrity_check")) if r[0] != "ok"]
            faults += [str(r) for r in db.execute(text("PRAGMA foreign_key_check"))]
    engine.dispose()
    found = Evidence(rows, town.people, town.run, histories=town.histories, database_faults=faults)
    found.logs = {n: m.log.read_text(errors="replace") for n, m in town.machines.items()}
    found.raw = _raw(path) if not town.cluster else []
    found.most_mib = {n: m.most_kib / 1024 for n, m in town.machines.items() if m.kind == "serve"}
    found.hung = frozenset(act.who for act in town.plan.acts if act.what == "hang")
    found.endings, found.settled = town.endings, town.settled
    found.starts = sum(m.starts for m in town.machines.values())
    found.spoilt = _spoilt(town)
    found.vain = _vain(town) if town.plan.rides else set()  # through the API every refusal is seen
    found.renewals = [(c.at, c.code) for c in town.zalo.calls if c.method == "token"]
    found.pending, found.desk = town.telegram_pending, town.desk
    return found


def _row(cipher: Cipher, table: str, row: Row) -> Row:
    for column, value in row.items():
        place = f"{table}.{column}"
        if isinstance(value, bytes) and place in LABELS:
            row[column] = cipher.open(value, LABELS[place])
        elif isinstance(value, bytes) and place in BY_NAME:
            row[column] = "(token)"
    if table == "messages":
        row["text"] = reply_of(row["body"]).text if row["outgoing"] else row["body"]
    return row


def _raw(path: Path) -> list[tuple[str, bytes]]:
    return [(p.name, p.read_bytes()) for p in sorted(path.parent.glob(f"{path.name}*")) if p.is_file()]


def _vain(town: "Town") -> set[str]:
    """Where replies ride in webhooks' answers: those that were refused, and those of updates that an answer never
    reached Telegram for. An answer that left whole may be lost in the web server before the program: it never knows.
    """
    lost = {str(d.update_id) for d in town.telegram.updates.deliveries if d.status != 200}
    return town.world.vain | lost


def _spoilt(town: "Town") -> int:
    """Requests to send that went wrong in any way, and those that were broken off after they were taken."""
    refused = sum(1 for c in town.telegram.calls if c.method in SENDS and c.code)
    refused += sum(1 for c in town.zalo.calls if c.method in SENDS and c.code)
    return refused + town.run.cuts
