"""An announcement reaches each recipient at most once, nobody who stopped, and its ledger adds up."""

from collections import Counter
from datetime import timedelta

from soak.chaos.evidence import Evidence, Row
from soak.chaos.invariants.answering import IN_FLIGHT

ON_ITS_WAY = timedelta(seconds=3)


def at_most_once(e: Evidence) -> list[str]:
    """By what people saw."""
    faults = []
    for person in e.people:
        for mark in e.run.announced:
            times = sum(mark in s.text for s in person.seen)
            if times > 1:
                faults.append(f"person {person.number} ({person.channel}) got {mark} {times} times")
    return faults


def nobody_after_stopping(e: Evidence) -> list[str]:
    """Who was told that nothing comes any more, or that all is erased, gets nothing any more.

    But what was claimed and on its way in that moment: it is not called back.
    """
    faults = []
    for person in e.people:
        told = min((at for at in (person.stopped, person.erased) if at), default=None)
        late = [
            s for s in person.seen if told and s.at > told + ON_ITS_WAY and any(m in s.text for m in e.run.announced)
        ]
        faults += [f"person {person.number} ({person.channel}) stopped at {told:%X}, got it at {s.at:%X}" for s in late]
    return faults


def ledger_is_the_wire(e: Evidence) -> list[str]:
    """A row that says sent was seen; a row that says otherwise was not; unknown ones are few."""
    faults, unknown = [], 0
    by_contact = {c["id"]: (c["channel"], c["external"]) for c in e.rows["contacts"]}
    seen = {(p.channel, p.key): [s.text for s in p.seen] for p in e.people}
    texts = {a["id"]: next((m for m in e.run.announced if m in a["text"]), "") for a in e.rows["announcements"]}
    for row in e.rows["announcement_recipients"]:
        mark, who = texts.get(row["announcement_id"], ""), by_contact.get(row["contact_id"])
        unknown += row["state"] == "unknown"
        if not mark or who is None or row["state"] == "unknown":
            continue
        got = any(mark in text for text in seen.get(who, ()))
        if got != (row["state"] == "sent"):
            faults.append(f"recipient {row['id']} of {mark} ({who[0]}): the row says {row['state']}, seen: {got}")
    most = e.spoilt + IN_FLIGHT * (e.starts + e.run.hangs)
    return faults + ([f"{unknown} recipients of unknown fate, {most} at most"] if unknown > most else [])


def ledger_adds_up(e: Evidence) -> list[str]:
    """One row a person; none is left on the wire; none sent twice by two rows of one contact."""
    faults = []
    for one in e.rows["announcements"]:
        rows = [r for r in e.rows["announcement_recipients"] if r["announcement_id"] == one["id"]]
        people = Counter(r["person_id"] for r in rows if r["person_id"] is not None)
        faults += [f"announcement {one['id']}: person {p} has {n} rows" for p, n in people.items() if n > 1]
        sent = Counter(
            r["contact_id"] for r in rows if r["contact_id"] is not None and r["state"] in ("sent", "unknown")
        )
        faults += [f"announcement {one['id']}: contact {c} in {n} sent rows" for c, n in sent.items() if n > 1]
        begun = one["state"] in ("scheduled", "running")
        left = [r for r in rows if r["state"] == "sending" or (begun and _due(r, one))]
        faults += [f"announcement {one['id']} ({one['state']}): {len(left)} rows wait, as {left[0]}"] if left else []
    return faults


def _due(row: Row, one: Row) -> bool:
    return row["state"] == "waiting" and row["wave"] <= one["wave"]


CHECKS = (at_most_once, nobody_after_stopping, ledger_is_the_wire, ledger_adds_up)
