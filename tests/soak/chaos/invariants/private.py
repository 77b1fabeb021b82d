"""Nobody's name or number stands in the clear anywhere; of who was erased nothing stands at all."""

import re
from collections.abc import Iterable

from soak.chaos.evidence import Evidence

PHONE = re.compile(r"0900\s?000\s?\d{3}")


def _marks(e: Evidence) -> list[str]:
    return [name for p in e.people for name in p.names]


def erased_are_gone(e: Evidence) -> list[str]:
    """No row opens to the name of somebody who was told that all is erased; their leads and talk are gone."""
    gone = {n.lower(): p.number for p in e.people if p.erased for n in p.names}
    faults = []
    for table, rows in e.rows.items():
        for row in rows:
            said = " ".join(v for v in row.values() if isinstance(v, str)).lower()
            faults += [f"{table}: person {gone[w]}, erased, in row {row.get('id')}" for w in words(said) if w in gone]
    return faults


def words(text: str) -> Iterable[str]:
    """Its runs of letters."""
    return re.findall(r"[a-zà-ỹ]+", text)


def sealed_at_rest(e: Evidence) -> list[str]:
    """The database's own bytes hold nobody's name."""
    faults = []
    marks = {m.lower().encode() for m in _marks(e)}
    for name, raw in e.raw:
        found = marks & set(re.findall(rb"q[a-z]{6,}", raw.lower()))
        faults += [f"{name}: {len(found)} names stand in the clear"] if found else []
    return faults


def logs_are_silent(e: Evidence) -> list[str]:
    """No name, phone, token or words of a talk in any log line."""
    faults = []
    marks = {m.lower() for m in _marks(e)} | {p.key.lower() for p in e.people if p.channel == "web"}
    for name, log in e.logs.items():
        for line in log.splitlines():
            low = line.lower()
            if marks & set(re.findall(r"[\w-]+", low)) or PHONE.search(low) or "lò thị" in low:
                faults.append(f"log of {name}: {line[:160]}")
    return faults


CHECKS = (erased_are_gone, sealed_at_rest, logs_are_silent)
